import { must } from "@authmodes/core/options";
import type { Condition } from "../types.ts";
import { numbersOf, compile } from "./compile.ts";

/** A query document of MongoDB. */
export type MongoFilter = Record<string, unknown>;

/**
 * Converts a condition to MongoDB's query document. Combine it with `$and`.
 *
 * If the collection has a collation, under which `a` may equal `A`, query with `collation: { locale: "simple" }`. If
 * Mongoose has `strictQuery` on, its schema must have every field, since it drops others from the filter.
 * @throws TypeError if a field's name is a path or an operator
 * @example
 * import type { Identity } from "@authmodes/core";
 * import { type MongoFilter, type Policy, toMongo } from "@authmodes/rules";
 * // orders.find(openOrders(policy, identity)).toArray()
 * export function openOrders(policy: Policy, identity: Identity): MongoFilter {
 *   return { $and: [toMongo(policy.filter(identity, { model: "Order" })), { status: "open" }] };
 * }
 */
export function toMongo(condition: Condition): MongoFilter {
  return compile<MongoFilter>(condition, {
    name: "toMongo()",
    always: () => ({}),
    never: () => ({ $nor: [{}] }),
    equals: (field, anyOf) => ({ [checkField(field)]: isOneOf(anyOf) }),
    contains: (field, anyOf) => ({ [checkField(field)]: { $elemMatch: isOneOf(anyOf) } }),
    and: (all) => ({ $and: [...all] }),
    or: (any) => ({ $or: [...any] }),
  });
}

/** `$in` alone would match in lists as well. A field may hold a whole number instead of its text. */
function isOneOf(anyOf: readonly string[]): MongoFilter {
  return { $in: [...anyOf, ...numbersOf(anyOf)], $not: { $type: "array" } };
}

function checkField(field: string): string {
  must(
    !field.startsWith("$") && !field.includes(".") && !field.includes("\0"),
    `toMongo(): '${field}' is not the name of a field: MongoDB reads '.' as a path and '$' as an operator`,
  );
  return field;
}
