import { PGlite } from "@electric-sql/pglite";
import { describe, expect, it } from "vitest";
import type { Condition } from "../types.ts";
import { toDrizzle, type DrizzleSql } from "./drizzle.ts";
import { toSql } from "./sql.ts";
import { driver } from "./test/driver.ts";
import { checkParity, listFields, textFields, type Store } from "./test/parity.ts";

/** Puts text together as Drizzle does, with `<…>` for columns and `«…»` for parameters. */
const sql: DrizzleSql<string> = {
  raw: (text) => text,
  param: (value) => `«${JSON.stringify(value)}»`,
  join: (chunks) => chunks.join(""),
};

describe("toDrizzle", () => {
  const condition: Condition = { kind: "equals", field: "owner", anyOf: ["a"] };

  it("puts in the columns as they are, and values as parameters", () => {
    const text = toDrizzle(condition, { owner: "<owner>" }, { sql, dialect: "sqlite" });
    expect(text).toBe(
      `(typeof(<owner>) = 'text' AND <owner> COLLATE BINARY IN (SELECT value FROM json_each(«"[\\"a\\"]"»)))`,
    );
  });

  it("names the field whose column is missing", () => {
    expect(() => toDrizzle(condition, { author: "<author>" }, { sql, dialect: "mysql" })).toThrow(
      "there is no column for the field 'owner'",
    );
  });

  it("does not take what objects inherit for columns", () => {
    const inherited: Condition = { ...condition, field: "constructor" };
    expect(() => toDrizzle(inherited, {}, { sql, dialect: "mysql" })).toThrow("no column for the field");
  });
});

type Column = object;
const drizzle = await driver<{ sql: DrizzleSql<object> }>("drizzle-orm");
const core = await driver<{
  pgTable(name: string, columns: Readonly<Record<string, Column>>): object;
  text(name: string): Column & { array(): Column };
  PgDialect: new () => { sqlToQuery(query: object): { sql: string; params: unknown[] } };
}>("drizzle-orm/pg-core");
const isInstalled = drizzle !== undefined && core !== undefined;

describe.skipIf(!isInstalled)("parity with Drizzle, where drizzle-orm is installed", () => {
  it("finds what the predicate allows", async () => {
    if (drizzle === undefined || core === undefined) return;
    const fields = [...textFields, ...listFields];
    const table = core.pgTable("records", {
      ...Object.fromEntries(textFields.map((field) => [field, core.text(`c_${field}`)])),
      ...Object.fromEntries(listFields.map((field) => [field, core.text(`c_${field}`).array()])),
    });
    const types = [
      ...textFields.map((field) => `c_${field} text`),
      ...listFields.map((field) => `c_${field} text[]`),
    ];
    const client = await PGlite.create();
    const store: Store = {
      fill: async (records) => {
        await client.exec(`DROP TABLE IF EXISTS records; CREATE TABLE records (id int, ${types.join(", ")})`);
        const places = fields.map((_, i) => `$${i + 2}`).join(", ");
        for (const record of records) {
          const cells = fields.map((field) => record[field]);
          await client.query(`INSERT INTO records VALUES ($1, ${places})`, [record["id"], ...cells]);
        }
      },
      find: async (condition) => {
        const where = toDrizzle(condition, table, { sql: drizzle.sql, dialect: "postgresql" });
        const query = new core.PgDialect().sqlToQuery(where);
        const { rows } = await client.query<{ id: number }>(
          `SELECT id FROM records WHERE ${query.sql}`,
          query.params,
        );
        return rows.map(({ id }) => id);
      },
    };
    await expect(
      checkParity(store, { cannotHold: (text) => text.includes("\0"), runs: 15 }),
    ).resolves.toBeUndefined();
    await client.close();
  }, 120_000);
});

it("says the same as toSql", () => {
  const condition: Condition = { kind: "contains", field: "groups", anyOf: ["a", "b"] };
  const bare = { ...sql, param: () => "?" };
  expect(toDrizzle(condition, { groups: "`groups`" }, { sql: bare, dialect: "mysql" })).toBe(
    toSql(condition, { dialect: "mysql" }).text,
  );
});
