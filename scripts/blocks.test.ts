import { buildProgram } from "../packages/cli/src/program.ts";
import type { Command } from "commander";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Block, blocksOf, pages, typeErrors } from "./blocks.ts";
import { root } from "./files.js";
import { docstringExamples, examplesIn } from "./docstring-examples.ts";
import { publicSymbols } from "./public-symbols.ts";

const all = pages().flatMap(blocksOf);
const symbols = publicSymbols();
const examples = docstringExamples(symbols);

describe("blocks of pages and examples of docstrings", () => {
  it("compile", () => {
    const wrong = blocksOf({
      path: "wrong.md",
      text: "# A page\n<!-- setup\nconst one = 1;\n-->\n\n```ts\nconst two: string = one;\n```\n",
    });
    const wrongExample = examplesIn(
      "packages/core/src/wrong.ts",
      "/**\n * Verifies.\n * @example\n * ```ts\n * hashApiKey(1);\n * ```\n */",
      symbols,
    );
    const expected = [
      expect.stringMatching(/^packages\/core\/src\/wrong\.ts:5:12 error TS2345: /),
      "wrong.md:7:7 error TS2322: Type 'number' is not assignable to type 'string'.",
    ];
    const errors = typeErrors([...all, ...examples, ...wrong, ...wrongExample]);
    const isExpected = (error: string) => /^(?:wrong\.md|packages\/core\/src\/wrong\.ts):/.test(error);
    expect(errors.filter((error) => !isExpected(error))).toEqual([]);
    expect(errors.filter(isExpected)).toEqual(expected);
  }, 60_000);

  it("parse, if they are JSON", () => {
    for (const { page, line, code } of all.filter(({ language }) => language === "json")) {
      // Members of an object are shown without it.
      const parse = () => void JSON.parse(/^\s*"/.test(code) ? `{${code}}` : code);
      expect(parse, `${page}:${line}`).not.toThrow();
    }
  });
});

interface Line {
  readonly place: string;
  readonly words: readonly string[];
}

/** The commands of shell blocks that start so, each without what its output is piped into. */
function commandLines({ page, line, code }: Block, start: RegExp): readonly Line[] {
  const lines = code.replaceAll("\\\n", "  ").split("\n");
  return lines.flatMap((text, i) => {
    const words = text.match(/<\([^)]*\)|'[^']*'|"[^"]*"|[^\s'"]+/g) ?? [];
    const commands: string[][] = [[]];
    for (const word of words) {
      if (word.startsWith("#")) break;
      if (/^(?:\|\|?|&&|;|>)$/.test(word)) commands.push([]);
      else commands.at(-1)?.push(word.replace(/^(['"])(.*)\1$/, "$2"));
    }
    return commands
      .filter((command) => start.test(command.join(" ")))
      .map((command) => ({ place: `${page}:${line + i}`, words: command }));
  });
}

const shell = all.filter(({ language }) => /^(?:sh|bash|shell)$/.test(language));
const calls = shell.flatMap((block) => commandLines(block, /^npx authmodes\b/));
const scripts = shell.flatMap((block) => commandLines(block, /^npm (?:run|start|test)\b/));

/** The command line, whose commands read their arguments and do nothing. */
function harmless(): Command {
  const output = { write: () => true };
  const program = buildProgram({
    args: [],
    stdout: output,
    stderr: output,
    stdin: process.stdin,
    env: {},
    cwd: () => root,
  });
  const disarm = (command: Command) => {
    command.action(() => {}).exitOverride();
    command.commands.forEach(disarm);
  };
  program.commands.forEach(disarm);
  return program;
}

describe("commands of pages", () => {
  it.each(calls)("$place: $words", async ({ words }) => {
    const args = words.slice(2).map((word) => word.replace(/^<\(.*\)$/, "file"));
    await harmless().parseAsync(args, { from: "user" });
  });

  it("are read: one that does not exist is found", async () => {
    expect(calls.length).toBeGreaterThan(10);
    await expect(harmless().parseAsync(["matrixes", "a.graphql"], { from: "user" })).rejects.toThrow(
      "unknown",
    );
    await expect(
      harmless().parseAsync(["matrix", "a.graphql", "--age", "3"], { from: "user" }),
    ).rejects.toThrow("--age");
  });

  it.each(scripts)("$place: $words", ({ words: [, verb = "", name = ""] }) => {
    const text = readFileSync(join(root, "package.json"), "utf8");
    const known = JSON.parse(text) as { readonly scripts: Readonly<Record<string, string>> };
    expect(Object.keys(known.scripts)).toContain(verb === "run" ? name : verb);
  });
});

/** Those that are declared in the package that exports them: adapters export core's symbols again. */
const own = symbols.filter((symbol) => symbol.file.startsWith(`packages/${symbol.package}/`));

const named = ({ file, name }: (typeof own)[number]) => `${file} ${name}`;

describe("public symbols", () => {
  it("are described", () => {
    expect(own.filter(({ isDescribed }) => !isDescribed).map(named)).toEqual([]);
  });

  it("have an example, if they are functions", () => {
    expect(own.filter(({ isFunction, hasExample }) => isFunction && !hasExample).map(named)).toEqual([]);
    expect(own.filter(({ hasExample }) => hasExample).length).toBeGreaterThan(100);
  });
});
