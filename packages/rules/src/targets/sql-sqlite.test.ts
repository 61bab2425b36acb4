import { describe, expect, it } from "vitest";
import type { Condition } from "../types.ts";
import { toSql } from "./sql.ts";
import { driver } from "./test/driver.ts";
import { checkParity, listFields, odd, textFields, type Store } from "./test/parity.ts";

/** The part of better-sqlite3's interface that libsql has too. */
interface Database {
  exec(script: string): void;
  prepare(text: string): {
    run(...values: readonly unknown[]): void;
    all(...values: readonly unknown[]): readonly { id: number }[];
  };
  close(): void;
}

const libsql = await driver<{ default: new (path: string) => Database }>("libsql");

describe.skipIf(libsql === undefined)("parity with SQLite, where libsql is installed", () => {
  const open = (): Database => {
    if (libsql === undefined) throw new Error("libsql is not installed");
    return new libsql.default(":memory:");
  };
  const ids = (db: Database, condition: Condition): number[] => {
    const { text, values } = toSql(condition, { dialect: "sqlite" });
    return db
      .prepare(`SELECT id FROM records WHERE ${text}`)
      .all(...values)
      .map(({ id }) => id);
  };

  it("finds what the predicate allows", async () => {
    const db = open();
    const columns = [
      ...textFields.map((field) => `\`${field}\` COLLATE NOCASE`),
      ...listFields.map((field) => `\`${field}\` COLLATE RTRIM`),
    ].join(", ");
    const store: Store = {
      fill: async (records) => {
        db.exec(`DROP TABLE IF EXISTS records; CREATE TABLE records (id INTEGER, ${columns})`);
        const insert = db.prepare(
          `INSERT INTO records VALUES (?${", ?".repeat(textFields.length + listFields.length)})`,
        );
        for (const record of records) {
          const texts = textFields.map((field) => record[field] ?? null);
          const lists = listFields.map((field) => JSON.stringify(record[field]) ?? null);
          insert.run(
            record["id"],
            ...texts.map((value) => (typeof value === "boolean" ? Number(value) : value)),
            ...lists,
          );
        }
      },
      find: async (condition) => ids(db, condition),
    };
    await expect(
      checkParity(store, { oddTexts: odd.texts, oddLists: odd.lists, runs: 100 }),
    ).resolves.toBeUndefined();
    db.close();
  });

  it("takes only text that is a JSON list for a list", () => {
    const db = open();
    db.exec("CREATE TABLE records (id INTEGER, groups)");
    const insert = db.prepare("INSERT INTO records VALUES (?, ?)");
    for (const [i, cell] of [
      '["a"]',
      "a",
      '"a"',
      "[",
      "",
      5,
      null,
      Buffer.from('["a"]'),
      '["\\u0061"]',
    ].entries()) {
      insert.run(i, cell);
    }
    expect(ids(db, { kind: "contains", field: "groups", anyOf: ["a"] })).toEqual([0, 8]);
    db.close();
  });

  it("takes no element for the text that it is written as", () => {
    const db = open();
    db.exec(
      `CREATE TABLE records (id INTEGER, groups); INSERT INTO records VALUES (1, '[["a"], {"a":1}, 5, null]')`,
    );
    expect(ids(db, { kind: "contains", field: "groups", anyOf: ['["a"]', '{"a":1}', "5", "null"] })).toEqual(
      [],
    );
    db.close();
  });

  it("refuses a column that is missing instead of reading its name as a text", () => {
    const db = open();
    db.exec("CREATE TABLE records (id INTEGER); INSERT INTO records VALUES (1)");
    expect(() => ids(db, { kind: "equals", field: "owner", anyOf: ["owner"] })).toThrow("no such column");
    db.close();
  });

  it("is served by an index", () => {
    const db = open();
    db.exec("CREATE TABLE records (id INTEGER, owner TEXT); CREATE INDEX by_owner ON records (owner)");
    const { text, values } = toSql(
      { kind: "equals", field: "owner", anyOf: ["a", "b"] },
      { dialect: "sqlite" },
    );
    const plan = db.prepare(`EXPLAIN QUERY PLAN SELECT * FROM records WHERE ${text}`).all(...values);
    expect(JSON.stringify(plan)).toContain("USING INDEX by_owner (owner=?)");
    db.close();
  });
});
