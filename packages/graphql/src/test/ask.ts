import type { Identity } from "@authmodes/core";
import type { Values } from "@authmodes/rules";
import { execute, type GraphQLSchema, parse, validate } from "graphql";

export interface Answer {
  readonly data: unknown;
  /** Messages with their paths. */
  readonly errors: readonly string[];
}

export async function ask(
  schema: GraphQLSchema,
  identity: Identity,
  query: string,
  variables: Values = {},
): Promise<Answer> {
  const document = parse(query);
  const invalid = validate(schema, document);
  if (invalid.length > 0) throw new Error(invalid.join("\n"));
  const result = await execute({ schema, document, contextValue: { identity }, variableValues: variables });
  const plain = JSON.parse(JSON.stringify(result)) as {
    data: unknown;
    errors?: readonly { message: string; path: readonly unknown[] }[];
  };
  return {
    data: plain.data,
    errors: (plain.errors ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`),
  };
}
