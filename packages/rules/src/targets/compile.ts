import { must } from "@authmodes/core/options";
import { isText } from "../check/kinds.ts";
import { and, oneOf, or, wholeNumber } from "../compile/condition.ts";
import type { Condition } from "../types.ts";

// The part that all targets share: a condition is checked, simplified and then built from its leaves.

/** What a condition becomes in a query language, for `compile`. */
export interface Target<Filter> {
  /** The call, for messages: `toSql()`. */
  readonly name: string;
  /** Whether the field can hold this text. Comparisons with texts that it cannot hold are dropped. Default: all. */
  readonly canHold?: (text: string, field: string) => boolean;
  /** Matches every record. */
  always(): Filter;
  /** Matches no record. */
  never(): Filter;
  /** Matches if the field is one of these texts, byte by byte, or the whole number with this decimal text. Never empty. */
  equals(field: string, anyOf: readonly string[]): Filter;
  /** Matches if the field is a list that has one of these. Never empty. */
  contains(field: string, anyOf: readonly string[]): Filter;
  and(all: readonly Filter[]): Filter;
  or(any: readonly Filter[]): Filter;
}

/**
 * Converts a condition to a filter of your own. The condition is checked and simplified first: `always` and `never` are
 * never inside another condition, and no comparison is empty.
 * @throws TypeError if the condition is invalid
 * @example
 * import { type Condition, compile } from "@authmodes/rules";
 * // Elasticsearch, with fields of type `keyword`
 * export function toElastic(condition: Condition): object {
 *   return compile<object>(condition, {
 *     name: "toElastic()",
 *     always: () => ({ match_all: {} }),
 *     never: () => ({ match_none: {} }),
 *     equals: (field, anyOf) => ({ terms: { [field]: anyOf } }),
 *     contains: (field, anyOf) => ({ terms: { [field]: anyOf } }),
 *     and: (all) => ({ bool: { filter: all } }),
 *     or: (any) => ({ bool: { should: any, minimum_should_match: 1 } }),
 *   });
 * }
 */
export function compile<Filter>(condition: Condition, target: Target<Filter>): Filter {
  return build(simplify(condition, target), target);
}

function build<Filter>(condition: Condition, target: Target<Filter>): Filter {
  if (condition.kind === "equals") return target.equals(condition.field, condition.anyOf);
  if (condition.kind === "contains") return target.contains(condition.field, condition.anyOf);
  if (condition.kind === "and") return target.and(condition.all.map((part) => build(part, target)));
  if (condition.kind === "or") return target.or(condition.any.map((part) => build(part, target)));
  return condition.kind === "always" ? target.always() : target.never();
}

/** Conditions may come as JSON from elsewhere: an invalid one must not become a filter that matches more. */
function simplify(condition: Condition, target: Target<unknown>): Condition {
  switch (condition.kind) {
    case "always":
    case "never":
      return condition;
    case "equals":
    case "contains": {
      const { field, anyOf } = condition;
      const isComparison = isText(field) && isTexts(anyOf);
      const expected = `${target.name}: a condition compares a named field with texts`;
      must(isComparison, `${expected}, not ${shown(condition)}`);
      const held = anyOf.filter((text) => canBeStored(text, field, target));
      return oneOf(field, condition.kind === "contains", held);
    }
    case "and":
      return and(condition.all.map((part) => simplify(part, target)));
    case "or":
      return or(condition.any.map((part) => simplify(part, target)));
    default:
      throw new TypeError(
        `${target.name} takes a condition, such as policy.filter() returns, not ${shown(condition)}`,
      );
  }
}

/** Half a surrogate pair becomes U+FFFD in UTF-8, so that the comparison would match that instead. */
const loneSurrogate = /\p{Surrogate}/u;

function canBeStored(text: string, field: string, { canHold }: Target<unknown>): boolean {
  return !loneSurrogate.test(text) && (canHold?.(text, field) ?? true);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((element) => typeof element === "string");
}

function shown(value: Condition): string {
  return JSON.stringify(value).slice(0, 200);
}

// What a column holds, if it is not text. A value that the column cannot hold is dropped from the comparison: a database
// would reject the whole query, although it only means that no record matches.

/** What a column holds: a UUID, a whole number of 32 or 64 bits, or one of the words of an enumeration. */
export type ColumnType = "uuid" | "int" | "bigint" | readonly string[];

/** The columns that do not hold text, by field. */
export type ColumnTypes = Readonly<Record<string, ColumnType>>;

const names: ReadonlySet<unknown> = new Set(["uuid", "int", "bigint"]);

/** @throws TypeError for an unknown type */
export function checkTypes(call: string, types: ColumnTypes = {}): void {
  for (const [field, type] of Object.entries(types)) {
    const isKnown = names.has(type) || Array.isArray(type);
    must(isKnown, `${call}: types: ${field} is 'uuid', 'int', 'bigint' or the words of an enumeration`);
  }
}

/** Whether the column can hold this text, in the one form in which a database returns it. */
export function canBeIn(type: ColumnType | undefined, text: string): boolean {
  if (type === undefined) return true;
  if (type === "uuid") return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
  return isWhole(type) ? wholeNumber(text, graphqlNames[type]) !== undefined : type.includes(text);
}

export function isWhole(type: ColumnType | undefined): type is "int" | "bigint" {
  return type === "int" || type === "bigint";
}

const graphqlNames = { int: "Int", bigint: "BigInt" } as const;

/** The texts that write whole numbers of 64 bits, as which a column without a type may hold them. */
export function wholeNumbersOf(anyOf: readonly string[]): readonly string[] {
  return anyOf.filter((text) => wholeNumber(text, "BigInt") !== undefined);
}

/** The whole numbers among the texts that JavaScript can hold exactly. */
export function numbersOf(anyOf: readonly string[]): readonly number[] {
  return wholeNumbersOf(anyOf).map(Number).filter(Number.isSafeInteger);
}
