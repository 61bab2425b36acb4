import { must } from "@authmodes/core/options";
import type { Condition } from "../types.ts";
import { sqlParts, type SqlDialectOptions } from "./sql.ts";

/** The part of Drizzle's `sql` that is needed. */
export interface DrizzleSql<Result> {
  raw(text: string): Result;
  param(value: unknown): unknown;
  join(chunks: unknown[]): Result;
}

export interface DrizzleOptions<Result> extends SqlDialectOptions {
  /** `import { sql } from "drizzle-orm"` */
  readonly sql: DrizzleSql<Result>;
}

/**
 * A condition for Drizzle's `where()`, compared byte by byte as toSql() does.
 *
 * @example
 * import { and, eq, sql } from "drizzle-orm";
 * const mine = toDrizzle(condition, orders, { sql, dialect: "postgresql" });
 * await db.select().from(orders).where(and(eq(orders.status, "open"), mine));
 * @param columns the table, or its columns by field
 * @throws TypeError where a column is missing or the dialect cannot express the condition
 */
export function toDrizzle<Result>(
  condition: Condition,
  columns: object,
  options: DrizzleOptions<Result>,
): Result {
  const byField = new Map<string, unknown>(Object.entries(columns));
  const chunks = sqlParts("toDrizzle()", condition, options).map((part) => {
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
