import { type ASTNode, type DocumentNode, GraphQLError, Lexer, parse, Source, TokenKind } from "graphql";
import { PolicyError } from "../check/errors.ts";
import { error, type Place } from "../check/finding.ts";
import type { Finding } from "../types.ts";

/** The maximum length in UTF-16 units, far above that of real schemas. */
export const maxLength = 1_048_576;
/** The maximum nesting of brackets. The parser is recursive, so that deeper text could overflow the stack. */
export const maxDepth = 32;

const opening: ReadonlySet<string> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const closing: ReadonlySet<string> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/** @throws PolicyError if the text is not SDL, too long or nested too deeply */
export function parseDocument(sdl: string): DocumentNode {
  if (typeof sdl !== "string")
    throw new TypeError("The schema is not text. Read the file with encoding utf8.");
  if (sdl.length > maxLength) {
    const message = `The schema has ${sdl.length} characters; ${maxLength} is the limit.`;
    throw new PolicyError([error({}, "text-too-long", message, "split it into several schemas")]);
  }
  const source = new Source(sdl);
  try {
    refuseDepth(source);
    return parse(source);
  } catch (thrown) {
    if (thrown instanceof GraphQLError) throw new PolicyError([syntaxFinding(thrown)]);
    throw thrown;
  }
}

function refuseDepth(source: Source): void {
  const lexer = new Lexer(source);
  let depth = 0;
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    if (opening.has(token.kind)) depth++;
    if (closing.has(token.kind)) depth--;
    if (depth <= maxDepth) continue;
    const position = { line: token.line, column: token.column };
    const message = `More than ${maxDepth} brackets are open here.`;
    throw new PolicyError([error({ position }, "text-too-deep", message, "close them")]);
  }
}

function syntaxFinding({ locations: [position] = [], message }: GraphQLError): Finding {
  const at = position && { position: { line: position.line, column: position.column } };
  const mend = "fix this first: reading stops at the first syntax error";
  return error(at ?? {}, "syntax", message, mend);
}

/** Reports an error at a node. */
export type Complain = (node: ASTNode, code: string, message: string, mend: string) => void;

/** Collects errors, since reading continues after one and reports all together. */
export class Findings {
  readonly all: Finding[] = [];

  /** @param model the type that the node belongs to */
  of(model?: string, field?: string): Complain {
    return (node, code, message, mend) => {
      const position = positionOf(node);
      const at: Place = {
        ...(model !== undefined && { model }),
        ...(field !== undefined && { field }),
        ...(position !== undefined && { position }),
      };
      this.all.push(error(at, code, message, mend));
    };
  }
}

/** The start of a node's name, if it has one: the node itself may start with its description. */
export function positionOf(node: ASTNode): Finding["position"] {
  const named = "name" in node ? node.name : undefined;
  const start = (named ?? node).loc?.startToken;
  return start && { line: start.line, column: start.column };
}
