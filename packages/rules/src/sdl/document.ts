import { type DocumentNode, GraphQLError, Lexer, parse, Source, TokenKind } from "graphql";
import { PolicyError } from "../check/errors.ts";
import type { Finding } from "../types.ts";

/** In UTF-16 units, as JavaScript counts. Far above any schema that people write. */
export const maxLength = 1_048_576;
/** Brackets within brackets. The parser calls itself for each: deeper text could overflow the stack. */
export const maxDepth = 32;

const opening: ReadonlySet<string> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const closing: ReadonlySet<string> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/** @throws PolicyError where the text is not SDL, or more than anybody writes */
export function parseDocument(sdl: string): DocumentNode {
  if (typeof sdl !== "string") throw new TypeError("A schema is text: read the file as utf8 before.");
  if (sdl.length > maxLength) {
    throw new PolicyError([
      {
        code: "text-too-long",
        level: "error",
        message: `The schema has ${sdl.length} characters; ${maxLength} is the limit.`,
        mend: "split it into several schemas",
      },
    ]);
  }
  const source = new Source(sdl);
  try {
    refuseDepth(source);
    return parse(source);
  } catch (error) {
    if (error instanceof GraphQLError) throw new PolicyError([syntaxFinding(error)]);
    throw error;
  }
}

function refuseDepth(source: Source): void {
  const lexer = new Lexer(source);
  let depth = 0;
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    if (opening.has(token.kind)) depth++;
    if (closing.has(token.kind)) depth--;
    if (depth <= maxDepth) continue;
    throw new PolicyError([
      {
        code: "text-too-deep",
        level: "error",
        position: { line: token.line, column: token.column },
        message: `More than ${maxDepth} brackets are open here.`,
        mend: "close them",
      },
    ]);
  }
}

function syntaxFinding(error: GraphQLError): Finding {
  const [position] = error.locations ?? [];
  return {
    code: "syntax",
    level: "error",
    ...(position !== undefined && { position: { line: position.line, column: position.column } }),
    message: error.message,
    mend: "mend this first: reading stops at the first syntax error, so there may be more after it",
  };
}
