import { must } from "@authmodes/core/options";
import { isObject } from "../check/kinds.ts";
import type { Condition } from "../types.ts";
import type { ColumnType, ColumnTypes } from "./compile.ts";
import { sqlParts, type SqlDialectOptions } from "./sql.ts";

/** The part of Drizzle's `sql` that `toDrizzle` uses. */
export interface DrizzleSql<Result> {
  raw(text: string): Result;
  param(value: unknown): unknown;
  join(chunks: unknown[]): Result;
}

/** Options of `toDrizzle`. */
export interface DrizzleOptions<Result> extends SqlDialectOptions {
  /** `import { sql } from "drizzle-orm"` */
  readonly sql: DrizzleSql<Result>;
}

/**
 * Converts a condition for Drizzle's `where()`. Texts are compared byte by byte, as in `toSql`. The types of UUID and
 * integer columns are taken from the table.
 * @param columns the table, or its columns by field
 * @throws TypeError if a column is missing, or the dialect cannot express the condition
 * @example
 * import type { Identity } from "@authmodes/core";
 * import { type Policy, toDrizzle } from "@authmodes/rules";
 * import { and, eq, type SQL, sql } from "drizzle-orm";
 * import { pgTable, text } from "drizzle-orm/pg-core";
 * const orders = pgTable("orders", { id: text(), owner: text(), status: text() });
 * export function openOrders(policy: Policy, identity: Identity): SQL | undefined {
 *   const mine = toDrizzle(policy.filter(identity, { model: "Order" }), orders, { sql, dialect: "postgresql" });
 *   return and(eq(orders.status, "open"), mine); // db.select().from(orders).where(…)
 * }
 */
export function toDrizzle<Result>(
  condition: Condition,
  columns: object,
  options: DrizzleOptions<Result>,
): Result {
  const byField = new Map<string, unknown>(Object.entries(columns));
  const types = { ...typesOf(byField), ...options.types };
  const chunks = sqlParts("toDrizzle()", condition, { ...options, types }).map((part) => {
    if (typeof part === "string") return options.sql.raw(part);
    if ("value" in part) return options.sql.param(part.value);
    const column = byField.get(part.field);
    must(
      column !== undefined,
      `toDrizzle(): there is no column for the field '${part.field}'. Pass the columns by field, such as { ${part.field}: table.column }.`,
    );
    return column;
  });
  return options.sql.join(chunks);
}

/** `integer` has 64 bits in SQLite, and `serial` in MySQL: a range of 64 bits loses no record of a smaller column. */
const wholeNumberName = /^(?:tiny|small|medium|big)?(?:int|integer|serial)(?: unsigned)?$/;

/** A list has another name, such as `uuid[]`, and is compared as a list of texts. */
function typesOf(columns: ReadonlyMap<string, unknown>): ColumnTypes {
  return Object.fromEntries(
    [...columns].flatMap(([field, column]): readonly [string, ColumnType][] => {
      const name = isTyped(column) ? column.getSQLType() : "";
      if (name === "uuid") return [[field, "uuid"]];
      return wholeNumberName.test(String(name)) ? [[field, "bigint"]] : [];
    }),
  );
}

function isTyped(column: unknown): column is { getSQLType(): unknown } {
  return isObject(column) && "getSQLType" in column && typeof column.getSQLType === "function";
}
