import { extendSchema, GraphQLSchema, Kind } from "graphql";

/** Copies a schema with its types, so that resolvers can be replaced. */
export function copySchema(schema: GraphQLSchema): GraphQLSchema {
  // extendSchema copies all types if there is an extension, even an empty one.
  const extension = { kind: Kind.DOCUMENT, definitions: [{ kind: Kind.SCHEMA_EXTENSION }] } as const;
  const copy = extendSchema(schema, extension, { assumeValid: true }).toConfig();
  const { query, mutation, subscription, types, directives } = copy;
  return new GraphQLSchema({ ...schema.toConfig(), query, mutation, subscription, types, directives });
}
