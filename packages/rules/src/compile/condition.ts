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
  switch (condition.kind) {
    case "always":
      return () => true;
    case "never":
      return () => false;
    case "equals":
      return equals(condition.field, condition.anyOf);
    case "contains":
      return contains(condition.field, condition.anyOf);
    case "and":
      return allMatch(condition.all.map(matches));
    case "or":
      return anyMatches(condition.any.map(matches));
  }
}

function allMatch(tests: readonly Predicate[]): Predicate {
  const [first, second] = tests;
  if (tests.length === 2 && first !== undefined && second !== undefined) {
    return (record) => first(record) && second(record);
  }
  return (record) => {
    for (const test of tests) if (!test(record)) return false;
    return true;
  };
}

function anyMatches(tests: readonly Predicate[]): Predicate {
  const [first, second] = tests;
  // The common case: the caller is the owner, or in a group.
  if (tests.length === 2 && first !== undefined && second !== undefined) {
    return (record) => first(record) || second(record);
  }
  return (record) => {
    for (const test of tests) if (test(record)) return true;
    return false;
  };
}

function equals(field: string, anyOf: readonly string[]): Predicate {
  if (anyOf.length === 0) return () => false;
  // The common case: an owner is compared with `sub::username` and its two parts.
  if (anyOf.length <= 3) {
    const [first, second = first, third = second] = anyOf;
    return (record) => {
      const value = comparable(record[field]);
      return value === first || value === second || value === third;
    };
  }
  const values = new Set<unknown>(anyOf);
  return (record) => values.has(comparable(record[field]));
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

/** A set is faster than a list even for few values. */
function contains(field: string, anyOf: readonly string[]): Predicate {
  const values = new Set<unknown>(anyOf);
  return (record) => {
    const elements: unknown = record[field];
    return Array.isArray(elements) && hasAny(values, elements);
  };
}

/** By index, which is faster than an iterator. */
function hasAny(values: ReadonlySet<unknown>, elements: readonly unknown[]): boolean {
  for (let i = 0; i < elements.length; i++) if (values.has(comparable(elements[i]))) return true;
  return false;
}
