import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Condition } from "../types.ts";
import { toSql } from "./sql.ts";
import { checkParity, odd } from "./test/parity.ts";
import { cannotHold, postgresqlStore } from "./test/stores/postgresql.ts";

let db: PGlite;
beforeAll(async () => {
  db = await PGlite.create();
}, 60_000);
afterAll(() => db.close());

async function ids(condition: Condition): Promise<number[]> {
  const { text, values } = toSql(condition, { dialect: "postgresql" });
  const { rows } = await db.query<{ id: number }>(`SELECT id FROM records WHERE ${text} ORDER BY id`, values);
  return rows.map(({ id }) => id);
}

describe("parity with PostgreSQL", () => {
  it(
    "finds what the predicate allows, lists in arrays",
    () => expect(checkParity(postgresqlStore(db, "array"), { cannotHold })).resolves.toBeUndefined(),
    120_000,
  );

  it(
    "finds what the predicate allows, lists in jsonb",
    () =>
      expect(
        checkParity(postgresqlStore(db, "json"), { cannotHold, oddLists: odd.lists }),
      ).resolves.toBeUndefined(),
    120_000,
  );
});

describe("PostgreSQL", () => {
  it("looks no deeper than into the list", async () => {
    await db.exec(`DROP TABLE IF EXISTS records; CREATE TABLE records (id int, groups text[]);
      INSERT INTO records VALUES (1, '{a}'), (2, '{{a,b}}'), (3, '{NULL,a}'), (4, '{}'), (5, NULL)`);
    expect(await ids({ kind: "contains", field: "groups", anyOf: ["a"] })).toEqual([1, 3]);
  });

  it("is never NULL, so that NOT finds all others", async () => {
    await db.exec(`DROP TABLE IF EXISTS records; CREATE TABLE records (id int, owner text, groups text[], tags jsonb);
      INSERT INTO records VALUES (1, 'a', '{a}', '["a"]'), (2, NULL, NULL, NULL), (3, 'b', '{}', 'null')`);
    for (const [kind, field, lists] of [
      ["equals", "owner", "array"],
      ["contains", "groups", "array"],
      ["contains", "tags", "json"],
    ] as const) {
      const { text, values } = toSql({ kind, field, anyOf: ["a"] }, { dialect: "postgresql", lists });
      const { rows } = await db.query(`SELECT id FROM records WHERE NOT ${text} ORDER BY id`, values);
      expect(rows).toEqual([{ id: 2 }, { id: 3 }]);
    }
  });

  it("is served by the indexes of text and array columns", async () => {
    await db.exec(`DROP TABLE IF EXISTS records; CREATE TABLE records (id int, owner text, groups text[]);
      CREATE INDEX ON records (owner); CREATE INDEX ON records USING gin (groups); SET enable_seqscan = off`);
    const { text, values } = toSql(
      {
        kind: "or",
        any: [
          { kind: "equals", field: "owner", anyOf: ["a", "b"] },
          { kind: "contains", field: "groups", anyOf: ["a"] },
        ],
      },
      { dialect: "postgresql" },
    );
    const { rows } = await db.query(`EXPLAIN SELECT * FROM records WHERE ${text}`, values);
    await db.exec("RESET enable_seqscan");
    const plan = JSON.stringify(rows);
    expect(plan).toContain("BitmapOr");
    expect(plan).not.toContain("Seq Scan");
  });
});
