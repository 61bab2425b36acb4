import { PGlite } from "@electric-sql/pglite";
import knex from "knex";
import { DataSource } from "typeorm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Condition } from "../types.ts";
import { compile } from "./compile.ts";
import { toSql } from "./sql.ts";
import { checkParity } from "./test/parity.ts";
import { cannotHold, postgresqlStore } from "./test/stores/postgresql.ts";

// Clients without a function of their own take what `toSql` returns, with names for the parameters.

describe("toSql in other query builders", { timeout: 120_000 }, () => {
  let db: PGlite;
  beforeAll(async () => {
    db = await PGlite.create();
  }, 60_000);
  afterAll(() => db.close());

  const named = (condition: Condition, lists: "array" | "json") => {
    const options = { dialect: "postgresql", lists, placeholder: (n: number) => `:rule${n}` } as const;
    const { text, values } = toSql(condition, options);
    return { text, values: Object.fromEntries(values.map((value, i) => [`rule${i + 1}`, value])) };
  };

  it.each(["array", "json"] as const)("fits Knex, lists as %s", async (lists) => {
    const builder = knex({ client: "pg" });
    const store = postgresqlStore(db, lists, (condition) => {
      const { text, values } = named(condition, lists);
      const { sql, bindings } = builder.raw(text.replaceAll("?|", "\\?|"), values).toSQL().toNative();
      return { text: sql, values: [...bindings] };
    });
    await expect(checkParity(store, { cannotHold, runs: 15 })).resolves.toBeUndefined();
  });

  it("fits TypeORM", async () => {
    const source = new DataSource({ type: "postgres" });
    const store = postgresqlStore(db, "array", (condition) => {
      const { text, values } = named(condition, "array");
      const query = source.createQueryBuilder().select("id").from("records", "records").where(text, values);
      const [sql, parameters] = query.getQueryAndParameters();
      return { text: sql.slice(sql.indexOf(" WHERE ") + 7), values: parameters };
    });
    await expect(checkParity(store, { cannotHold, runs: 15 })).resolves.toBeUndefined();
  });
});

describe("compile", () => {
  it("builds a filter of one's own, without empty or nested constants", () => {
    const text = (condition: Condition): string =>
      compile<string>(condition, {
        name: "toText()",
        canHold: (value, field) => field !== "short" || value.length < 3,
        always: () => "all",
        never: () => "none",
        equals: (field, anyOf) => `${field} is ${anyOf.join("|")}`,
        contains: (field, anyOf) => `${field} has ${anyOf.join("|")}`,
        and: (all) => `(${all.join(" and ")})`,
        or: (any) => `(${any.join(" or ")})`,
      });
    const owner: Condition = { kind: "equals", field: "owner", anyOf: ["a", "b"] };
    const short: Condition = { kind: "contains", field: "short", anyOf: ["ab", "abc"] };
    expect(text({ kind: "or", any: [owner, { kind: "never" }, short] })).toBe(
      "(owner is a|b or short has ab)",
    );
    expect(text({ kind: "and", all: [owner, { kind: "always" }] })).toBe("owner is a|b");
    expect(text({ ...short, anyOf: ["abc"] })).toBe("none");
    expect(() => text({ kind: "equals", field: "", anyOf: ["a"] })).toThrow("toText(): a condition compares");
  });
});
