import { parseObject } from "@authmodes/core/adapter";
import {
  type DocumentNode,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
  type ValidationRule,
} from "graphql";
import { objectOf } from "./messages.ts";
import { badRequest, StartRejected } from "./wire-errors.ts";

/** What a client subscribes to. */
export interface Operation {
  readonly query: string;
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName: string | undefined;
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
  const { query, variables, operationName } = parseObject(data) ?? {};
  if (typeof query !== "string") throw new StartRejected(badRequest("data is not JSON with a query"));
  const name = typeof operationName === "string" ? operationName : undefined;
  const document = parsed(query);
  const errors = validated(schema, document, rules);
  if (errors.length > 0) throw new StartRejected(...errors.map(invalid));
  if (getOperationAST(document, name)?.operation !== OperationTypeNode.SUBSCRIPTION) {
    const message = "Only a subscription can be started here; send queries and mutations over HTTP";
    throw new StartRejected({ errorType: "UnsupportedOperation", message });
  }
  return { query, document, variables: objectOf(variables), operationName: name };
}

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
    return validate(schema, document, [...specifiedRules, ...rules]);
  } catch (error) {
    // Rules of GraphQL Armor throw it, and may have a copy of graphql of their own.
    if (error instanceof Error && error.name === "GraphQLError") return [error];
    throw error;
  }
}

function invalid({ message }: Pick<GraphQLError, "message">): {
  readonly errorType: string;
  readonly message: string;
} {
  return { errorType: "ValidationError", message };
}
