import { type ApiDescription, argumentOf } from "@authmodes/amplify";
import type { ModeName } from "../outgoing/source.ts";
import { canMatch } from "./custom-roles.ts";
import { accessKeysCode, joined, literal, objectOf, storedKeysCode } from "./code.ts";
import { type ImportedMode, isUrl } from "./import-modes.ts";
import { printable } from "../io.ts";

/** A server that is imported. */
export interface Imported {
  /** The file, or what was read from code. */
  readonly source: { readonly file: string } | object;
  readonly api: string | undefined;
  readonly description: ApiDescription;
  /** Whether guests of the identity pool are accepted, if a flag says so. */
  readonly guests: "accept" | "reject" | undefined;
  readonly also: readonly string[];
  readonly modes: readonly ImportedMode[];
  /** A URL, or the module as the written one names it. */
  readonly authorizer: string | undefined;
  /** Whether that module is still to be written. */
  readonly lacksAuthorizer: boolean;
  readonly schema: string | undefined;
  readonly adminRoles: readonly string[];
  /** Whether the written module is a CommonJS one after compilation, which cannot await. */
  readonly isCommonJs: boolean;
}

/** The module that exports `auth`. */
export function importedCode(imported: Imported): string {
  const { source, authorizer, schema, adminRoles, isCommonJs } = imported;
  const importsAuthorizer = argumentFor("lambda", imported) !== undefined && !isUrl(authorizer ?? "");
  const imports = joined(
    ("file" in source || schema !== undefined) && 'import { readFileSync } from "node:fs";',
    'import { fromAmplify } from "@authmodes/amplify";',
    schema !== undefined && 'import { createPolicy } from "@authmodes/rules";',
    schema !== undefined && 'import { parseSchema } from "@authmodes/rules/sdl";',
    importsAuthorizer && `import { authorizer } from ${literal(authorizer)};`,
  );
  return joined(
    `${imports}\n`,
    argumentFor("apiKey", imported) !== undefined && storedKeysCode,
    argumentFor("iam", imported) !== undefined && accessKeysCode,
    adminRoles.length > 0 && adminRolesCode(adminRoles, schema === undefined),
    schema !== undefined && policyCode(schema, adminRoles.length > 0),
    `/** The modes that callers can use${isCommonJs ? ", as a promise" : ""}. */\nexport const auth = ${isCommonJs ? "" : "await "}fromAmplify(${sourceCode(imported)}, ${optionsCode(imported)});\n`,
  );
}

/** The code of the argument for a mode; undefined if there is none, or if it leaves the mode out. */
function argumentFor(name: ModeName, { modes }: Imported): string | undefined {
  return modes.find(({ mode, code }) => mode === name && code !== "null")?.code;
}

function adminRolesCode(roles: readonly string[], isAlone: boolean): string {
  const note = isAlone ? " Give them to your rules: createPolicy(schema, { adminRoles })." : "";
  return `/** Callers with these roles are allowed everything.${note} */\n${isAlone ? "export " : ""}const adminRoles = ${literal(roles)};\n`;
}

function policyCode(schema: string, hasRoles: boolean): string {
  const options = hasRoles ? ", { adminRoles }" : "";
  return `/** The rules. */\nconst policy = createPolicy(parseSchema(${fileCode(schema)})${options});\n`;
}

/** Paths start from the folder that the server is started in: compilers put modules elsewhere. */
function fileCode(path: string): string {
  return `readFileSync(${literal(path)}, "utf8")`;
}

function sourceCode({ source }: Imported): string {
  return "file" in source ? fileCode(source.file) : literal(source);
}

function optionsCode({ api, also, modes, schema }: Imported): string {
  const entries: (readonly [string, string])[] = [];
  if (api !== undefined) entries.push(["api", literal(api)]);
  if (also.length > 0) entries.push(["additionalModes", literal(also)]);
  for (const { mode, code } of modes) if (code !== undefined) entries.push([argumentOf[mode], code]);
  if (schema !== undefined) entries.push(["policy", "policy"]);
  return objectOf(entries);
}

/** What the user has to know or to do. */
export function importNotes(imported: Imported): readonly string[] {
  const notes: string[] = [];
  const { adminRoles, schema, isCommonJs, modes } = imported;
  if (isCommonJs) {
    notes.push(
      "auth is a promise, since the project has CommonJS modules. NestJS takes it by " +
        "AuthModesModule.forRootAsync({ useFactory: async () => ({ auth: await auth }) }).",
    );
  }
  if (modes.some(({ mode, code }) => mode === "apiKey" && code === undefined)) {
    notes.push("The API key of the file is accepted, without expiry; --without apiKey omits it.");
  }
  if (argumentFor("apiKey", imported) !== undefined) {
    notes.push(
      "API_KEYS holds the stored keys, a list in JSON; newApiKey() makes one. For keys of AWS: npx authmodes keys import.",
    );
  }
  if (argumentFor("iam", imported) !== undefined) {
    notes.push(
      "ACCESS_KEYS holds the access keys by id, in JSON. Only AWS has those of its identity pools; " +
        "@authmodes/identity-pool makes a pool of your own.",
    );
  }
  if (imported.lacksAuthorizer) {
    notes.push("The module of --authorizer is not there yet: it exports the function authorizer.");
  }
  notes.push(...callerNotes(imported));
  for (const name of adminRoles.filter((role) => !canMatch(role))) {
    notes.push(
      `The role ${printable(name)} matches no caller: names are compared whole, with the ARN or its parts; write the role's name.`,
    );
  }
  if (adminRoles.length > 0 && schema === undefined) {
    notes.push(
      "adminRoles is for the rules: give --schema schema.graphql, or createPolicy(schema, { adminRoles }).",
    );
  }
  notes.push(
    "Test it: npx authmodes check",
    "Guard your server with it: authenticate(auth) in Express, Koa, Fastify and Hono, AuthModesModule.forRoot({ auth }) in " +
      "NestJS, createNextAuth(auth) in Next.js.",
  );
  return notes;
}

/** What the file says about the callers, and what it leaves open. */
function callerNotes(imported: Imported): readonly string[] {
  const { description, guests, modes } = imported;
  const { kind, signsByDefault, hasUserPool } = description;
  const serves = (name: ModeName) => modes.some(({ mode, code }) => mode === name && code !== "null");
  const notes: string[] = [];
  if (serves("iam") && guests === undefined && !description.guests) {
    notes.push(
      "Guests of the identity pool are rejected, as the file says: a key that ACCESS_KEYS marks as a guest's " +
        '(cognito.authType "unauthenticated") is not accepted. To accept them: --guests accept',
    );
  }
  if (kind === "AppSync") return notes;
  const name = printable(description.name);
  if (serves("iam") && signsByDefault && hasUserPool && !serves("userPool")) {
    notes.push(
      `The file names no mode for ${name}. Amplify JS signs then, so the mode is iam. Apps with a user pool usually send ` +
        "its id token in Authorization instead; for those: --also userPool --without iam",
    );
  }
  if (serves("userPool")) {
    notes.push(
      `userPool accepts access tokens. Clients of ${name} usually send the id token if API Gateway checks no scopes ` +
        `(Amplify JS); for those, write userPool: { tokenUse: "id" } in the options of fromAmplify, or "both".`,
    );
  }
  return notes;
}
