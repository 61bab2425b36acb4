import { readConfiguration } from "@authmodes/amplify";
import { again } from "../again.ts";
import { type Io, printable, UsageError } from "../io.ts";
import { asObject } from "../values.ts";
import { reading } from "./import-modes.ts";

/** The flags for what a name can contain. */
export interface RoleVariables {
  readonly env?: string;
  readonly appId?: string;
}

export function isCustomRoles(text: string): boolean {
  try {
    return rolesIn(text) !== undefined;
  } catch {
    return false; // the reader of configurations says why
  }
}

/**
 * Amplify's `custom-roles.json`, for the option `adminRoles` of the rules.
 * @throws UsageError
 */
export function readCustomRoles(text: string, path: string, given: RoleVariables, io: Io): readonly string[] {
  const names = reading(path, () => rolesIn(text));
  if (!Array.isArray(names) || !names.every((name) => typeof name === "string")) {
    throw new UsageError(`${printable(path)} is no custom-roles.json: { "adminRoleNames": ["my-role"] }`);
  }
  const placeholder = names.find((name) => /^<.*>$/.test(name) || name === "");
  if (placeholder !== undefined) {
    throw new UsageError(
      `${printable(path)} holds the placeholder ${printable(placeholder)}; put the name of the role there`,
    );
  }
  return names.map((name) =>
    name.replaceAll(/\$\{(\w*)\}/g, (_, word: string) => valueOf(word, path, given, io)),
  );
}

const flags = { env: ["--env", "dev"], appId: ["--app-id", "d1a2b3c4d5e6f7"] } as const;

function valueOf(word: string, path: string, given: RoleVariables, io: Io): string {
  const what = `${printable(path)} uses \${${printable(word)}}`;
  if (word !== "env" && word !== "appId") {
    throw new UsageError(`${what}, which Amplify does not replace; write the name of the role`);
  }
  const value = given[word];
  if (value === undefined) throw new UsageError(`${what}. Say which it is:\n  ${again(io, ...flags[word])}`);
  return value;
}

/** Whether a name can be that of a caller. Names are compared whole, and an ARN has no unique id such as `AROA…`. */
export function canMatch(name: string): boolean {
  return !/[*?]|^A[A-Z]{3}[A-Z0-9]{6,}:/.test(name);
}

function rolesIn(text: string): unknown {
  return asObject(readConfiguration(text))?.["adminRoleNames"];
}
