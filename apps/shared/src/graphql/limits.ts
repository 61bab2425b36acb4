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

// What one document may ask for. More than Amplify's largest documents for these models need; what is longer, deeper or
// dearer costs more than it is worth.

const maxTokens = 5000;

const rules: readonly ValidationRule[] = [
  ...specifiedRules,
  maxDepthRule({ n: 10 }),
  maxAliasesRule({ n: 30 }),
  costLimitRule({ maxCost: 2000 }),
];

/**
 * Reads and validates a document.
 * @throws GraphQLError if it is none or asks for too much
 * @throws AggregateError of several errors
 */
export function documentOf(schema: GraphQLSchema, query: string): DocumentNode {
  checkNesting(query);
  const document = parse(query, { maxTokens });
  const errors = validate(schema, document, rules);
  if (errors.length > 0) throw new AggregateError(errors);
  return document;
}

/** Parsers and validation rules recurse over what nests: brackets are counted before. */
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
