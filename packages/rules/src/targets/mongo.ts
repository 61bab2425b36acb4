import { must } from "@authmodes/core/options";
import type { Condition } from "../types.ts";
import { compile } from "./compile.ts";

export type MongoFilter = Record<string, unknown>;

/**
 * A condition as MongoDB's query document. Combine it with `$and`. Where a collection has a collation of its own, find
 * with `collation: { locale: "simple" }`, for then `a` may equal `A`; where Mongoose is set to `strictQuery`, name
 * every field in its schema, for it drops the others from the filter.
 *
 * @example
 * const mine = toMongo(policy.filter(identity, { model: "Order" }));
 * await orders.find({ $and: [mine, { status: "open" }] }).toArray();
 * @throws TypeError where a field's name is a path or an operator
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

/** `$in` alone would look into lists too. */
function isOneOf(anyOf: readonly string[]): MongoFilter {
  return { $in: [...anyOf], $not: { $type: "array" } };
}

function checkField(field: string): string {
  must(
    !field.startsWith("$") && !field.includes(".") && !field.includes("\0"),
    `toMongo(): '${field}' is not the name of a field: MongoDB reads '.' as a path and '$' as an operator`,
  );
  return field;
}
