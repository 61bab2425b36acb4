import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Block } from "./blocks.ts";
import { namesFor } from "./docstring-names.ts";
import { files, root } from "./files.js";
import type { PublicSymbol } from "./public-symbols.ts";

// The `@example` of docstrings. Readers see it beside the symbol, so that it needs no import of its package's own symbols,
// nor a declaration of what docstring-names.ts lists.

/** The examples in the sources of every package. */
export function docstringExamples(symbols: readonly PublicSymbol[]): readonly Block[] {
  const sources = files("packages").filter((path) =>
    /^packages\/[^/]+\/src\/.*(?<!\.test|\.test-d|\.d)\.ts$/.test(path),
  );
  return sources.flatMap((path) => examplesIn(path, readFileSync(join(root, path), "utf8"), symbols));
}

/** The examples of a source: with a fence, or up to the next tag. */
export function examplesIn(path: string, text: string, symbols: readonly PublicSymbol[]): readonly Block[] {
  const found = text.matchAll(
    /^ *\* @example *\n(?: *\* ```(?<language>\w+)\n(?<fenced>.*?)^ *\* ```$|(?<plain>.*?)(?=^ *\* @|^ *\*\/))/gms,
  );
  return [...found].map(({ index, groups = {} }) => {
    const { language = "ts", fenced, plain = "" } = groups;
    const code = (fenced ?? plain).replaceAll(/^ *\* ?/gm, "");
    const before = text.slice(0, index).split("\n").length;
    return {
      page: path,
      language,
      line: before + (fenced === undefined ? 1 : 2),
      code,
      setup: { line: 1, code: setupOf(path, code, symbols) },
    };
  });
}

/** One line, which imports and declares what the example uses without saying so. */
function setupOf(path: string, code: string, symbols: readonly PublicSymbol[]): string {
  const folder = path.split("/")[1] ?? "";
  const own = symbols.filter(({ package: name }) => name === folder);
  const isUsed = (name: string) => new RegExp(String.raw`(?<![.\w"'@/-])${name}\b`).test(code);
  const isDeclared = (name: string) =>
    new RegExp(
      String.raw`\b(?:const|let|function|class|interface|type) ${name}\b|(?:import|const|let) (?:\w+, )?(?:type )?[{[][^}\]]*\b${name}\b[^}\]]*[}\]]`,
    ).test(code);
  const isNeeded = (name: string) => isUsed(name) && !isDeclared(name);
  const roots = new Map(own.map((symbol) => [symbol.name.split(".")[0] ?? "", symbol]));
  const imports = [...roots]
    .filter(([name]) => isNeeded(name))
    .map(([name, { from, isType }]) => `import ${isType ? "type " : ""}{ ${name} } from "${from}";`);
  const declared = [...namesFor(path)].filter(([name]) => isNeeded(name) && !roots.has(name));
  return [...imports, ...declared.map(([, code]) => code)].join(" ");
}
