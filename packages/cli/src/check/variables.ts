import type { Finding } from "@authmodes/rules";
import { textIfThere } from "../files.ts";
import type { Io } from "../io.ts";

/** The variables that the code of `init` and `import` reads. An auth shows only that a function finds its keys. */
const variables = [
  {
    mode: "iam",
    name: "ACCESS_KEYS",
    value: '{ "AKIA…": { "secretAccessKey": "…", "accountId": "…", "userArn": "arn:…" } }',
  },
  { mode: "lambda", name: "AUTHORIZER_TOKEN", value: "the token that the authorizer accepts" },
];

/**
 * Finds variables without credentials: the server starts, and rejects every request of the mode.
 * @param path the module with the auth; the authorizer of `init` is beside it
 */
export async function emptyVariables(
  modes: readonly string[],
  path: string,
  io: Io,
): Promise<readonly Finding[]> {
  const files = [path, path.replace(/auth(\.[cm]?[jt]s)$/, "authorizer$1")];
  const code = (await Promise.all(files.map((file) => textIfThere(file, io)))).join("\n");
  return variables
    .filter(({ mode, name }) => modes.includes(mode) && isRead(name, code) && isEmpty(process.env[name]))
    .map(({ mode, name, value }) => ({
      code: "variable-empty",
      level: "warning",
      message: `${mode}: the variable ${name} is empty, so every request of this mode is rejected`,
      mend: `name the file that sets it: --env-file .env; or set it to ${value}`,
    }));
}

function isRead(name: string, code: string): boolean {
  return new RegExp(String.raw`\benv(?:\.|\[["'])${name}\b`).test(code);
}

/** Also an object of JSON without members. */
function isEmpty(value = ""): boolean {
  return /^\s*(?:\{\s*\}\s*)?$/.test(value);
}
