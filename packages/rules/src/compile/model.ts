import { type Grants, grantsOf } from "./grants.ts";
import { bits, readBits, readOperations } from "./operations.ts";
import { claimSeparator, type OwnerNeed, type Role } from "./roles.ts";
import type { FieldDefinition, ModelDefinition, Operation, Provider, RuleSchema } from "../types.ts";

// A model as decisions need it: everything that does not depend on the caller is worked out once.

/** A role of one model, with the fields on which it has an operation. */
export interface ModelRole extends Role {
  /** With the model, as decisions name it. */
  readonly fullName: string;
  readonly grants: Grants;
  /** Keys that an input may have where this role does not allow everything. */
  readonly createFields: ReadonlySet<string>;
  readonly updateFields: ReadonlySet<string>;
  readonly nullableFields: ReadonlySet<string>;
}

export interface Field {
  readonly name: string;
  /** Without list and non-null signs. */
  readonly baseType: string;
  readonly required: boolean;
  /** Some role that reads the model may not read this field. */
  readonly guarded: boolean;
  /** The model that it leads to. */
  readonly related: string | undefined;
  readonly relation: FieldDefinition["relation"];
  readonly isList: boolean;
}

/** What an owner field is compared with. */
export interface OwnerField {
  readonly name: string;
  readonly isList: boolean;
  /** Several namespaces of names feed it: only the full stored value names one caller. */
  readonly fullValueOnly: boolean;
  /** Some rule stores values joined of several claims: a single claim must not look like one. */
  readonly joined: boolean;
}

export interface Model {
  readonly name: string;
  readonly definition: ModelDefinition;
  readonly hasRules: boolean;
  /** Fields that the schema writes down. */
  readonly fields: ReadonlyMap<string, Field>;
  /** Those, and the ones that exist without being written down: owners, groups, keys, times, versions. */
  readonly known: ReadonlySet<string>;
  /** Fields that lead to a model. In an input they write its records. */
  readonly relations: ReadonlySet<string>;
  /** Fields that rules compare with what a caller is: owners and groups. */
  readonly compared: ReadonlySet<string>;
  readonly key: readonly string[];
  /** The matrix, in the order of the rules. */
  readonly grants: readonly Grants[];
  /** In the order in which decisions look at them. */
  readonly roles: readonly ModelRole[];
  readonly ownerFields: ReadonlyMap<string, OwnerField>;
  readonly subscriptions: "on" | "public" | "off";
}

export interface Namespaces {
  /** Providers behind which several issuers stand. */
  readonly shared: ReadonlySet<Provider>;
  /** false: owners are matched by the full stored value everywhere. */
  readonly matchOwnerParts: boolean;
}

/** Fields that a store adds by itself. */
const implicitFields = ["createdAt", "updatedAt", "_version", "_deleted", "_lastChangedAt", "__typename"];
const versionFields = ["_version", "_deleted", "_lastChangedAt"];

/** @param relationKeys of the model: see there */
export function compileModel(
  name: string,
  schema: RuleSchema,
  namespaces: Namespaces,
  relationKeys: readonly string[],
): Model {
  const definition = schema.models[name] as ModelDefinition;
  const grants = grantsOf(definition);
  const key = keyOf(definition);
  // A key that is written down has rights of its own.
  const generated = [...versionFields, ...relationKeys].filter(
    (field) => !Object.hasOwn(definition.fields, field),
  );
  const roles = grants.map((row) => modelRole(name, row, key, generated)).toSorted((a, b) => a.rank - b.rank);
  const ownerFields = ownerFieldsOf(roles, namespaces);
  const fields = fieldsOf(definition, grants, schema);
  const compared = roles.flatMap((role) =>
    role.needs.flatMap((need) => ("field" in need ? [need.field] : [])),
  );
  return {
    name,
    definition,
    hasRules: grants.length > 0,
    fields,
    relations: relationsAmong(fields),
    compared: new Set(compared),
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

/** Whether a role that has the operation looks at the record. */
export function dependsOnRecord({ roles }: Model, operation: Operation): boolean {
  if (operation === "create") return false;
  return roles.some((role) => role.dynamic && hasOperation(role, operation));
}

/** Delete takes the right to delete every field; who may delete some may set them to null by an update. */
export function hasOperation({ grants }: ModelRole, operation: Operation): boolean {
  if (operation === "delete") return (grants.every & bits.delete) !== 0;
  const wanted = operation === "update" ? bits.update | bits.delete : bits[operation];
  return (grants.some & wanted) !== 0;
}

/** Setting a field to null takes the right to delete it as well. */
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

function modelRole(
  model: string,
  grants: Grants,
  key: readonly string[],
  generated: readonly string[],
): ModelRole {
  const having = (bit: number): string[] =>
    [...grants.byField].filter(([, granted]) => (granted & bit) !== 0).map(([field]) => field);
  return {
    ...grants.role,
    fullName: `${model}:${grants.role.name}`,
    grants,
    createFields: new Set([...having(bits.create), ...generated]),
    updateFields: new Set([...having(bits.update), ...generated, ...key]),
    nullableFields: new Set(having(bits.delete)),
  };
}

function fieldsOf(
  definition: ModelDefinition,
  grants: readonly Grants[],
  schema: RuleSchema,
): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>();
  for (const [name, field] of Object.entries(definition.fields)) {
    const baseType = baseTypeOf(field);
    fields.set(name, {
      name,
      baseType,
      required: field.type.endsWith("!"),
      guarded: isGuarded(name, grants, readBits),
      related: Object.hasOwn(schema.models, baseType) ? baseType : undefined,
      relation: field.relation,
      isList: field.type.trimStart().startsWith("["),
    });
  }
  return fields;
}

/** Also a relation to a model that the schema does not have: what cannot be decided on is not written. */
function relationsAmong(fields: ReadonlyMap<string, Field>): ReadonlySet<string> {
  const found = [...fields.values()].filter(
    ({ related, relation }) => related !== undefined || relation !== undefined,
  );
  return new Set(found.map(({ name }) => name));
}

export function baseTypeOf(field: FieldDefinition): string {
  return field.type.replaceAll(/[[\]!\s]/g, "");
}

/**
 * Whether some role that may read something of the model may not read the field. Where everybody who is signed in with
 * a provider may read it, the other roles of that provider do not matter.
 * @param reading the operations that make a role a reader
 */
export function isGuarded(field: string, grants: readonly Grants[], reading: number): boolean {
  const open = new Set(
    ["userPools", "oidc"].filter((provider) =>
      grants.some(({ role, byField }) => {
        const granted = byField.get(field) ?? 0;
        return (
          role.name === `${provider}:private` && readOperations.every((op) => (granted & bits[op]) !== 0)
        );
      }),
    ),
  );
  return grants.some(
    ({ role, some, byField }) =>
      (some & reading) !== 0 && !open.has(role.provider) && ((byField.get(field) ?? 0) & readBits) === 0,
  );
}

function ownerFieldsOf(roles: readonly ModelRole[], namespaces: Namespaces): ReadonlyMap<string, OwnerField> {
  const feeds = new Map<string, { needs: OwnerNeed[]; providers: Set<Provider> }>();
  for (const role of roles) {
    for (const need of role.needs) {
      if (need.kind !== "owner") continue;
      const feed = feeds.get(need.field) ?? { needs: [], providers: new Set() };
      feed.needs.push(need);
      feed.providers.add(role.provider);
      feeds.set(need.field, feed);
    }
  }
  const fields = new Map<string, OwnerField>();
  for (const [name, { needs, providers }] of feeds) {
    const isShared = providers.size > 1 || [...providers].some((provider) => namespaces.shared.has(provider));
    fields.set(name, {
      name,
      isList: needs.some((need) => need.isList),
      fullValueOnly: isShared || !namespaces.matchOwnerParts,
      joined: needs.some((need) => need.claims.length > 1),
    });
  }
  return fields;
}

/**
 * The keys that Amplify adds to models for relations without `fields`, such as `blogPostsId`, by model. Writing them is a
 * matter of the relation, not of a rule.
 */
export function relationKeysOf({ models }: RuleSchema): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, string[]>();
  for (const [owner, { fields }] of Object.entries(models)) {
    for (const [name, field] of Object.entries(fields)) {
      if (field.relation === undefined || field.relation === "manyToMany") continue;
      const holder = field.relation === "hasMany" ? baseTypeOf(field) : owner;
      const held = keys.get(holder) ?? [];
      held.push(`${lowerFirst(owner)}${upperFirst(name)}Id`);
      keys.set(holder, held);
    }
  }
  return keys;
}

function lowerFirst(word: string): string {
  return word.slice(0, 1).toLowerCase() + word.slice(1);
}

function upperFirst(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/** The last part of a stored owner: what clients are shown. */
export function displayedOwner(stored: string): string {
  const separator = stored.lastIndexOf(claimSeparator);
  return separator === -1 ? stored : stored.slice(separator + claimSeparator.length);
}
