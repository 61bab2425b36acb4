import { list } from "@authmodes/core/options";
import { isRecord } from "../guards/resolver-call.ts";
import type { Values } from "@authmodes/rules";

// Which events the arguments of a subscription select. The rules have decided already whether the subscriber may use a field.
// As in DynamoDB only `ne`, `notIn`, `notContains` and `attributeExists: false` match an absent value.
// Source: AWS Amplify documentation, "Set up real-time data", and AWS AppSync, "Extensions: subscription filters".

/** Whether an argument selects an event. @param shown the record with owners as clients see them */
export type ArgumentTest = (record: Values, shown: Values) => boolean;

type Test = (stored: unknown, given: unknown) => boolean;

const operators: Readonly<Record<string, Test>> = {
  eq: isEqual,
  ne: (stored, given) => !isEqual(stored, given),
  lt: (stored, given) => (order(stored, given) ?? 0) < 0,
  le: (stored, given) => (order(stored, given) ?? 1) <= 0,
  gt: (stored, given) => (order(stored, given) ?? 0) > 0,
  ge: (stored, given) => (order(stored, given) ?? -1) >= 0,
  between: (stored, given) => {
    const [low, high] = list(given);
    return (order(stored, low) ?? -1) >= 0 && (order(stored, high) ?? 1) <= 0;
  },
  in: isIn,
  notIn: (stored, given) => !isIn(stored, given),
  contains: has,
  notContains: (stored, given) => !has(stored, given),
  beginsWith: (stored, given) =>
    typeof stored === "string" && typeof given === "string" && stored.startsWith(given),
  attributeExists: (stored, given) => (stored !== null && stored !== undefined) === given,
};

/** The type of the events. A filter on what a client cannot select would tell what a record holds besides. */
export interface EventType {
  readonly name: string;
  has(field: string): boolean;
}

/** The caller's filter cannot be evaluated. */
export class FilterMistake extends Error {}

/**
 * Returns a test for each argument that has a value.
 * @throws FilterMistake
 */
export function argumentTests(args: Values, type: EventType): ReadonlyMap<string, ArgumentTest> {
  const tests = new Map<string, ArgumentTest>();
  for (const [name, value] of Object.entries(args)) {
    if (value === null || value === undefined) continue;
    const filter = name === "filter" && isRecord(value) ? filterTest(value, type) : undefined;
    tests.set(
      name,
      (record, shown) => filter?.(shown) ?? (isEqual(record[name], value) || isEqual(shown[name], value)),
    );
  }
  return tests;
}

/** All members of a filter must match. */
function filterTest(filter: unknown, type: EventType): (record: Values) => boolean {
  if (!isRecord(filter) || Array.isArray(filter)) throw new FilterMistake("A filter is an object");
  const tests = Object.entries(filter).map(([name, value]): ((record: Values) => boolean) => {
    if (value === null || value === undefined) return () => true;
    if (name === "not") {
      const test = filterTest(value, type);
      return (record) => !test(record);
    }
    if (name !== "and" && name !== "or") return fieldTest(name, value, type);
    const parts = list(value).map((part) => filterTest(part, type));
    return name === "and"
      ? (record) => parts.every((test) => test(record))
      : (record) => parts.some((test) => test(record));
  });
  return (record) => tests.every((test) => test(record));
}

function fieldTest(field: string, comparisons: unknown, type: EventType): (record: Values) => boolean {
  if (!type.has(field)) throw new FilterMistake(`There is no field '${field}' in filters of ${type.name}`);
  const isComparison = isRecord(comparisons) && !Array.isArray(comparisons);
  if (!isComparison) throw new FilterMistake(`The filter compares ${field} with operators: { eq: … }`);
  const tests = Object.entries(comparisons).map(([operator, given]) => {
    const test = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
    if (test === undefined)
      throw new FilterMistake(`There is no operator '${operator}' in filters of events`);
    if (operator === "between" && list(given).length !== 2)
      throw new FilterMistake("The operator between takes two values");
    return (record: Values) => test(record[field], given);
  });
  return (record) => tests.every((test) => test(record));
}

function isIn(stored: unknown, given: unknown): boolean {
  return list(given).some((one) => isEqual(stored, one));
}

function has(stored: unknown, given: unknown): boolean {
  if (Array.isArray(stored)) return isIn(given, stored);
  return typeof stored === "string" && typeof given === "string" && stored.includes(given);
}

function isEqual(stored: unknown, given: unknown): boolean {
  if (given === null || given === undefined) return stored === null || stored === undefined;
  return order(stored, given) === 0;
}

/**
 * Negative if the stored value comes before the given one; undefined if they cannot be compared. Databases return some numbers
 * and times as text, and an ID of GraphQL is a text even if the stored one is a number.
 */
function order(stored: unknown, given: unknown): number | undefined {
  if (typeof stored === "string" && typeof given === "string")
    return stored < given ? -1 : Number(stored > given);
  if (typeof stored === "boolean" && typeof given === "boolean") return Number(stored) - Number(given);
  const toNumber = stored instanceof Date || given instanceof Date ? timeOf : numberOf;
  const [a, b] = [toNumber(stored), toNumber(given)];
  if (a < b) return -1;
  if (a > b) return 1;
  return a >= b ? 0 : undefined;
}

function timeOf(value: unknown): number {
  return value instanceof Date ? value.getTime() : Date.parse(String(value));
}

function numberOf(value: unknown): number | bigint {
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value !== "string" || value.trim() === "") return Number.NaN;
  return /^-?\d+$/.test(value) ? BigInt(value) : Number(value);
}
