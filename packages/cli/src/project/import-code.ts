import { argumentNames, type ImportedMode } from "./amplify.ts";
import { accessKeysCode, findAccessKey, literal, objectOf, storedKeysCode } from "./code.ts";

/** What is known of a server that is imported. */
export interface Imported {
  /** The file as the module names it, or what was read from code. */
  readonly source: { readonly file: string } | object;
  readonly api: string | undefined;
  readonly also: readonly string[];
  readonly modes: readonly ImportedMode[];
  readonly schema: string | undefined;
  readonly adminRoles: readonly string[];
}

/** The module that exports `auth`. */
export function importedCode(imported: Imported): string {
  const { modes, schema, adminRoles } = imported;
  const kinds = new Set(modes.map(({ argument }) => argument?.kind));
  const module = modules(imported).map(([from]) => from);
  const imports = [
    ...(readsFiles(imported) ? ['import { readFileSync } from "node:fs";'] : []),
    'import { fromAmplify } from "@authmodes/amplify";',
    ...(schema === undefined
      ? []
      : [
          'import { createPolicy } from "@authmodes/rules";',
          'import { parseSchema } from "@authmodes/rules/sdl";',
        ]),
    ...module.map((from) => `import { authorizer } from ${literal(from)};`),
  ];
  const parts = [
    `${imports.join("\n")}\n`,
    ...(kinds.has("storedKeys") ? [storedKeysCode] : []),
    ...(kinds.has("accessKeys") ? [accessKeysCode] : []),
    ...(adminRoles.length === 0 ? [] : [adminRolesCode(adminRoles, schema === undefined)]),
    ...(schema === undefined ? [] : [policyCode(schema, adminRoles.length > 0)]),
    `/** Who may call. */\nexport const auth = await fromAmplify(${sourceCode(imported)}, ${optionsCode(imported)});\n`,
  ];
  return parts.join("\n");
}

function modules({ modes }: Imported): readonly (readonly [from: string])[] {
  return modes.flatMap(({ argument }) =>
    argument?.kind === "authorizer" && !isUrl(argument.from) ? [[argument.from] as const] : [],
  );
}

function isUrl(text: string): boolean {
  return /^https?:/.test(text);
}

function readsFiles({ source, schema }: Imported): boolean {
  return "file" in source || schema !== undefined;
}

function adminRolesCode(roles: readonly string[], isAlone: boolean): string {
  const note = isAlone ? " Give them to your rules: createPolicy(schema, { adminRoles })." : "";
  return `/** They stand above all rules.${note} */\n${isAlone ? "export " : ""}const adminRoles = ${literal(roles)};\n`;
}

function policyCode(schema: string, hasRoles: boolean): string {
  const options = hasRoles ? ", { adminRoles }" : "";
  return `/** Who may do what. */\nconst policy = createPolicy(parseSchema(${fileCode(schema)})${options});\n`;
}

function fileCode(path: string): string {
  return `readFileSync(new URL(${literal(path)}, import.meta.url), "utf8")`;
}

function sourceCode({ source }: Imported): string {
  return "file" in source ? fileCode(source.file) : literal(source);
}

function optionsCode({ api, also, modes, schema }: Imported): string {
  const entries: (readonly [string, string])[] = [];
  if (api !== undefined) entries.push(["api", literal(api)]);
  if (also.length > 0) entries.push(["additionalModes", literal(also)]);
  for (const { mode, argument } of modes) {
    if (argument !== undefined) entries.push([argumentNames[mode], argumentCode(argument)]);
  }
  if (schema !== undefined) entries.push(["policy", "policy"]);
  return objectOf(entries);
}

function argumentCode(argument: NonNullable<ImportedMode["argument"]>): string {
  switch (argument.kind) {
    case "data":
      return literal(argument.value);
    case "storedKeys":
      return "storedKeys";
    case "accessKeys": {
      const region = argument.region === undefined ? "" : `region: ${literal(argument.region)}, `;
      return `{ ${region}credentials: ${findAccessKey} }`;
    }
    case "authorizer": {
      const authorizer = isUrl(argument.from)
        ? `authorizer: { url: ${literal(argument.from)} }`
        : "authorizer";
      return `{ ${authorizer}${argument.event === undefined ? "" : `, event: ${literal(argument.event)}`} }`;
    }
  }
}

/** What is left to do. */
export function importNotes(imported: Imported): readonly string[] {
  const notes: string[] = [];
  for (const { mode, argument } of imported.modes) {
    if (mode === "apiKey" && argument === undefined) {
      notes.push("The API key of the file stays good, for ever; --without apiKey leaves it out.");
    }
    if (argument?.kind === "storedKeys") {
      notes.push(
        "API_KEYS holds the stored keys, a list in JSON: authmodes keys new --expires-in-days 90 --json",
      );
    }
    if (argument?.kind === "accessKeys") {
      notes.push(
        "ACCESS_KEYS holds the access keys by id, in JSON; only Amazon has those of its identity pools.",
      );
    }
  }
  if (imported.adminRoles.length > 0 && imported.schema === undefined) {
    notes.push(
      "adminRoles is for the rules: give --schema schema.graphql, or createPolicy(schema, { adminRoles }).",
    );
  }
  notes.push("authmodes check tells whether it starts.");
  return notes;
}
