import { list } from "@authmodes/core/options";
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
    if (this.definition.rules !== undefined) {
      throw new TypeError("The field has rules already: put them into one list");
    }
    return this.#with({ rules: rulesFrom(rules, allowWords()) });
  }

  #with(change: Partial<FieldDefinition>): BuiltField<Target> {
    const { words, target, references } = this;
    return new BuiltField({ definition: { ...this.definition, ...change }, words, target, references });
  }
}

type Scalar<Type extends string, Value> = Field<Type, Value | null, false>;

export function id(): Scalar<"ID", string> {
  return scalar("ID");
}
export function string(): Scalar<"String", string> {
  return scalar("String");
}
export function integer(): Scalar<"Int", number> {
  return scalar("Int");
}
export function float(): Scalar<"Float", number> {
  return scalar("Float");
}
export function boolean(): Scalar<"Boolean", boolean> {
  return scalar("Boolean");
}
/** `2026-11-22` */
export function date(): Scalar<"AWSDate", string> {
  return scalar("AWSDate");
}
/** `10:30:00.000` */
export function time(): Scalar<"AWSTime", string> {
  return scalar("AWSTime");
}
/** `2026-11-22T10:30:00.000Z` */
export function datetime(): Scalar<"AWSDateTime", string> {
  return scalar("AWSDateTime");
}
/** Seconds since 1970. */
export function timestamp(): Scalar<"AWSTimestamp", number> {
  return scalar("AWSTimestamp");
}
export function email(): Scalar<"AWSEmail", string> {
  return scalar("AWSEmail");
}
export function phone(): Scalar<"AWSPhone", string> {
  return scalar("AWSPhone");
}
export function url(): Scalar<"AWSURL", string> {
  return scalar("AWSURL");
}
export function ipAddress(): Scalar<"AWSIPAddress", string> {
  return scalar("AWSIPAddress");
}
export function json(): Scalar<"AWSJSON", unknown> {
  return scalar("AWSJSON");
}

function scalar(type: string): BuiltField<undefined> {
  return new BuiltField({ definition: { type }, target: undefined });
}

/** Stands in a definition for the name that the schema gives. */
export const enumerationType = "Enumeration";

/** One of these words. As an entry of a schema it has its name there; as a field, those of model and field: `PostStatus`. */
export function enumeration<const Word extends string>(words: readonly Word[]): Scalar<"Enumeration", Word> {
  if (!Array.isArray(words) || words.length === 0) {
    throw new TypeError('enumeration names its words: enumeration(["draft", "published"])');
  }
  return new BuiltField({ definition: { type: enumerationType }, target: undefined, words: [...words] });
}

/** A type of the schema: an object made with `customType`, or an enumeration. */
export function ref<const Name extends string>(type: Name): RefField<Name> {
  return new BuiltField({ definition: { type }, target: type });
}

/** @param references the fields of the other model that hold this one's key */
export function hasMany<const Name extends string>(
  model: Name,
  references: string | readonly string[],
): Relation<Name> {
  return relation("hasMany", model, `[${model}]`, references);
}

/** @param references the fields of the other model that hold this one's key */
export function hasOne<const Name extends string>(
  model: Name,
  references: string | readonly string[],
): Relation<Name> {
  return relation("hasOne", model, model, references);
}

/** @param references the fields of this model that hold the other one's key */
export function belongsTo<const Name extends string>(
  model: Name,
  references: string | readonly string[],
): Relation<Name> {
  return relation("belongsTo", model, model, references);
}

function relation<Name extends string>(
  kind: NonNullable<FieldDefinition["relation"]>,
  target: Name,
  type: string,
  references: string | readonly string[],
): BuiltField<Name> {
  return new BuiltField({ definition: { type, relation: kind }, target, references: list(references) });
}
