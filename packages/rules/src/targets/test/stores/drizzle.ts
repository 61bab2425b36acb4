import type { PGlite } from "@electric-sql/pglite";
import { toDrizzle, type DrizzleSql } from "../../drizzle.ts";
import { driver } from "../driver.ts";
import { listFields, textFields, type Store } from "../parity.ts";
import { postgresqlStore } from "./postgresql.ts";

type Column = object;
const drizzle = await driver<{ sql: DrizzleSql<object> }>("drizzle-orm");
const core = await driver<{
  pgTable(name: string, columns: Readonly<Record<string, Column>>): object;
  text(name: string): Column & { array(): Column };
  PgDialect: new () => { sqlToQuery(query: object): { sql: string; params: unknown[] } };
}>("drizzle-orm/pg-core");

/** PostgreSQL's table, queried with Drizzle; undefined if drizzle-orm is not installed. */
export const drizzleStore: ((db: PGlite) => Store) | undefined =
  drizzle === undefined || core === undefined
    ? undefined
    : (db) => {
        const table = core.pgTable("records", {
          ...Object.fromEntries(textFields.map((field) => [field, core.text(field)])),
          ...Object.fromEntries(listFields.map((field) => [field, core.text(field).array()])),
        });
        return postgresqlStore(db, "array", (condition) => {
          const where = toDrizzle(condition, table, { sql: drizzle.sql, dialect: "postgresql" });
          const { sql: text, params: values } = new core.PgDialect().sqlToQuery(where);
          return { text, values };
        });
      };
