import { parse, parseExpression, type ParserOptions } from "@babel/parser";
import type { Expression, Program } from "@babel/types";
import { fail, forms, type Position, positionAt } from "./fail.ts";

/** What a text holds: one object (JSON, a literal of JavaScript), or a module or script. */
export type Parsed = { readonly object: Expression } | { readonly program: Program };

const startsAsObject = /^(?:\s|\uFEFF|\/\/[^\n]*\n|\/\*[^]*?\*\/)*\{/;
/** Dots before which no name follows, as documentation writes for lines that are left out. */
const elision = /\.\.\.(?!\s*[\w$([{])|…/;

/**
 * Parses JSON, JavaScript or TypeScript. Nothing is executed.
 * @param start the place of the text in the file
 * @throws TypeError with the place; it quotes nothing of the text, which may hold keys
 */
export function parseText(text: string, start: Position): Parsed {
  const { line: startLine, column } = start;
  const place = { startLine, startColumn: column - 1 };
  try {
    return parseAs(text, { plugins: ["typescript", "jsx"], ...place });
  } catch (error) {
    // Type assertions such as `<Config>{…}` read as JSX.
    const parsed = attempt(() => parseAs(text, { plugins: ["typescript"], ...place }));
    return parsed ?? rejectText(error, text, start);
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

function rejectText(error: unknown, text: string, start: Position): never {
  if (error instanceof RangeError) fail(start, "the text is nested deeper than any configuration");
  const dots = elision.exec(text);
  if (dots !== null) {
    const position = positionAt(text, dots.index, start);
    fail(position, "'...' stands for something left out; put it there, or delete the dots");
  }
  const { loc, reasonCode } = Object(error) as { loc?: Position; reasonCode?: string };
  const reason = (reasonCode ?? "UnexpectedToken").replaceAll(
    /\B[A-Z]/g,
    (letter) => ` ${letter.toLowerCase()}`,
  );
  // Babel counts columns from 0.
  const position = loc === undefined ? start : { line: loc.line, column: loc.column + 1 };
  fail(position, `this is not JSON, JavaScript or TypeScript (${reason.toLowerCase()}); ${forms}`);
}
