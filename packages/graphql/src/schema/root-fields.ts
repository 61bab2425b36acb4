import type { Operation, Policy } from "@authmodes/rules";
import {
  type ConstDirectiveNode,
  getNamedType,
  type GraphQLField,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  Kind,
} from "graphql";
import type { ModelField, ProtectOptions, RootName } from "../options.ts";
import { returnedBy, type Types } from "./returned.ts";

// What each root field does: with a model, by Amplify's names or as the options say; or by rules of its own.

export interface RootField {
  /** undefined: by rules of its own alone. */
  readonly use: ModelField | undefined;
  /** Rules on Query, Mutation or Subscription speak about the field. */
  readonly ruled: boolean;
}

type AnyField = GraphQLField<unknown, unknown>;

export const rootNames: readonly RootName[] = ["Query", "Mutation", "Subscription"];

const operationsOf: Readonly<Record<RootName, readonly Operation[]>> = {
  Query: ["get", "list", "search", "sync"],
  Mutation: ["create", "update", "delete"],
  Subscription: ["listen"],
};

/** What is known of a schema's names. */
export interface KnownNames {
  readonly schema: GraphQLSchema;
  readonly types: Types;
  /** By Amplify's names, such as `Query.listBooks`. */
  readonly named: ReadonlyMap<string, readonly ModelField[]>;
}

/** A field of a root type under rules or directives; "unknown": nobody spoke about it. */
export function rootField<TContext>(
  root: RootName,
  field: AnyField,
  { schema, types, named }: KnownNames,
  options: ProtectOptions<TContext>,
): RootField | "unknown" {
  const { policy, operations, awsDirectives } = options;
  const rules = policy.schema.types?.[root]?.fields;
  const written = rules !== undefined && Object.hasOwn(rules, field.name) ? rules[field.name] : undefined;
  const given = operations?.[root]?.[field.name];
  if (given !== undefined)
    return { use: checked(root, field.name, given, policy), ruled: written?.rules !== undefined };
  const found = named.get(`${root}.${field.name}`)?.filter((use) => isAbout(use, field, types)) ?? [];
  if (found.length > 1) {
    const models = found.map(({ model }) => model).join(" or ");
    throw new TypeError(`${root}.${field.name} could be about ${models}: say which in operations.`);
  }
  const [use] = found;
  if (use !== undefined) return { use, ruled: written?.rules !== undefined };
  if (written !== undefined) return { use: undefined, ruled: true };
  const isGuarded = awsDirectives !== undefined || (root === "Query" && isOfModels(field, schema, types));
  return isGuarded ? { use: undefined, ruled: false } : "unknown";
}

/** Relay's `node` and `nodes`, federation's `_entities`: whichever model a record is of, its rules are asked. */
function isOfModels({ type }: AnyField, schema: GraphQLSchema, { models }: Types): boolean {
  const named = getNamedType(type);
  return (
    isAbstractType(named) &&
    schema.getPossibleTypes(named).every((possible) => models.of(possible) !== undefined)
  );
}

/** A query of that name that answers something else is not Amplify's. */
function isAbout({ model, operation }: ModelField, field: AnyField, types: Types): boolean {
  return operationsOf.Mutation.includes(operation) || returnedBy(field.type, types)?.model === model;
}

const memberNames: Readonly<Record<keyof ModelField, true>> = {
  model: true,
  operation: true,
  index: true,
  input: true,
  ignore: true,
};

function checked(root: RootName, field: string, use: ModelField, policy: Policy): ModelField {
  const { model, operation, index, input, ignore } = use;
  const where = `operations.${root}.${field}`;
  for (const name of Object.keys(use)) {
    if (Object.hasOwn(memberNames, name)) continue;
    throw new TypeError(`${where}: there is no '${name}'. There are ${Object.keys(memberNames).join(", ")}.`);
  }
  const definition = Object.hasOwn(policy.schema.models, model) ? policy.schema.models[model] : undefined;
  if (definition === undefined) throw new TypeError(`${where}: there is no model '${model}'.`);
  if (!operationsOf[root].includes(operation)) {
    throw new TypeError(`${where}: '${operation}' is none of ${operationsOf[root].join(", ")}.`);
  }
  if (index !== undefined && definition.indexes?.some(({ name }) => name === index) !== true) {
    throw new TypeError(`${where}: ${model} has no index '${index}'.`);
  }
  if ((input !== undefined || ignore !== undefined) && root !== "Mutation") {
    throw new TypeError(`${where}: input and ignore are about mutations.`);
  }
  if (ignore !== undefined && !Array.isArray(ignore)) {
    throw new TypeError(`${where}: ignore is a list of names, such as ["notify"].`);
  }
  return use;
}

/** Names of root fields as Amplify generates them, such as `Query.listBooks`. */
export function amplifyNames(
  schema: GraphQLSchema,
  policy: Policy,
  { models }: Types,
): ReadonlyMap<string, readonly ModelField[]> {
  const names = new Map<string, ModelField[]>();
  const add = (name: string, use: ModelField): void => {
    names.set(name, [...(names.get(name) ?? []).filter(({ model }) => model !== use.model), use]);
  };
  for (const model of Object.keys(policy.schema.models)) {
    add(`Query.get${model}`, { model, operation: "get" });
    for (const operation of ["list", "search", "sync"] as const) {
      for (const many of plurals(model)) add(`Query.${operation}${many}`, { model, operation });
    }
    for (const operation of ["create", "update", "delete"] as const) {
      add(`Mutation.${operation}${model}`, { model, operation });
    }
    for (const event of ["Create", "Update", "Delete"]) {
      add(`Subscription.on${event}${model}`, { model, operation: "listen" });
    }
    for (const [name, index] of indexQueries(model, schema, policy, models.namesOf(model))) {
      add(`Query.${name}`, { model, operation: "list", index });
    }
  }
  return names;
}

/** More plurals than there are: a name that no field has does no harm. */
function plurals(model: string): readonly string[] {
  return [...new Set([model, `${model}s`, `${model}es`, model.replace(/y$/, "ies")])];
}

/** Query fields of indexes: as `@index(queryField:)` names them, else as Amplify's two generations do. */
function indexQueries(
  model: string,
  schema: GraphQLSchema,
  policy: Policy,
  types: readonly string[],
): readonly (readonly [string, string])[] {
  const written = queryFieldsWritten(types, schema);
  return (policy.schema.models[model]?.indexes ?? []).flatMap(({ name, fields }) => {
    const by = `By${fields.map(upperFirst).join("And")}`;
    const names = plurals(model).flatMap((many) => [`${lowerFirst(many)}${by}`, `list${many}${by}`]);
    return [...names, ...(written.get(name) ?? [])].map((query) => [query, name] as const);
  });
}

/** From the SDL, where the schema was built with it: by index. */
function queryFieldsWritten(
  types: readonly string[],
  schema: GraphQLSchema,
): ReadonlyMap<string, readonly string[]> {
  const queries = new Map<string, readonly string[]>();
  const fields = types
    .map((name) => schema.getType(name))
    .filter(isObjectType)
    .flatMap((type) => Object.values(type.getFields()));
  for (const { astNode } of fields) {
    for (const directive of astNode?.directives ?? []) {
      if (directive.name.value !== "index") continue;
      const name = text(directive, "name");
      const query = text(directive, "queryField");
      if (name !== undefined && query !== undefined) queries.set(name, [...(queries.get(name) ?? []), query]);
    }
  }
  return queries;
}

function text(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}

function lowerFirst(word: string): string {
  return word.slice(0, 1).toLowerCase() + word.slice(1);
}

function upperFirst(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
