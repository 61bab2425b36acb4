import { PGlite } from "@electric-sql/pglite";
import { describe, expect, it } from "vitest";
import type { Condition } from "../types.ts";
import { toDrizzle, type DrizzleSql } from "./drizzle.ts";
import { toSql } from "./sql.ts";
import { checkParity } from "./test/parity.ts";
import { drizzleStore } from "./test/stores/drizzle.ts";
import { cannotHold } from "./test/stores/postgresql.ts";

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

describe.skipIf(drizzleStore === undefined)("parity with Drizzle, where drizzle-orm is installed", () => {
  it("finds what the predicate allows", async () => {
    if (drizzleStore === undefined) return;
    const client = await PGlite.create();
    const parity = checkParity(drizzleStore(client), { cannotHold, runs: 15 });
    await expect(parity).resolves.toBeUndefined();
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
