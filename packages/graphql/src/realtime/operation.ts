import { parseObject } from "@authmodes/core/adapter";
import {
  type DocumentNode,
  type FieldNode,
  type FragmentSpreadNode,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  type InlineFragmentNode,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
  type ValidationRule,
} from "graphql";
import type { WireError } from "../appsync-errors.ts";
import { objectOf } from "./messages.ts";
import { badRequest, StartRejected } from "./wire-errors.ts";

/** What a client subscribes to. */
export interface Operation {
  readonly query: string;
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName: string | null;
}

/** Enough for a thousand fields. graphql-js validates in a time that grows with the square of it. */
const maxTokens = 2000;

/**
 * Parses the text of a start.
 * @throws StartRejected unless it is a valid subscription
 */
export function readOperation(
  data: string,
  schema: GraphQLSchema,
  rules: readonly ValidationRule[],
): Operation {
  const { query, variables, operationName: given } = parseObject(data) ?? {};
  if (typeof query !== "string") throw new StartRejected(badRequest("data is not JSON with a query"));
  const operationName = typeof given === "string" ? given : null;
  const document = parsed(query);
  const errors = validated(schema, document, rules);
  if (errors.length > 0) throw new StartRejected(...errors.map(invalid));
  if (getOperationAST(document, operationName)?.operation !== OperationTypeNode.SUBSCRIPTION) {
    const message = "Only a subscription can be started here; send queries and mutations over HTTP";
    throw new StartRejected({ errorType: "UnsupportedOperation", message });
  }
  return { query, document, variables: objectOf(variables), operationName };
}

/** The GraphQL specification of September 2025 forbids it (§5.2.4.1). Without a root field graphql-js 16 throws a TypeError. */
const unconditionalRoot: ValidationRule = (context) => {
  const root = context.getSchema().getSubscriptionType();
  const check = (node: FieldNode | FragmentSpreadNode | InlineFragmentNode): void => {
    const isConditional = node.directives?.some(({ name }) => ["skip", "include"].includes(name.value));
    if (isConditional === true && context.getParentType() === root)
      context.reportError(new GraphQLError("The root field of a subscription takes no @skip or @include"));
  };
  return { Field: check, FragmentSpread: check, InlineFragment: check };
};

function parsed(query: string): DocumentNode {
  try {
    return parse(query, { maxTokens });
  } catch (error) {
    if (error instanceof GraphQLError) throw new StartRejected(invalid(error));
    throw error;
  }
}

function validated(
  schema: GraphQLSchema,
  document: DocumentNode,
  rules: readonly ValidationRule[],
): readonly Pick<GraphQLError, "message">[] {
  try {
    return validate(schema, document, [...specifiedRules, unconditionalRoot, ...rules]);
  } catch (error) {
    // Rules of GraphQL Armor throw it, and may have a copy of graphql of their own.
    if (error instanceof Error && error.name === "GraphQLError") return [error];
    throw error;
  }
}

function invalid({ message }: Pick<GraphQLError, "message">): WireError {
  return { errorType: "ValidationError", message };
}
