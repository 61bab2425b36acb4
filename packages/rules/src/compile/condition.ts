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

export function testOf(condition: Condition): Test {
  switch (condition.kind) {
    case "always":
      return { passes: () => true };
    case "never":
      return { passes: () => false };
    case "equals":
      // The common case: an owner is compared with `sub::username` and its two parts.
      return condition.anyOf.length > 0 && condition.anyOf.length <= 3
        ? new EqualsFew(condition.field, condition.anyOf)
        : new EqualsAny(condition.field, condition.anyOf);
    case "contains":
      return new Contains(condition.field, condition.anyOf);
    case "and":
      return new All(condition.all.map(testOf));
    case "or":
      return new Any(condition.any.map(testOf));
  }
}

class All implements Test {
  readonly #tests: readonly Test[];

  constructor(tests: readonly Test[]) {
    this.#tests = tests;
  }

  passes(record: Values): boolean {
    for (const test of this.#tests) if (!test.passes(record)) return false;
    return true;
  }
}

class Any implements Test {
  readonly #tests: readonly Test[];

  constructor(tests: readonly Test[]) {
    this.#tests = tests;
  }

  passes(record: Values): boolean {
    for (const test of this.#tests) if (test.passes(record)) return true;
    return false;
  }
}

class EqualsFew implements Test {
  readonly #field: string;
  readonly #first: string | undefined;
  readonly #second: string | undefined;
  readonly #third: string | undefined;

  constructor(field: string, [first, second = first, third = second]: readonly string[]) {
    this.#field = field;
    this.#first = first;
    this.#second = second;
    this.#third = third;
  }

  passes(record: Values): boolean {
    const found = record[this.#field];
    const value = typeof found === "string" ? found : comparable(found);
    return value === this.#first || value === this.#second || value === this.#third;
  }
}

class EqualsAny implements Test {
  readonly #field: string;
  readonly #values: ReadonlySet<unknown>;

  constructor(field: string, anyOf: readonly string[]) {
    this.#field = field;
    this.#values = new Set(anyOf);
  }

  passes(record: Values): boolean {
    return this.#values.has(comparable(record[this.#field]));
  }
}

/** A set is faster than a list even for few values. */
class Contains implements Test {
  readonly #field: string;
  readonly #values: ReadonlySet<unknown>;

  constructor(field: string, anyOf: readonly string[]) {
    this.#field = field;
    this.#values = new Set(anyOf);
  }

  passes(record: Values): boolean {
    const elements: unknown = record[this.#field];
    if (!Array.isArray(elements)) return false;
    // By index, which is faster than an iterator.
    for (let i = 0; i < elements.length; i++) if (this.#values.has(comparable(elements[i]))) return true;
    return false;
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
