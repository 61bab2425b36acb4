// The code of the pages. `typeErrors` gives it to the compiler in files whose lines are those of the page, all else being
// blank: the line of an error is the line of the page.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { files, root } from "./files.js";

export interface Page {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

export interface Block {
  readonly page: string;
  /** The word after the fence; empty without one. */
  readonly language: string;
  /** The first line of the code, from 1. */
  readonly line: number;
  readonly code: string;
  /** Code that readers do not see, in a comment `<!-- setup` directly before the block. */
  readonly setup?: { readonly line: number; readonly code: string };
  /** What other blocks of the page import it as: a comment `<!-- file lib/db.ts`, or a first line `// lib/auth.ts`. */
  readonly file?: string;
}

/** The pages that users read. */
export function pages(): readonly Page[] {
  return files()
    .filter((path) => /^(?:[A-Z]+\.md|docs\/.*\.md|packages\/[^/]+\/README\.md)$/.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** The fenced blocks of a page, and the hidden files that its blocks import. */
export function blocksOf({ path, text }: Page): readonly Block[] {
  const found = text.matchAll(
    /^(?:<!-- (?<hidden>setup|file (?<file>\S+))| *```(?<language>\w*)[^\n]*)\n(?<code>.*?)^(?:-->| *```)$/gms,
  );
  const blocks: Block[] = [];
  let setup: (NonNullable<Block["setup"]> & { readonly end: number }) | undefined;
  for (const { 0: whole, index, groups = {} } of found) {
    const { hidden, language = "ts", code = "" } = groups;
    const line = text.slice(0, index).split("\n").length + 1;
    const end = index + whole.length;
    if (hidden === "setup") {
      setup = { line, code, end };
      continue;
    }
    const file = groups["file"] ?? /^ *\/\/ ([\w./[\]@-]+\.tsx?)\n/.exec(code)?.[1];
    const isDirectlyBefore = setup !== undefined && text.slice(setup.end, index).trim() === "";
    blocks.push({
      page: path,
      language,
      line,
      code,
      ...(setup !== undefined && isDirectlyBefore && { setup }),
      ...(file !== undefined && { file }),
    });
    setup = undefined;
  }
  return blocks;
}

const compiled = new Set(["ts", "tsx", "js", "jsx"]);

/** What TypeScript says of the blocks, as `docs/modes.md:12:5 error TS2304: …`. */
export function typeErrors(blocks: readonly Block[]): readonly string[] {
  const folder = join(root, ".cache/blocks");
  rmSync(folder, { recursive: true, force: true });
  linkNested(join(folder, "node_modules"));
  const pageOf = new Map<string, string>();
  for (const block of blocks.filter(({ language }) => compiled.has(language))) {
    const base = block.page.replaceAll("/", "__");
    let path = join(folder, base, block.file ?? `line-${block.line}.${block.language}`);
    // Beside the other version of the file, whose neighbours it imports.
    if (existsSync(path)) path = join(dirname(path), `line-${block.line}.${block.language}`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents(block, relative(dirname(path), join(folder, base)) || "."));
    pageOf.set(relative(root, path), block.page);
  }
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { stdout, stderr } = spawnSync(process.execPath, [tsc, "-p", folder, "--pretty", "false"], {
    cwd: root,
    encoding: "utf8",
  });
  if (stderr !== "") throw new Error(stderr);
  return stdout
    .split(/\n(?=\S)/)
    .filter((error) => error.trim() !== "")
    .map((error) =>
      error.trimEnd().replace(/^(.+)\((\d+),(\d+)\): /, (_, path: string, line: string, column: string) => {
        return `${pageOf.get(path) ?? path}:${line}:${column} `;
      }),
    );
}

/** @param toPage the way from the file's folder to that of the page, which stands for the `@/` of Next.js */
function contents({ file, line, code, setup }: Block, toPage: string): string {
  const lines: string[] = [];
  if (setup !== undefined) lines[setup.line - 1] = setup.code.trimEnd();
  const start = lines.join("\n").split("\n").length;
  const text = `${lines.join("\n")}${"\n".repeat(line - (lines.length === 0 ? 1 : start))}${code}`;
  const isAmbient = file?.endsWith(".d.ts") === true;
  return `${text.replaceAll(/"@\/([^"]+)"/g, `"${toPage}/$1.ts"`)}${isAmbient ? "" : "export {};\n"}`;
}

const settings = {
  extends: "../../tsconfig.base.json",
  compilerOptions: {
    noEmit: true,
    allowJs: true,
    checkJs: true,
    jsx: "react-jsx",
    lib: ["es2023", "dom", "dom.iterable"],
    customConditions: ["@authmodes/source"],
    isolatedDeclarations: false,
    declaration: false,
    declarationMap: false,
    sourceMap: false,
    // A block shows how a value is made, and leaves its use to the reader.
    noUnusedLocals: false,
    noUnusedParameters: false,
    // NestJS declares what it injects in the parameters of constructors.
    erasableSyntaxOnly: false,
  },
  include: ["."],
};

/** npm puts what two packages need in different versions below one of them, out of reach of the other files. */
function linkNested(target: string): void {
  for (const name of ["keys", "nestjs", "rules"]) {
    const nested = join(root, "packages", name, "node_modules");
    const packages = existsSync(nested) ? readdirSync(nested) : [];
    const names = packages.flatMap((entry) =>
      entry.startsWith("@") ? readdirSync(join(nested, entry)).map((part) => `${entry}/${part}`) : [entry],
    );
    for (const entry of names.filter((entry) => !existsSync(join(root, "node_modules", entry)))) {
      mkdirSync(dirname(join(target, entry)), { recursive: true });
      symlinkSync(join(nested, entry), join(target, entry));
    }
  }
}
