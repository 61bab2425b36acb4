import type { RuleSchema, TypeDefinition } from "../types.ts";
import type { Grants } from "./grants.ts";
import { baseTypeOf, compileModel, type Model, relationKeysOf } from "./model.ts";
import { type PolicyOptions, readOptions, type ReadyOptions } from "./options.ts";
import type { Role } from "./roles.ts";

// Types that are not models: nested objects, and Query, Mutation and Subscription. They have no records, so that their
// rules depend on the caller only.

export interface PlainField {
  readonly baseType: string;
  /** undefined if the field has no rules of its own. */
  readonly roles: readonly Role[] | undefined;
}

export interface PlainType {
  readonly name: string;
  readonly isRoot: boolean;
  readonly fields: ReadonlyMap<string, PlainField>;
}

export const rootTypes: readonly string[] = ["Query", "Mutation", "Subscription"];

/** The roles that the rules give, as validation found them. */
export interface RuleRoles {
  /** The matrix of each model. */
  readonly grants: ReadonlyMap<string, readonly Grants[]>;
  /** The roles of each field with rules outside models, by its path: `Query.books`. */
  readonly roles: ReadonlyMap<string, readonly Role[]>;
}

function compileType(name: string, definition: TypeDefinition, found: RuleRoles["roles"]): PlainType {
  const fields = new Map<string, PlainField>();
  for (const [field, { type, rules }] of Object.entries(definition.fields)) {
    const roles = rules && (found.get(`${name}.${field}`) ?? []).toSorted((a, b) => a.rank - b.rank);
    fields.set(field, { baseType: baseTypeOf({ type }), roles });
  }
  return { name, isRoot: rootTypes.includes(name), fields };
}

/** A schema as decisions need it: everything that does not depend on the caller. */
export interface CompiledSchema {
  readonly options: ReadyOptions;
  readonly models: ReadonlyMap<string, Model>;
  readonly types: ReadonlyMap<string, PlainType>;
  readonly sandbox: boolean;
}

export function compile(
  schema: RuleSchema,
  options: PolicyOptions,
  { grants, roles }: RuleRoles,
): CompiledSchema {
  const ready = readOptions(options, schema);
  const relationKeys = relationKeysOf(schema);
  const models = Object.keys(schema.models).map((name) =>
    compileModel(name, schema, ready, grants.get(name) ?? [], relationKeys.get(name) ?? []),
  );
  const types = Object.entries(schema.types ?? {}).map(([name, type]) => compileType(name, type, roles));
  return {
    options: ready,
    models: new Map(models.map((model) => [model.name, model])),
    types: new Map(types.map((type) => [type.name, type])),
    sandbox: schema.sandbox === true,
  };
}
