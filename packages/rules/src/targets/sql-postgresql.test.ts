import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Condition, Values } from "../types.ts";
import { toSql, type SqlOptions } from "./sql.ts";
import { checkParity, listFields, odd, textFields, type Store } from "./test/parity.ts";

let db: PGlite;
beforeAll(async () => {
  db = await PGlite.create();
  await db.exec(`CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level1', deterministic = false)`);
}, 60_000);
afterAll(() => db.close());

async function ids(condition: Condition, options: Omit<SqlOptions, "dialect"> = {}): Promise<number[]> {
  const { text, values } = toSql(condition, { dialect: "postgresql", ...options });
  const { rows } = await db.query<{ id: number }>(`SELECT id FROM records WHERE ${text} ORDER BY id`, values);
  return rows.map(({ id }) => id);
}

/** A table of all fields whose texts have a collation in which nearly everything is equal. */
function store(lists: "array" | "json"): Store {
  const listType = lists === "array" ? "text[] COLLATE blind" : "jsonb";
  const types = [
    ...textFields.map((field) => `"${field}" text COLLATE blind`),
    ...listFields.map((field) => `"${field}" ${listType}`),
  ];
  const fields = [...textFields, ...listFields];
  const row = fields.map((_, i) =>
    lists === "json" && i >= textFields.length ? `$${i + 2}::jsonb` : `$${i + 2}`,
  );
  const cell = (record: Values, field: string, i: number): unknown =>
    lists === "json" && i >= textFields.length && record[field] !== undefined
      ? JSON.stringify(record[field])
      : record[field];
  return {
    fill: async (records) => {
      await db.exec(`DROP TABLE IF EXISTS records; CREATE TABLE records (id int, ${types.join(", ")})`);
      for (const record of records) {
        await db.query(`INSERT INTO records VALUES ($1, ${row.join(", ")})`, [
          record["id"],
          ...fields.map((field, i) => cell(record, field, i)),
        ]);
      }
    },
    find: (condition) => ids(condition, { lists }),
  };
}

const cannotHold = (text: string): boolean => text.includes("\0");

describe("parity with PostgreSQL", () => {
  it(
    "finds what the predicate allows, lists in arrays",
    () => expect(checkParity(store("array"), { cannotHold })).resolves.toBeUndefined(),
    120_000,
  );

  it(
    "finds what the predicate allows, lists in jsonb",
    () => expect(checkParity(store("json"), { cannotHold, oddLists: odd.lists })).resolves.toBeUndefined(),
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

  it.each(["uuid", "integer"])("refuses to compare a column of type %s", async (type) => {
    await db.exec(`DROP TABLE IF EXISTS records; CREATE TABLE records (id int, owner ${type})`);
    await expect(ids({ kind: "equals", field: "owner", anyOf: ["5"] })).rejects.toThrow(
      "operator does not exist",
    );
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
