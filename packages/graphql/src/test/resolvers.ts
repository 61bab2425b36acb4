import type { Identity } from "@authmodes/core";
import { type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from "graphql";

export type Context = { readonly identity: Identity };
export type Resolve = GraphQLFieldResolver<unknown, unknown, Readonly<Record<string, unknown>>>;
export type Resolvers = Readonly<
  Record<string, Readonly<Record<string, Resolve | { subscribe?: Resolve; resolve?: Resolve }>>>
>;

/** Sets the resolvers of fields. @throws if the schema has no such field */
export function resolveBy(schema: GraphQLSchema, own: Resolvers): void {
  for (const [typeName, fields] of Object.entries(own)) {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) continue;
    for (const [name, given] of Object.entries(fields)) {
      const field = type.getFields()[name];
      if (field === undefined) throw new Error(`no field ${typeName}.${name}`);
      if (typeof given === "function") field.resolve = given;
      else Object.assign(field, given);
    }
  }
}
