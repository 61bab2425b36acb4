import { parse, parseExpression, type ParserOptions } from "@babel/parser";
import type { Expression, Program } from "@babel/types";
import { fail } from "./fail.ts";

/** What a text holds: one object (JSON, a literal of JavaScript), or a module or script. */
export type Parsed = { readonly object: Expression } | { readonly program: Program };

const startsAsObject = /^(?:\s|\uFEFF|\/\/[^\n]*\n|\/\*[^]*?\*\/)*\{/;
/** Dots before which no name follows, as documentation writes for lines that are left out. */
const elision = /\.\.\.(?!\s*[\w$([{])|…/;

/**
 * Parses JSON, JavaScript or TypeScript. Nothing is executed.
 * @param firstLine the number of the text's first line in the file
 * @throws TypeError with the line; it quotes nothing of the text, which may hold keys
 */
export function parseText(text: string, firstLine: number): Parsed {
  try {
    return parseAs(text, { plugins: ["typescript", "jsx"], startLine: firstLine });
  } catch (error) {
    // Type assertions such as `<Config>{…}` read as JSX.
    const parsed = attempt(() => parseAs(text, { plugins: ["typescript"], startLine: firstLine }));
    return parsed ?? explain(error, text, firstLine);
  }
}

function parseAs(text: string, options: ParserOptions): Parsed {
  if (startsAsObject.test(text)) return { object: parseExpression(text.replace(/^\uFEFF/, ""), options) };
  return { program: parse(text, { ...options, sourceType: "unambiguous" }).program };
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

function explain(error: unknown, text: string, firstLine: number): never {
  if (error instanceof RangeError) fail(firstLine, "the text is nested deeper than any configuration");
  const dots = elision.exec(text);
  if (dots !== null) {
    const line = firstLine + (text.slice(0, dots.index).match(/\n/g)?.length ?? 0);
    fail(line, "'...' stands for something left out; put it there, or delete the dots");
  }
  const { loc, reasonCode } = Object(error) as { loc?: { line: number }; reasonCode?: string };
  const reason = (reasonCode ?? "UnexpectedToken").replaceAll(
    /\B[A-Z]/g,
    (letter) => ` ${letter.toLowerCase()}`,
  );
  fail(loc?.line ?? firstLine, `this is not JSON, JavaScript or TypeScript (${reason.toLowerCase()})`);
}
