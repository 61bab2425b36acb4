import { must } from "@authmodes/core/options";
import { upperFirst } from "../compile/model.ts";
import type { ModelDefinition } from "../types.ts";
import type { Field, RefField, Relation } from "./field.ts";
import { type Allow, type ModelOperation, type NonEmpty, rulesFrom, type RulesOf } from "./rule.ts";

// Models and nested types.

export type ValueField = Field | RefField<string, boolean, boolean, boolean>;
export type ModelFields = Readonly<Record<string, ValueField | Relation>>;
export type PlainFields = Readonly<Record<string, ValueField>>;

/** Names of the fields that hold a text, or a list of texts: only these can name owners and groups. */
export type TextFields<Fields, List extends boolean> = {
  [Name in keyof Fields]: Fields[Name] extends Field<"String" | "ID", unknown, List> ? Name : never;
}[keyof Fields] &
  string;

/** Names of the fields that can be part of a key. */
export type KeyFields<Fields> = {
  [Name in keyof Fields]: Fields[Name] extends Field<string, unknown, false> ? Name : never;
}[keyof Fields] &
  string;

export type ModelAllow<Fields> = Allow<ModelOperation, TextFields<Fields, false>, TextFields<Fields, true>>;

/** What a model has besides its fields. */
interface Parts extends Pick<ModelDefinition, "rules" | "indexes" | "subscriptions"> {
  readonly identifier?: readonly string[];
}

/**
 * A model of a schema, made by `model`. Each method returns a changed copy.
 * @typeParam Key the fields of the primary key
 */
export class Model<Fields extends ModelFields = ModelFields, Key extends string = string> {
  readonly fields: Fields;
  readonly parts: Parts;
  /** For the types of records only; always undefined. */
  declare readonly key?: Key;

  constructor(fields: Fields, parts: Parts) {
    this.fields = fields;
    this.parts = parts;
  }

  /** Sets the rules. Without rules every request is denied. */
  authorization(rules: RulesOf<ModelAllow<Fields>>): Model<Fields, Key> {
    return this.#with("rules", rulesFrom(rules));
  }

  /** Sets the fields of the primary key, partition key first. Default `id`. */
  identifier<const Names extends NonEmpty<KeyFields<Fields>>>(names: Names): Model<Fields, Names[number]> {
    return this.#with("identifier", [...names]);
  }

  /** Sets the indexes that lists can be queried by: `(index) => [index("owner").sortKeys(["createdAt"])]`. */
  secondaryIndexes(
    give: (
      index: (field: KeyFields<Fields>) => Index<KeyFields<Fields>>,
    ) => readonly Index<KeyFields<Fields>>[],
  ): Model<Fields, Key> {
    const indexes = give((field) => new Index(indexName([field]), [field]));
    return this.#with(
      "indexes",
      indexes.map(({ indexName, fields }) => ({ name: indexName, fields })),
    );
  }

  /** Sets AppSync's subscription level. Default `on`. */
  subscriptions(level: NonNullable<ModelDefinition["subscriptions"]>): Model<Fields, Key> {
    return this.#with("subscriptions", level);
  }

  #with<Name extends keyof Parts>(name: Name, value: Parts[Name]): Model<Fields, never> {
    must(this.parts[name] === undefined, `The model has its ${name} already: put them into one call`);
    return new Model(this.fields, { ...this.parts, [name]: value });
  }
}

class Index<Name extends string> {
  readonly indexName: string;
  readonly fields: readonly string[];

  constructor(indexName: string, fields: readonly string[]) {
    this.indexName = indexName;
    this.fields = fields;
  }

  sortKeys(names: readonly Name[]): Index<Name> {
    const fields = [...this.fields.slice(0, 1), ...names];
    const isNamed = this.indexName !== indexName(this.fields);
    return new Index(isNamed ? this.indexName : indexName(fields), fields);
  }

  name(name: string): Index<Name> {
    return new Index(name, this.fields);
  }

  /** Has no effect, since no queries are generated here. Amplify's schemas call it. */
  queryField(_name: string): Index<Name> {
    return this;
  }
}

/** A type of objects within records, made by `customType`. */
export class CustomType<Fields extends PlainFields = PlainFields> {
  readonly fields: Fields;

  constructor(fields: Fields) {
    this.fields = fields;
  }
}

/**
 * Defines a model: a type whose records have rules.
 * @example
 * import { createPolicy, defineSchema, model, string } from "@authmodes/rules";
 * const schema = defineSchema({
 *   Order: model({ note: string(), owner: string() }).authorization((allow) => [
 *     allow.owner(),
 *     allow.group("Librarians").to(["read"]),
 *   ]),
 * });
 * export const policy = createPolicy(schema);
 */
export function model<const Fields extends ModelFields>(fields: Fields): Model<Fields, "id"> {
  return new Model(fields, {});
}

/**
 * Defines a type of objects within records. Its fields can have rules of their own.
 * @example
 * import { customType, defineSchema, model, ref, string } from "@authmodes/rules";
 * export const schema = defineSchema({
 *   Address: customType({
 *     city: string(),
 *     street: string().authorization((allow) => [allow.group("Drivers")]),
 *   }),
 *   Customer: model({ address: ref("Address") }).authorization((allow) => [allow.authenticated()]),
 * });
 */
export function customType<const Fields extends PlainFields>(fields: Fields): CustomType<Fields> {
  return new CustomType(fields);
}

/** The default name of an index: `byOwner`, `byOwnerAndCreatedAt`. */
export function indexName(fields: readonly string[]): string {
  return `by${fields.map((field) => upperFirst(field)).join("And")}`;
}
