import { list, must } from "@authmodes/core/options";
import type { FieldDefinition } from "../types.ts";
import { type Allow, type FieldOperation, type RulesOf, rulesFrom } from "./rule.ts";

// Fields. Their types say what they hold; `definition` has what the rules need.

export type FieldAllow = Allow<FieldOperation, string, string>;

/**
 * A field that holds values.
 * @typeParam Type GraphQL's name of the type
 * @typeParam Value what a record holds, including null if it may be missing
 */
export interface Field<Type extends string = string, Value = unknown, List extends boolean = boolean> {
  /** Makes the field non-null; called before `array()`, the elements. */
  required(): Field<Type, Exclude<Value, null>, List>;
  /** Makes the field a list. */
  array(this: Field<Type, Value, false>): Field<Type, readonly Value[] | null, true>;
  /** Sets rules that replace those of the model on this field. */
  authorization(rules: RulesOf<FieldAllow>): Field<Type, Value, List>;
  readonly definition: FieldDefinition;
  /** The values of an enumeration, which is named after its model and field. */
  readonly words: readonly string[] | undefined;
  /** For the types of records only; always undefined. */
  readonly holds?: { readonly type: Type; readonly value: Value; readonly list: List };
}

/** A field of a custom type or an enumeration that has its own entry in the schema. */
export interface RefField<
  Name extends string,
  Required extends boolean = false,
  List extends boolean = false,
  Elements extends boolean = false,
> {
  required(): RefField<Name, true, List, Elements>;
  array(this: RefField<Name, Required>): RefField<Name, false, true, Required>;
  authorization(rules: RulesOf<FieldAllow>): RefField<Name, Required, List, Elements>;
  readonly definition: FieldDefinition;
  readonly target: Name;
  /** For the types of records only; always undefined. */
  readonly flags?: { required: Required; list: List; elements: Elements };
}

/** A field that leads to records of another model. */
export interface Relation<Name extends string = string> {
  authorization(rules: RulesOf<FieldAllow>): Relation<Name>;
  readonly definition: FieldDefinition;
  readonly target: Name;
  /** The fields that hold the other record's key: on the related model, or on this one for `belongsTo`. */
  readonly references: readonly string[];
}

/** The one class behind all kinds of fields. */
export class BuiltField<Target extends string | undefined = string | undefined> {
  readonly definition: FieldDefinition;
  readonly target: Target;
  readonly words: readonly string[] | undefined;
  readonly references: readonly string[];

  constructor(
    definition: FieldDefinition,
    target: Target,
    words?: readonly string[],
    references: readonly string[] = [],
  ) {
    this.definition = definition;
    this.target = target;
    this.words = words;
    this.references = references;
  }

  required(): BuiltField<Target> {
    const { type } = this.definition;
    if (type.endsWith("!")) throw new TypeError("The field is required already");
    return this.#with({ type: `${type}!` });
  }

  array(): BuiltField<Target> {
    const { type } = this.definition;
    if (type.startsWith("[")) throw new TypeError("The field is a list already");
    return this.#with({ type: `[${type}]` });
  }

  authorization(rules: RulesOf<FieldAllow>): BuiltField<Target> {
    must(this.definition.rules === undefined, "The field has rules already: put them into one list");
    return this.#with({ rules: rulesFrom(rules) });
  }

  #with(change: Partial<FieldDefinition>): BuiltField<Target> {
    return new BuiltField({ ...this.definition, ...change }, this.target, this.words, this.references);
  }
}

type Scalar<Type extends string, Value> = Field<Type, Value | null, false>;
type MakeScalar<Type extends string, Value> = () => Scalar<Type, Value>;

/**
 * Defines a field that holds an id (`ID`).
 * @example
 * import { model, id } from "@authmodes/rules";
 * export const Order = model({ id: id().required(), bookId: id() });
 */
export const id: MakeScalar<"ID", string> = scalar("ID");
/**
 * Defines a text field (`String`).
 * @example
 * import { model, string } from "@authmodes/rules";
 * export const Book = model({ title: string().required(), tags: string().array() });
 */
export const string: MakeScalar<"String", string> = scalar("String");
/**
 * Defines a field that holds a whole number of 32 bits (`Int`).
 * @example
 * import { model, integer } from "@authmodes/rules";
 * export const Book = model({ pages: integer() });
 */
export const integer: MakeScalar<"Int", number> = scalar("Int");
/**
 * Defines a field that holds a number (`Float`).
 * @example
 * import { model, float } from "@authmodes/rules";
 * export const Book = model({ price: float() });
 */
export const float: MakeScalar<"Float", number> = scalar("Float");
/**
 * Defines a field that holds true or false (`Boolean`).
 * @example
 * import { model, boolean } from "@authmodes/rules";
 * export const Post = model({ isPublished: boolean() });
 */
export const boolean: MakeScalar<"Boolean", boolean> = scalar("Boolean");
/**
 * Defines a field that holds a date such as `2026-11-22` (`AWSDate`).
 * @example
 * import { model, date } from "@authmodes/rules";
 * export const Book = model({ published: date() });
 */
export const date: MakeScalar<"AWSDate", string> = scalar("AWSDate");
/**
 * Defines a field that holds a time of day such as `10:30:00.000` (`AWSTime`).
 * @example
 * import { model, time } from "@authmodes/rules";
 * export const Shop = model({ opensAt: time() });
 */
export const time: MakeScalar<"AWSTime", string> = scalar("AWSTime");
/**
 * Defines a field that holds a moment such as `2026-11-22T10:30:00.000Z` (`AWSDateTime`).
 * @example
 * import { model, datetime } from "@authmodes/rules";
 * export const Order = model({ sentAt: datetime() });
 */
export const datetime: MakeScalar<"AWSDateTime", string> = scalar("AWSDateTime");
/**
 * Defines a field that holds a moment in seconds since 1970 (`AWSTimestamp`).
 * @example
 * import { model, timestamp } from "@authmodes/rules";
 * export const Session = model({ startedAt: timestamp() });
 */
export const timestamp: MakeScalar<"AWSTimestamp", number> = scalar("AWSTimestamp");
/**
 * Defines a field that holds an email address (`AWSEmail`).
 * @example
 * import { model, email } from "@authmodes/rules";
 * export const Customer = model({ email: email() });
 */
export const email: MakeScalar<"AWSEmail", string> = scalar("AWSEmail");
/**
 * Defines a field that holds a phone number (`AWSPhone`).
 * @example
 * import { model, phone } from "@authmodes/rules";
 * export const Customer = model({ phone: phone() });
 */
export const phone: MakeScalar<"AWSPhone", string> = scalar("AWSPhone");
/**
 * Defines a field that holds a URL (`AWSURL`).
 * @example
 * import { model, url } from "@authmodes/rules";
 * export const Book = model({ cover: url() });
 */
export const url: MakeScalar<"AWSURL", string> = scalar("AWSURL");
/**
 * Defines a field that holds an IPv4 or IPv6 address (`AWSIPAddress`).
 * @example
 * import { model, ipAddress } from "@authmodes/rules";
 * export const Session = model({ address: ipAddress() });
 */
export const ipAddress: MakeScalar<"AWSIPAddress", string> = scalar("AWSIPAddress");
/**
 * Defines a field that holds any JSON value (`AWSJSON`). Rules cannot look inside it.
 * @example
 * import { model, json } from "@authmodes/rules";
 * export const Event = model({ payload: json() });
 */
export const json: MakeScalar<"AWSJSON", unknown> = scalar("AWSJSON");

function scalar(type: string): () => BuiltField<undefined> {
  return () => new BuiltField({ type }, undefined);
}

/** The type of an enumeration until the schema names it. */
export const enumerationType = "Enumeration";

/**
 * Defines a field that holds one of these words. As an entry of a schema it has the name of the entry; as a field, a name
 * made of model and field: `PostStatus`.
 * @throws TypeError without words
 * @example
 * import { defineSchema, enumeration, model, string } from "@authmodes/rules";
 * export const schema = defineSchema({
 *   Post: model({ title: string(), status: enumeration(["draft", "published"]) }),
 * });
 */
export function enumeration<const Word extends string>(words: readonly Word[]): Scalar<"Enumeration", Word> {
  const isNamed = Array.isArray(words) && words.length > 0;
  must(isNamed, 'enumeration names its words: enumeration(["draft", "published"])');
  return new BuiltField({ type: enumerationType }, undefined, [...words]);
}

/**
 * Defines a field of a type that is an entry of the schema: a `customType` or an `enumeration`.
 * @example
 * import { customType, defineSchema, model, ref, string } from "@authmodes/rules";
 * export const schema = defineSchema({
 *   Address: customType({ street: string(), city: string() }),
 *   Customer: model({ address: ref("Address").required() }),
 * });
 */
export function ref<const Name extends string>(type: Name): RefField<Name> {
  return new BuiltField({ type }, type);
}

/** @param references the fields that hold the other record's key, see `Relation` */
type MakeRelation = <const Name extends string>(
  model: Name,
  references: string | readonly string[],
) => Relation<Name>;

/**
 * Defines a relation to many records of another model, which hold this record's key in `references`.
 * @example
 * import { belongsTo, defineSchema, hasMany, id, model } from "@authmodes/rules";
 * export const schema = defineSchema({
 *   Book: model({ reviews: hasMany("Review", "bookId") }),
 *   Review: model({ bookId: id(), book: belongsTo("Book", "bookId") }),
 * });
 */
export const hasMany: MakeRelation = (model, references) =>
  relation("hasMany", model, `[${model}]`, references);
/**
 * Defines a relation to one record of another model, which holds this record's key in `references`.
 * @example
 * import { defineSchema, hasOne, id, model } from "@authmodes/rules";
 * export const schema = defineSchema({
 *   User: model({ profile: hasOne("Profile", "userId") }),
 *   Profile: model({ userId: id() }),
 * });
 */
export const hasOne: MakeRelation = (model, references) => relation("hasOne", model, model, references);
/**
 * Defines a relation to one record of another model, whose key this record holds in `references`.
 * @example
 * import { belongsTo, defineSchema, id, model, string } from "@authmodes/rules";
 * export const schema = defineSchema({
 *   Book: model({ title: string() }),
 *   Review: model({ bookId: id(), book: belongsTo("Book", "bookId") }),
 * });
 */
export const belongsTo: MakeRelation = (model, references) => relation("belongsTo", model, model, references);

function relation<Name extends string>(
  kind: NonNullable<FieldDefinition["relation"]>,
  target: Name,
  type: string,
  references: string | readonly string[],
): BuiltField<Name> {
  return new BuiltField({ type, relation: kind }, target, undefined, list(references));
}
