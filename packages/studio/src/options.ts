import { policyOf } from "@authmodes/core/inspect";
import type { Auth } from "@authmodes/core";
import type { Policy } from "@authmodes/rules";
import { fileURLToPath } from "node:url";

export interface StudioOptions {
  /** Off unless this is true: then the handler is as if it were not there. */
  readonly on?: boolean;
  /** The modes of the server, with its rules. */
  readonly auth: Auth;
  /** The file with the rules, such as `schema.graphql`. It may not exist yet. */
  readonly schemaFile: string | URL;
  /** The rules that the server decides by. Default: those that the auth was given. */
  readonly policy?: Policy;
  /** Where it is mounted: default `/_studio`. */
  readonly basePath?: string;
  /** Whether the page may write the file: default true, in production false. Without, it hands out the patch. */
  readonly write?: boolean;
  /**
   * The mode, or modes, by which people who open it prove who they are. Required in production. Without it a link
   * opens it, on this machine alone and not through a proxy.
   */
  readonly mode?: string | readonly string[];
  /** The groups of which they have to be in one. Required with `mode`. */
  readonly groups?: readonly string[];
}

/** Options that were checked, with their defaults. */
export interface Settings {
  readonly on: boolean;
  readonly auth: Auth;
  readonly path: string;
  readonly policy: Policy | undefined;
  readonly basePath: string;
  readonly write: boolean;
  readonly production: boolean;
  /** Undefined if it is off, and if a link opens it. */
  readonly people: People | undefined;
}

/** Who may open it. */
export interface People {
  readonly auth: Auth;
  readonly groups: readonly string[];
}

const optionNames = ["on", "auth", "schemaFile", "policy", "basePath", "write", "mode", "groups"];
const basePathShape = /^(?:\/[\w.~%-]+)+$/;

/** @throws TypeError that says what to write instead */
export function checkOptions(options: StudioOptions): Settings {
  const unknown = Object.keys(options).find((name) => !optionNames.includes(name));
  must(unknown === undefined, `there is no option '${unknown}'; there are ${optionNames.join(", ")}`);
  const { on = false, auth, schemaFile, basePath = "/_studio" } = options;
  const production = process.env["NODE_ENV"] === "production";
  must(typeof on === "boolean", "on is true or false, such as process.env.STUDIO === '1'");
  must(
    typeof auth?.authenticate === "function" && typeof auth.describe === "function",
    "auth is what createAuth() returns",
  );
  must(
    typeof schemaFile === "string" || schemaFile instanceof URL,
    "say schemaFile, the path of the file with the rules, such as 'schema.graphql'",
  );
  must(
    basePathShape.test(basePath),
    `basePath begins with a slash and ends without one, such as '/_studio', not '${basePath}'`,
  );
  must(options.write === undefined || typeof options.write === "boolean", "write is true or false");
  const people = on ? checkPeople(options, production) : undefined;
  const path = typeof schemaFile === "string" ? schemaFile : fileURLToPath(schemaFile);
  const policy = rulesOf(options.policy) ?? rulesOf(policyOf(auth));
  return { on, auth, path, policy, basePath, write: options.write ?? !production, production, people };
}

function checkPeople({ auth, mode, groups }: StudioOptions, production: boolean): People | undefined {
  if (mode === undefined && groups === undefined) {
    must(
      !production,
      "in production say who may open it: the mode by which they prove who they are and the groups " +
        "of which they have to be in one, such as mode: 'userPool', groups: ['Admins']",
    );
    return undefined;
  }
  must(
    mode !== undefined && mode.length > 0,
    "groups alone prove nothing: also say mode, such as mode: 'userPool'",
  );
  must(
    Array.isArray(groups) &&
      groups.length > 0 &&
      groups.every((group) => typeof group === "string" && group !== ""),
    "a mode alone lets in everybody who has it: also say groups, such as groups: ['Admins']",
  );
  const modes = typeof mode === "string" ? [mode] : mode;
  return { auth: auth.only(...modes), groups };
}

/** Rules that can be shown: those that `createPolicy` made. */
function rulesOf(policy: unknown): Policy | undefined {
  const isRules =
    typeof policy === "object" &&
    policy !== null &&
    "schema" in policy &&
    "options" in policy &&
    "matrix" in policy;
  return isRules ? (policy as Policy) : undefined;
}

function must(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new TypeError(`createStudio(): ${sentence}`);
}
