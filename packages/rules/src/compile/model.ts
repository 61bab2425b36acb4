import type { FieldDefinition, ModelDefinition, Operation, RuleSchema } from "../types.ts";
import { type Grants, grantsOn } from "./grants.ts";
import { bits, readBits } from "./operations.ts";
import type { ReadyOptions } from "./options.ts";
import { ownerNeeds, type Role } from "./roles.ts";
import { claimSeparator } from "./words.ts";

// A model as decisions need it: everything that does not depend on the caller is computed once.

/** A role of one model, with what it may do. */
export interface ModelRole extends Role {
  /** With the name of the model, as in decisions. */
  readonly fullName: string;
  readonly grants: Grants;
}

export interface Field {
  readonly name: string;
  /** The type without brackets and `!`. */
  readonly baseType: string;
  readonly required: boolean;
  /** Whether some role that reads the model may not read this field. */
  readonly guarded: boolean;
  /** The model that the field leads to. */
  readonly related: string | undefined;
  readonly relation: FieldDefinition["relation"];
  readonly isList: boolean;
}

/** How an owner field is compared. */
export interface OwnerField {
  readonly name: string;
  /** Users of several issuers are stored in it, so that only the full value identifies one. */
  readonly fullValueOnly: boolean;
  /** Some rule stores several claims, joined. A single claim that looks like a joined value must not match. */
  readonly joined: boolean;
}

export interface Model {
  readonly name: string;
  readonly definition: ModelDefinition;
  readonly hasRules: boolean;
  /** The fields of the schema. */
  readonly fields: ReadonlyMap<string, Field>;
  /** Their names, and those of implicit fields: owners, groups, keys, timestamps, versions. */
  readonly known: ReadonlySet<string>;
  /** Fields that lead to a model. In an input they write records of that model. */
  readonly relations: ReadonlySet<string>;
  /** Fields that rules compare with claims of the caller: owners and groups. */
  readonly compared: ReadonlySet<string>;
  /** Fields that the store or a relation fills: every role that writes records may write them. */
  readonly generated: ReadonlySet<string>;
  readonly key: readonly string[];
  /** The matrix, in the order of the rules. */
  readonly grants: readonly Grants[];
  /** In the order in which decisions try them. */
  readonly roles: readonly ModelRole[];
  readonly ownerFields: ReadonlyMap<string, OwnerField>;
  readonly subscriptions: "on" | "public" | "off";
}

/** Fields that stores add. */
const implicitFields = ["createdAt", "updatedAt", "_version", "_deleted", "_lastChangedAt", "__typename"];
const versionFields = ["_version", "_deleted", "_lastChangedAt"];

/**
 * @param grants of the model
 * @param relationKeys of the model, see `relationKeysOf`
 */
export function compileModel(
  name: string,
  schema: RuleSchema,
  options: ReadyOptions,
  grants: readonly Grants[],
  relationKeys: readonly string[],
): Model {
  const definition = schema.models[name] as ModelDefinition;
  const key = keyOf(definition);
  // A key that is in the schema has rules like other fields.
  const generated = [...versionFields, ...relationKeys].filter(
    (field) => !Object.hasOwn(definition.fields, field),
  );
  const roles = grants
    .map((row): ModelRole => ({ ...row.role, fullName: `${name}:${row.role.name}`, grants: row }))
    .toSorted((a, b) => a.rank - b.rank);
  const ownerFields = ownerFieldsOf(roles, options);
  const fields = Object.entries(definition.fields).map(([field, one]) => fieldOf(field, one, grants, schema));
  const compared = comparedFields(roles);
  // Includes relations to models that are not in the schema: their records cannot be decided on, and are not written.
  const related = fields.filter((one) => (one.related ?? one.relation) !== undefined);
  return {
    name,
    definition,
    hasRules: grants.length > 0,
    fields: new Map(fields.map((field) => [field.name, field])),
    relations: new Set(related.map((field) => field.name)),
    compared: new Set(compared),
    generated: new Set(generated),
    known: new Set([
      ...Object.keys(definition.fields),
      ...implicitFields,
      ...generated,
      ...key,
      ...(definition.indexes ?? []).flatMap((index) => index.fields),
      ...compared,
    ]),
    key,
    grants,
    roles,
    ownerFields,
    subscriptions: definition.subscriptions ?? "on",
  };
}

/** Whether a role that has the operation depends on the record. */
export function dependsOnRecord({ roles }: Model, operation: Operation): boolean {
  if (operation === "create") return false;
  return roles.some((role) => role.dynamic && hasOperation(role, operation));
}

/** Deleting a record takes delete on every field. Delete on some fields allows an update that sets them to null. */
export function hasOperation({ grants }: ModelRole, operation: Operation): boolean {
  if (operation === "delete") return (grants.every & bits.delete) !== 0;
  const wanted = operation === "update" ? bits.update | bits.delete : bits[operation];
  return (grants.some & wanted) !== 0;
}

/** Whether a role may update whole records, including setting any field to null, which takes delete. */
export function updatesWhole({ grants }: ModelRole): boolean {
  const wanted = bits.update | bits.delete;
  return (grants.every & wanted) === wanted;
}

/** The fields of the primary key, partition key first. */
export function keyOf(model: ModelDefinition): readonly string[] {
  if (model.key !== undefined) return model.key;
  const marked = Object.entries(model.fields).filter(([, field]) => field.primaryKey === true);
  return marked.length === 0 ? ["id"] : marked.map(([field]) => field);
}

function fieldOf(name: string, field: FieldDefinition, grants: readonly Grants[], schema: RuleSchema): Field {
  const baseType = baseTypeOf(field);
  return {
    name,
    baseType,
    required: field.type.endsWith("!"),
    guarded: readersWithout(name, grants, readBits).length > 0,
    related: Object.hasOwn(schema.models, baseType) ? baseType : undefined,
    relation: field.relation,
    isList: field.type.trimStart().startsWith("["),
  };
}

export function baseTypeOf(field: FieldDefinition): string {
  return field.type.replaceAll(/[[\]!\s]/g, "");
}

/**
 * The roles that read the model but may not read the field. If all signed-in users of a provider may read it, the
 * other roles of that provider do not count.
 * @param reading the operations that make a role a reader
 */
export function readersWithout(field: string, grants: readonly Grants[], reading: number): readonly Role[] {
  const open = grants.filter(
    // Matches token providers only: the role of identity pool users has another name.
    ({ role, byField }) =>
      role.name === `${role.provider}:private` && ((byField.get(field) ?? 0) & readBits) === readBits,
  );
  const providers = new Set(open.map(({ role }) => role.provider));
  return grants
    .filter(
      (grant) =>
        (grant.some & reading) !== 0 &&
        !providers.has(grant.role.provider) &&
        !grantsOn(grant, field, readBits),
    )
    .map(({ role }) => role);
}

/** Fields that the roles compare with claims of the caller. */
export function comparedFields(roles: readonly Role[]): readonly string[] {
  return roles.flatMap(({ needs }) => needs.flatMap((need) => ("field" in need ? [need.field] : [])));
}

function ownerFieldsOf(
  roles: readonly ModelRole[],
  { issuers, matchOwnerParts }: ReadyOptions,
): ReadonlyMap<string, OwnerField> {
  const needs = roles.flatMap((role) => ownerNeeds(role).map((need) => ({ provider: role.provider, need })));
  return new Map(
    needs.map(({ need: { field: name } }) => {
      const feeds = needs.filter(({ need }) => need.field === name);
      const providers = new Set(feeds.map(({ provider }) => provider));
      const isShared =
        providers.size > 1 ||
        (["userPools", "oidc"] as const).some(
          (provider) => providers.has(provider) && new Set(issuers[provider]).size > 1,
        );
      const joined = feeds.some(({ need }) => need.claims.length > 1);
      return [name, { name, fullValueOnly: isShared || !matchOwnerParts, joined }];
    }),
  );
}

/**
 * The keys that Amplify adds to models for relations without `fields`, such as `blogPostsId`, by model. No rule covers
 * them.
 */
export function relationKeysOf({ models }: RuleSchema): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, string[]>();
  for (const [owner, { fields }] of Object.entries(models)) {
    for (const [name, field] of Object.entries(fields)) {
      if (field.relation === undefined || field.relation === "manyToMany") continue;
      const holder = field.relation === "hasMany" ? baseTypeOf(field) : owner;
      const held = keys.get(holder) ?? [];
      held.push(`${owner.slice(0, 1).toLowerCase()}${owner.slice(1)}${upperFirst(name)}Id`);
      keys.set(holder, held);
    }
  }
  return keys;
}

export function upperFirst(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/** The last part of a stored owner, as clients see it. */
export function displayedOwner(stored: string): string {
  const separator = stored.lastIndexOf(claimSeparator);
  return separator === -1 ? stored : stored.slice(separator + claimSeparator.length);
}
