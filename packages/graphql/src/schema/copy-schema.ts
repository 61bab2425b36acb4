import { extendSchema, GraphQLSchema, Kind } from "graphql";

/** The same schema with types of its own, whose resolvers can be replaced. */
export function copySchema(schema: GraphQLSchema): GraphQLSchema {
  // graphql-js makes all types again if there is an extension, even an empty one.
  const extension = { kind: Kind.DOCUMENT, definitions: [{ kind: Kind.SCHEMA_EXTENSION }] } as const;
  const copy = extendSchema(schema, extension, { assumeValid: true }).toConfig();
  const { query, mutation, subscription, types, directives } = copy;
  return new GraphQLSchema({ ...schema.toConfig(), query, mutation, subscription, types, directives });
}
