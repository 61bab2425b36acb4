import {
  type GraphQLFieldConfig,
  GraphQLInterfaceType,
  GraphQLList,
  type GraphQLNamedType,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLSchema,
  type GraphQLTypeResolver,
  GraphQLUnionType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from "graphql";

// A copy of a schema with other resolvers. Types refer to each other, so that all that have or lead to fields are made
// anew; scalars, enums and inputs stay.

export type Field = GraphQLFieldConfig<unknown, unknown>;
export type AbstractType = GraphQLInterfaceType | GraphQLUnionType;

export interface Replacements {
  field(type: GraphQLObjectType, name: string, field: Field): Field;
  resolveType(type: AbstractType): GraphQLTypeResolver<unknown, unknown>;
}

export function rebuild(schema: GraphQLSchema, replacements: Replacements): GraphQLSchema {
  const config = schema.toConfig();
  const copies = new Map<string, GraphQLNamedType>();
  for (const type of config.types) copies.set(type.name, copyOf(type));

  function copyOf(type: GraphQLNamedType): GraphQLNamedType {
    if (isIntrospectionType(type)) return type;
    if (isObjectType(type)) {
      const parts = type.toConfig();
      return new GraphQLObjectType({
        ...parts,
        interfaces: () => parts.interfaces.map(named),
        fields: () => fieldsOf(parts.fields, (name, field) => replacements.field(type, name, field)),
      });
    }
    if (isInterfaceType(type)) {
      const parts = type.toConfig();
      return new GraphQLInterfaceType({
        ...parts,
        interfaces: () => parts.interfaces.map(named),
        fields: () => fieldsOf(parts.fields, (_name, field) => field),
        resolveType: replacements.resolveType(type),
      });
    }
    if (isUnionType(type)) {
      const parts = type.toConfig();
      return new GraphQLUnionType({
        ...parts,
        types: () => parts.types.map(named),
        resolveType: replacements.resolveType(type),
      });
    }
    return type;
  }

  function fieldsOf(
    fields: Readonly<Record<string, Field>>,
    replace: (name: string, field: Field) => Field,
  ): Record<string, Field> {
    return Object.fromEntries(
      Object.entries(fields).map(([name, field]) => [
        name,
        { ...replace(name, field), type: output(field.type) },
      ]),
    );
  }

  function output(type: GraphQLOutputType): GraphQLOutputType {
    if (isListType(type)) return new GraphQLList(output(type.ofType));
    // What a non-null type wraps is nullable, and so is its copy.
    if (isNonNullType(type)) return new GraphQLNonNull(output(type.ofType)) as GraphQLOutputType;
    return named(type);
  }

  /** The copy of a type, which is of the same kind. */
  function named<T extends GraphQLNamedType>(type: T): T {
    return copies.get(type.name) as T;
  }

  return new GraphQLSchema({
    ...config,
    types: [...copies.values()],
    query: config.query && named(config.query),
    mutation: config.mutation && named(config.mutation),
    subscription: config.subscription && named(config.subscription),
  });
}
