import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { root } from "../../scripts/files.js";

export interface Source {
  /** Below the folder that it is written to. */
  readonly path: string;
  readonly text: string;
}

export async function examples(): Promise<readonly Source[]> {
  const folder = join(root, "examples");
  const paths = (await readdir(folder)).filter((name) => /(?<!\.test)\.ts$/.test(name));
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(folder, path), "utf8") })));
}

/** A module of CommonJS cannot `await` at its top: what is not an import moves into a function. */
export function asFunction(source: string): string {
  const importing = /^import [^;]*;\n/gm;
  const exported: string[] = [];
  const body = source
    .replaceAll(importing, "")
    .replaceAll(/^export default class (\w+)/gm, (_text, name: string) => {
      exported.push(`default: ${name}`);
      return `class ${name}`;
    })
    .replaceAll(/^export default /gm, () => {
      exported.push("default: main");
      return "const main = ";
    })
    .replaceAll(/^export (function|const) (\w+)/gm, (_text, kind: string, name: string) => {
      exported.push(name);
      return `${kind} ${name}`;
    });
  const imports = source.match(importing)?.join("") ?? "";
  return `${imports}export async function load() {\n${body}\nreturn { ${exported.join(", ")} };\n}\n`;
}

/** What an example is called in each of its forms. */
export function nameOf({ path }: Source): string {
  return basename(path, ".ts");
}
