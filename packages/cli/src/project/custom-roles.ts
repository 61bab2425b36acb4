import { again } from "../again.ts";
import { type Io, printable, UsageError } from "../io.ts";
import { asObject, parseJson } from "../values.ts";

export function isCustomRoles(text: string): boolean {
  return rolesIn(text) !== undefined;
}

/**
 * Amplify's `custom-roles.json`, for the option `adminRoles` of the rules.
 * @param env what `${env}` stands for
 * @throws UsageError
 */
export function readCustomRoles(
  text: string,
  path: string,
  env: string | undefined,
  io: Io,
): readonly string[] {
  const names = rolesIn(text);
  if (!Array.isArray(names) || !names.every((name) => typeof name === "string")) {
    throw new UsageError(`${printable(path)} is no custom-roles.json: { "adminRoleNames": ["my-role"] }`);
  }
  const placeholder = names.find((name) => /^<.*>$/.test(name) || name === "");
  if (placeholder !== undefined) {
    throw new UsageError(
      `${printable(path)} holds the placeholder ${printable(placeholder)}; put the name of the role there`,
    );
  }
  if (env === undefined && names.some((name) => name.includes("${env}"))) {
    throw new UsageError(`${printable(path)} uses \${env}. Say which it is:\n  ${again(io, "--env", "dev")}`);
  }
  return names.map((name) => name.replaceAll("${env}", env ?? ""));
}

function rolesIn(text: string): unknown {
  return asObject(parseJson(text))?.["adminRoleNames"];
}
