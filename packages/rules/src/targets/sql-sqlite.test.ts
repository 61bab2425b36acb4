import { describe, expect, it } from "vitest";
import { toSql } from "./sql.ts";
import { checkParity, odd } from "./test/parity.ts";
import { idsInSqlite as ids, openSqlite, sqliteStore, type Database } from "./test/stores/sqlite.ts";

describe.skipIf(openSqlite === undefined)("parity with SQLite, where libsql is installed", () => {
  const open = (): Database => {
    if (openSqlite === undefined) throw new Error("libsql is not installed");
    return openSqlite();
  };

  it("finds what the predicate allows", async () => {
    const db = open();
    await expect(
      checkParity(sqliteStore(db), { oddTexts: odd.numbers, oddLists: odd.lists, runs: 100 }),
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
    expect(ids(db, { kind: "contains", field: "groups", anyOf: ['["a"]', '{"a":1}', "null"] })).toEqual([]);
    db.close();
  });

  it("rejects a missing column instead of reading its name as text", () => {
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
