import { policyOf } from "@authmodes/core/inspect";
import type { Auth } from "@authmodes/core";
import type { Policy } from "@authmodes/rules";
import { fileURLToPath } from "node:url";

/** Options of `createStudio`. */
export interface StudioOptions {
  /** Turns the studio on. Default: false, and the handler answers nothing but 404. */
  readonly on?: boolean;
  /** What `createAuth` returned. */
  readonly auth: Auth;
  /** Path or file URL of the schema file with the rules, such as `schema.graphql`. It need not exist yet. */
  readonly schemaFile: string | URL;
  /** The rules that the server decides by. Default: the policy of the auth. */
  readonly policy?: Policy;
  /** The path of the studio. Default: `/_studio`. */
  readonly basePath?: string;
  /** Lets the page write the file; otherwise it offers a patch. Default: true, in production false. */
  readonly write?: boolean;
  /**
   * The mode, or modes, that verify the users of the studio. Required in production. Without it a printed link opens
   * the studio, only on this machine and not through a proxy.
   */
  readonly mode?: string | readonly string[];
  /** Users have to be in one of these groups. Required with `mode`. */
  readonly groups?: readonly string[];
  /** Whether to print the link to standard error. Default: true. Write false if you print `studio.link` with your port. */
  readonly printLink?: boolean;
}

/** Checked options with their defaults. */
export interface Settings extends Required<
  Pick<StudioOptions, "on" | "auth" | "basePath" | "write" | "printLink">
> {
  readonly path: string;
  readonly policy: Policy | undefined;
  readonly production: boolean;
  /** Undefined if the studio is off, and if a link opens it. */
  readonly people: People | undefined;
}

/** The users who can open the studio. */
export interface People {
  readonly auth: Auth;
  readonly groups: readonly string[];
}

const optionNames = "on auth schemaFile policy basePath write mode groups printLink".split(" ");
const basePathShape = /^(?:\/[\w.~%-]+)+$/;

/** @throws {TypeError} that says what to write instead */
export function checkOptions(options: StudioOptions): Settings {
  const unknown = Object.keys(options).find((name) => !optionNames.includes(name));
  must(unknown === undefined, `unknown option "${unknown}". The options are ${optionNames.join(", ")}`);
  const { on = false, auth, schemaFile, basePath = "/_studio", printLink = true } = options;
  const production = process.env["NODE_ENV"] === "production";
  must(typeof on === "boolean", "on is true or false, such as process.env.STUDIO === '1'");
  must(
    typeof auth?.authenticate === "function" && typeof auth.describe === "function",
    "auth is what createAuth() returns",
  );
  must(
    typeof schemaFile === "string" || schemaFile instanceof URL,
    "schemaFile is missing: the path of the file with the rules, such as 'schema.graphql'",
  );
  must(
    basePathShape.test(basePath),
    `basePath starts with a slash and ends without one, such as '/_studio', not '${basePath}'`,
  );
  must(typeof printLink === "boolean", "printLink is true or false");
  must(options.write === undefined || typeof options.write === "boolean", "write is true or false");
  const people = on ? checkPeople(options, production) : undefined;
  const path = typeof schemaFile === "string" ? schemaFile : fileURLToPath(schemaFile);
  const policy = rulesOf(options.policy) ?? rulesOf(policyOf(auth));
  const write = options.write ?? !production;
  return { on, auth, path, policy, basePath, write, production, people, printLink };
}

function checkPeople({ auth, mode, groups }: StudioOptions, production: boolean): People | undefined {
  if (mode === undefined && groups === undefined) {
    must(
      !production,
      "in production, mode and groups have to say who can open the studio, " +
        "such as mode: 'userPool', groups: ['Admins']",
    );
    return undefined;
  }
  must(
    mode !== undefined && mode.length > 0,
    "groups needs a mode that verifies the users, such as mode: 'userPool'",
  );
  must(
    Array.isArray(groups) &&
      groups.length > 0 &&
      groups.every((group) => typeof group === "string" && group !== ""),
    "mode alone would let in all its callers: add groups, such as groups: ['Admins']",
  );
  const modes = typeof mode === "string" ? [mode] : mode;
  return { auth: auth.only(...modes), groups };
}

/** Only rules of `createPolicy` can be shown. */
function rulesOf(policy: unknown): Policy | undefined {
  const isObject = typeof policy === "object" && policy !== null;
  const isRules = isObject && ["schema", "options", "matrix"].every((name) => name in policy);
  return isRules ? (policy as Policy) : undefined;
}

function must(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new TypeError(`createStudio(): ${sentence}`);
}
