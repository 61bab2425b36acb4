import { must } from "@authmodes/core/options";
import { unknownName } from "../check/spelling.ts";
import { upperFirst } from "../compile/model.ts";
import type { FieldDefinition, ModelDefinition, RuleSchema, TypeDefinition } from "../types.ts";
import { BuiltField, enumerationType, type Field, type RefField, type Relation } from "./field.ts";
import { CustomType, Model, type ModelFields } from "./model.ts";

// A schema names models, types and enumerations, and knows the types of their records.

export type SchemaEntries = Readonly<Record<string, ModelEntry | TypeEntry | Field<"Enumeration">>>;

/** A model with any fields. */
type ModelEntry = Pick<Model, "fields" | "parts">;
type TypeEntry = Pick<CustomType, "fields">;

declare const entries: unique symbol;

/** A schema as plain JSON. Its type remembers the entries, for `ModelRecord`. */
export interface DefinedSchema<Entries> extends RuleSchema {
  readonly [entries]?: Entries;
}

/** The type of a model's or custom type's records, without related records. */
export type ModelRecord<Schema, Name extends EntryNames<Schema>> =
  Schema extends DefinedSchema<infer Entries>
    ? Name extends keyof Entries
      ? RecordOf<Entries, Entries[Name]>
      : never
    : never;

/** The names of a schema's models; any text if the compiler does not know them. */
export type ModelsOf<Schema extends RuleSchema> =
  Schema extends DefinedSchema<infer Entries>
    ? unknown extends Entries
      ? keyof Schema["models"] & string
      : { [Name in keyof Entries]: Entries[Name] extends ModelEntry ? Name : never }[keyof Entries] & string
    : never;

type EntryNames<Schema> = Schema extends DefinedSchema<infer Entries> ? keyof Entries : never;

type RecordOf<Entries, Entry> =
  Entry extends Model<infer Fields, infer Key>
    ? Flat<Values<Entries, Fields> & ImplicitId<Fields, Key>>
    : Entry extends CustomType<infer Fields>
      ? Flat<Values<Entries, Fields>>
      : Entry extends Field<string, infer Value>
        ? Value
        : never;

type Values<Entries, Fields> = {
  [Name in keyof Fields as Fields[Name] extends Relation ? never : Name]: ValueOf<Entries, Fields[Name]>;
};

/** Records have an id unless another field is the key. */
type ImplicitId<Fields, Key> = "id" extends keyof Fields
  ? unknown
  : "id" extends Key
    ? { id: string }
    : unknown;

type ValueOf<Entries, Given> =
  Given extends Field<string, infer Value>
    ? Value
    : Given extends RefField<infer Name, infer Required, infer List, infer Elements>
      ? RefValue<
          Name extends keyof Entries ? NonNullable<RecordOf<Entries, Entries[Name]>> : unknown,
          Required,
          List,
          Elements
        >
      : never;

type RefValue<Value, Required, List, Elements> = List extends true
  ? OrNull<readonly OrNull<Value, Elements>[], Required>
  : OrNull<Value, Required>;

type OrNull<Value, Required> = Required extends true ? Value : Value | null;

type Flat<T> = { [Name in keyof T]: T[Name] };

/** Requires every type that a field names to be an entry. */
type Complete<Entries> = {
  [Name in keyof Entries]: Entries[Name] extends { readonly fields: infer Fields }
    ? Exclude<TargetsOf<Fields>, keyof Entries> extends never
      ? unknown
      : { readonly "there is no type": Exclude<TargetsOf<Fields>, keyof Entries> }
    : unknown;
};

type TargetsOf<Fields> = {
  [Name in keyof Fields]: Fields[Name] extends { readonly target: infer Target } ? Target : never;
}[keyof Fields];

/** Options of `defineSchema`. */
export interface SchemaOptions {
  /** API keys may do everything with models without rules. For development. Default false. */
  readonly sandbox?: boolean;
}

/**
 * Defines models with their rules, in the syntax of Amplify Gen 2.
 * @returns the schema as frozen JSON, for `createPolicy`
 * @throws TypeError for names that do not exist. `createPolicy` checks the rules themselves.
 * @example
 * import { createPolicy, defineSchema, type ModelRecord, model, string } from "@authmodes/rules";
 * const schema = defineSchema({
 *   Order: model({ note: string(), owner: string() }).authorization((allow) => [allow.owner()]),
 * });
 * export type Order = ModelRecord<typeof schema, "Order">; // { id: string, note: string | null, … }
 * export const policy = createPolicy(schema);
 */
export function defineSchema<const Entries extends SchemaEntries>(
  given: Entries & Complete<Entries>,
  { sandbox = false }: SchemaOptions = {},
): DefinedSchema<Entries> {
  const models: [string, ModelDefinition][] = [];
  const types: [string, TypeDefinition][] = [];
  for (const [name, entry] of Object.entries<unknown>(given)) {
    checkName("type", name);
    if (entry instanceof Model) {
      models.push([name, modelDefinition(name, entry, given)]);
    } else if (entry instanceof CustomType) {
      types.push([name, { fields: fieldDefinitions(name, entry.fields, given) }]);
    } else if (!(entry instanceof BuiltField) || entry.words === undefined) {
      throw new TypeError(`${name}: make it with model, customType or enumeration`);
    }
  }
  return deepFreeze({
    models: Object.fromEntries(models),
    ...(types.length > 0 && { types: Object.fromEntries(types) }),
    ...(sandbox && { sandbox }),
  });
}

function modelDefinition(name: string, { fields, parts }: ModelEntry, given: SchemaEntries): ModelDefinition {
  const { rules, identifier = [], indexes = [], subscriptions } = parts;
  for (const field of [...identifier, ...indexes.flatMap((index) => index.fields)]) {
    if (!Object.hasOwn(fields, field)) unknownName(`field of ${name}`, field, Object.keys(fields));
  }
  const definitions = fieldDefinitions(name, fields, given);
  const [first] = identifier;
  const keyed = first === undefined ? undefined : definitions[first];
  return {
    ...(rules !== undefined && { rules }),
    fields:
      first === undefined || keyed === undefined
        ? definitions
        : { ...definitions, [first]: { ...keyed, primaryKey: true } },
    ...(identifier.length > 1 && { key: identifier }),
    ...(indexes.length > 0 && { indexes }),
    ...(subscriptions !== undefined && { subscriptions }),
  };
}

function fieldDefinitions(
  type: string,
  fields: ModelFields,
  given: SchemaEntries,
): Readonly<Record<string, FieldDefinition>> {
  const definitions = Object.entries<unknown>(fields).map(([name, field]): [string, FieldDefinition] => {
    checkName("field", name);
    const isField = field instanceof BuiltField;
    must(isField, `${type}.${name}: make it with string() or another kind of field`);
    if (field.target !== undefined) checkTarget(`${type}.${name}`, field, field.target, fields, given);
    if (field.words === undefined) return [name, field.definition];
    const named = type + upperFirst(name);
    return [name, { ...field.definition, type: field.definition.type.replace(enumerationType, named) }];
  });
  return Object.fromEntries(definitions);
}

function checkTarget(
  place: string,
  field: BuiltField,
  target: string,
  own: ModelFields,
  given: SchemaEntries,
): void {
  if (!Object.hasOwn(given, target)) unknownName(`type for ${place}`, target, Object.keys(given));
  const { relation } = field.definition;
  const entry = given[target];
  if (relation === undefined) return;
  must(entry instanceof Model, `${place}: ${relation} leads to a model, which ${target} is not`);
  const holder = relation === "belongsTo" ? own : entry.fields;
  const unknown = field.references.find((reference) => !Object.hasOwn(holder, reference));
  if (unknown !== undefined) unknownName(`field for ${place} to refer by`, unknown, Object.keys(holder));
}

/** GraphQL's names, which do not include `__proto__`. */
function checkName(kind: string, name: string): void {
  const isName = /^(?!__)[_A-Za-z]\w*$/.test(name);
  must(isName, `'${name}' cannot be the name of a ${kind}: write letters, digits and single underscores`);
}

/** Freezes plain JSON and everything in it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
