import type { Condition, Values } from "../types.ts";

// Conditions on records, which decide about single records and filter lists.

/** A function that decides about a record, as `matches` makes it. */
export type Predicate = (record: Values) => boolean;

export const always: Condition = Object.freeze({ kind: "always" });
export const never: Condition = Object.freeze({ kind: "never" });

/** The condition that the field's text, or an element of its list, is one of these. */
export function oneOf(field: string, isList: boolean, anyOf: readonly string[]): Condition {
  if (anyOf.length === 0) return never;
  return Object.freeze({
    kind: isList ? "contains" : "equals",
    field,
    anyOf: Object.freeze([...new Set(anyOf)]),
  });
}

export function and(conditions: readonly Condition[]): Condition {
  if (conditions.length === 1 && conditions[0] !== undefined) return conditions[0];
  const all = conditions.flatMap((part) => (part.kind === "and" ? part.all : [part]));
  if (all.some((part) => part.kind === "never")) return never;
  const parts = all.filter((part) => part.kind !== "always");
  return parts.length > 1 ? Object.freeze({ kind: "and", all: Object.freeze(parts) }) : (parts[0] ?? always);
}

/** Parts that compare the same field are merged into one comparison. */
export function or(conditions: readonly Condition[]): Condition {
  if (conditions.length === 1 && conditions[0] !== undefined) return conditions[0];
  const any = conditions.flatMap((part) => (part.kind === "or" ? part.any : [part]));
  if (any.some((part) => part.kind === "always")) return always;
  const compared = new Map<string, Condition>();
  const others: Condition[] = [];
  for (const part of any) {
    if (part.kind === "never") continue;
    if (part.kind !== "equals" && part.kind !== "contains") {
      others.push(part);
      continue;
    }
    const key = `${part.kind} ${part.field}`;
    const before = compared.get(key);
    const values = before !== undefined && "anyOf" in before ? before.anyOf : [];
    compared.set(key, oneOf(part.field, part.kind === "contains", [...values, ...part.anyOf]));
  }
  const parts = [...compared.values(), ...others];
  return parts.length > 1 ? Object.freeze({ kind: "or", any: Object.freeze(parts) }) : (parts[0] ?? never);
}

/**
 * Makes a predicate that is true for exactly the records that a condition matches, to filter in memory.
 * @example
 * import type { Identity } from "@authmodes/core";
 * import { matches, type Policy } from "@authmodes/rules";
 * export function readable<T extends object>(policy: Policy, identity: Identity, orders: readonly T[]): T[] {
 *   return orders.filter(matches(policy.filter(identity, { model: "Order" })));
 * }
 */
export function matches(condition: Condition): (record: object) => boolean;
export function matches(condition: Condition): Predicate {
  const test = testOf(condition);
  return (record) => test.passes(record);
}

/** A condition, ready to test records. An object and no function, since V8 inlines the methods of several classes in one place. */
export interface Test {
  passes(record: Values): boolean;
}

const all: Test = { passes: () => true };
const none: Test = { passes: () => false };

export function testOf(condition: Condition): Test {
  switch (condition.kind) {
    case "always":
      return all;
    case "never":
      return none;
    case "equals":
      return new Equals(condition.field, new Texts(condition.anyOf));
    case "contains":
      return new Contains(condition.field, new Texts(condition.anyOf));
    case "and":
      return joined(condition.all.map(testOf), all, Both);
    case "or":
      return joined(condition.any.map(testOf), none, Either);
  }
}

/** Two by two: nearly all conditions have two parts, the owner and the groups. By halves, since a list may be long. */
function joined(tests: readonly Test[], empty: Test, Kind: new (first: Test, rest: Test) => Pair): Test {
  if (tests.length < 2) return tests[0] ?? empty;
  const middle = Math.floor(tests.length / 2);
  const [first, rest] = [tests.slice(0, middle), tests.slice(middle)];
  return new Kind(joined(first, empty, Kind), joined(rest, empty, Kind));
}

abstract class Pair implements Test {
  readonly first: Test;
  readonly rest: Test;

  constructor(first: Test, rest: Test) {
    this.first = first;
    this.rest = rest;
  }

  abstract passes(record: Values): boolean;
}

class Both extends Pair {
  passes(record: Values): boolean {
    return this.first.passes(record) && this.rest.passes(record);
  }
}

class Either extends Pair {
  passes(record: Values): boolean {
    return this.first.passes(record) || this.rest.passes(record);
  }
}

class Equals implements Test {
  readonly field: string;
  readonly texts: Texts;

  constructor(field: string, texts: Texts) {
    this.field = field;
    this.texts = texts;
  }

  passes(record: Values): boolean {
    return this.texts.has(record[this.field]);
  }
}

class Contains extends Equals {
  override passes(record: Values): boolean {
    const elements: unknown = record[this.field];
    if (!Array.isArray(elements)) return false;
    // By index, which is faster than an iterator.
    for (let i = 0; i < elements.length; i++) if (this.texts.has(elements[i])) return true;
    return false;
  }
}

/** The texts of a condition. Most other texts differ from a few in length, which is compared first, modulo 32. */
class Texts {
  readonly #lengths: number;
  readonly #first: string | undefined;
  readonly #second: string | undefined;
  readonly #third: string | undefined;
  /** undefined for up to three, such as an owner's `sub::username` and its two parts. */
  readonly #all: ReadonlySet<string> | undefined;

  constructor(texts: readonly string[]) {
    this.#lengths = texts.reduce((lengths, { length }) => lengths | (1 << length), 0);
    const [first, second = first, third = second] = texts;
    this.#first = first;
    this.#second = second;
    this.#third = third;
    this.#all = texts.length > 3 ? new Set(texts) : undefined;
  }

  has(value: unknown): boolean {
    const text = comparable(value);
    if (typeof text !== "string") return false;
    if (this.#all !== undefined) return this.#all.has(text);
    if ((this.#lengths & (1 << text.length)) === 0) return false;
    return text === this.#first || text === this.#second || text === this.#third;
  }
}

/** The text by which a value is compared: a whole number has its decimal text. Nothing else but text equals a text. */
export function comparable(value: unknown): unknown {
  if (typeof value === "string") return value;
  return typeof value === "bigint" || Number.isSafeInteger(value) ? String(value) : value;
}

/** GraphQL's whole numbers, of 32 and of 64 bits. */
export type WholeNumber = "Int" | "BigInt";

/** The number whose decimal text this is; undefined if it is none, or not in the range of the type. */
export function wholeNumber(text: string, type: WholeNumber): number | bigint | undefined {
  if (!/^(?:0|-?[1-9]\d{0,18})$/.test(text)) return undefined;
  const value = BigInt(text);
  if (BigInt.asIntN(type === "Int" ? 32 : 64, value) !== value) return undefined;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
