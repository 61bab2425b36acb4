import { list, must } from "@authmodes/core/options";
import type { FieldDefinition } from "../types.ts";
import { type Allow, allowWords, type FieldOperation, type RulesOf, rulesFrom } from "./rule.ts";

// Fields. What they hold is in their types, what the rules need to know of them is in `definition`.

export type FieldAllow = Allow<FieldOperation, string, string>;

/**
 * A field that holds values.
 * @typeParam Type as GraphQL names it
 * @typeParam Value what a record holds, null included where it may be missing
 */
export interface Field<Type extends string = string, Value = unknown, List extends boolean = boolean> {
  /** Never null. Before `array()` it is about the elements. */
  required(): Field<Type, Exclude<Value, null>, List>;
  /** A list of these. */
  array(this: Field<Type, Value, false>): Field<Type, readonly Value[] | null, true>;
  /** Rules that replace those of the model on this field. */
  authorization(rules: RulesOf<FieldAllow>): Field<Type, Value, List>;
  readonly definition: FieldDefinition;
  /** The words of an enumeration, which is named after its model and field. */
  readonly words: readonly string[] | undefined;
  /** For the type of records alone: it is not there when the code runs. */
  readonly holds?: { readonly type: Type; readonly value: Value; readonly list: List };
}

/** A field of a type that the schema names. */
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
  /** For the type of records alone. */
  readonly flags?: { required: Required; list: List; elements: Elements };
}

/** A field that leads to other records. */
export interface Relation<Name extends string = string> {
  authorization(rules: RulesOf<FieldAllow>): Relation<Name>;
  readonly definition: FieldDefinition;
  readonly target: Name;
  /** The fields that hold the other record's key: on the related model, for belongsTo on this one. */
  readonly references: readonly string[];
}

interface Parts<Target extends string | undefined> {
  readonly definition: FieldDefinition;
  readonly target: Target;
  readonly words?: readonly string[] | undefined;
  readonly references?: readonly string[];
}

/** All kinds of fields when the code runs. */
export class BuiltField<Target extends string | undefined = string | undefined> {
  readonly definition: FieldDefinition;
  readonly words: readonly string[] | undefined;
  readonly target: Target;
  readonly references: readonly string[];

  constructor({ definition, words, target, references = [] }: Parts<Target>) {
    this.definition = definition;
    this.words = words;
    this.target = target;
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
    return this.#with({ rules: rulesFrom(rules, allowWords()) });
  }

  #with(change: Partial<FieldDefinition>): BuiltField<Target> {
    const { words, target, references } = this;
    return new BuiltField({ definition: { ...this.definition, ...change }, words, target, references });
  }
}

type Scalar<Type extends string, Value> = Field<Type, Value | null, false>;
type MakeScalar<Type extends string, Value> = () => Scalar<Type, Value>;

export const id: MakeScalar<"ID", string> = scalar("ID");
export const string: MakeScalar<"String", string> = scalar("String");
export const integer: MakeScalar<"Int", number> = scalar("Int");
export const float: MakeScalar<"Float", number> = scalar("Float");
export const boolean: MakeScalar<"Boolean", boolean> = scalar("Boolean");
/** `2026-11-22` */
export const date: MakeScalar<"AWSDate", string> = scalar("AWSDate");
/** `10:30:00.000` */
export const time: MakeScalar<"AWSTime", string> = scalar("AWSTime");
/** `2026-11-22T10:30:00.000Z` */
export const datetime: MakeScalar<"AWSDateTime", string> = scalar("AWSDateTime");
/** Seconds since 1970. */
export const timestamp: MakeScalar<"AWSTimestamp", number> = scalar("AWSTimestamp");
export const email: MakeScalar<"AWSEmail", string> = scalar("AWSEmail");
export const phone: MakeScalar<"AWSPhone", string> = scalar("AWSPhone");
export const url: MakeScalar<"AWSURL", string> = scalar("AWSURL");
export const ipAddress: MakeScalar<"AWSIPAddress", string> = scalar("AWSIPAddress");
export const json: MakeScalar<"AWSJSON", unknown> = scalar("AWSJSON");

function scalar(type: string): () => BuiltField<undefined> {
  return () => new BuiltField({ definition: { type }, target: undefined });
}

/** Stands in a definition for the name that the schema gives. */
export const enumerationType = "Enumeration";

/** One of these words. As an entry of a schema it has its name there; as a field, those of model and field: `PostStatus`. */
export function enumeration<const Word extends string>(words: readonly Word[]): Scalar<"Enumeration", Word> {
  const isNamed = Array.isArray(words) && words.length > 0;
  must(isNamed, 'enumeration names its words: enumeration(["draft", "published"])');
  return new BuiltField({ definition: { type: enumerationType }, target: undefined, words: [...words] });
}

/** A type of the schema: an object made with `customType`, or an enumeration. */
export function ref<const Name extends string>(type: Name): RefField<Name> {
  return new BuiltField({ definition: { type }, target: type });
}

/** @param references the fields that hold the other record's key, see `Relation` */
type MakeRelation = <const Name extends string>(
  model: Name,
  references: string | readonly string[],
) => Relation<Name>;

export const hasMany: MakeRelation = (model, references) =>
  relation("hasMany", model, `[${model}]`, references);
export const hasOne: MakeRelation = (model, references) => relation("hasOne", model, model, references);
export const belongsTo: MakeRelation = (model, references) => relation("belongsTo", model, model, references);

function relation<Name extends string>(
  kind: NonNullable<FieldDefinition["relation"]>,
  target: Name,
  type: string,
  references: string | readonly string[],
): BuiltField<Name> {
  return new BuiltField({ definition: { type, relation: kind }, target, references: list(references) });
}
