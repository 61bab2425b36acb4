import { maxNesting } from "@authmodes/core/adapter";
import { costLimitRule } from "@escape.tech/graphql-armor-cost-limit";
import { maxAliasesRule } from "@escape.tech/graphql-armor-max-aliases";
import { maxDepthRule } from "@escape.tech/graphql-armor-max-depth";
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Lexer,
  parse,
  Source,
  specifiedRules,
  TokenKind,
  validate,
  type ValidationRule,
} from "graphql";

// Limits of a document. Amplify's largest documents for these models stay below them.

const maxTokens = 5000;

/** The limits as validation rules. */
export const limits: readonly ValidationRule[] = [
  maxDepthRule({ n: 10 }),
  maxAliasesRule({ n: 30 }),
  costLimitRule({ maxCost: 2000 }),
];

/**
 * Reads and validates a document.
 * @throws GraphQLError if it is invalid or exceeds a limit
 * @throws AggregateError of several errors
 */
export function documentOf(schema: GraphQLSchema, query: string): DocumentNode {
  checkNesting(query);
  const document = parse(query, { maxTokens });
  const errors = validate(schema, document, [...specifiedRules, ...limits]);
  if (errors.length > 0) throw new AggregateError(errors);
  return document;
}

/** Counts brackets first, because parsers and validation rules recurse. */
function checkNesting(query: string): void {
  const lexer = new Lexer(new Source(query));
  let depth = 0;
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    if (opening.has(token.kind)) depth++;
    else if (closing.has(token.kind)) depth--;
    if (depth > maxNesting) throw new GraphQLError(`The document nests deeper than ${maxNesting} levels`);
  }
}

const opening: ReadonlySet<string> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const closing: ReadonlySet<string> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);
