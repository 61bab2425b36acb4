import type { Condition } from "../../../types.ts";
import { toSql } from "../../sql.ts";
import { driver } from "../driver.ts";
import { listFields, textFields, type Store } from "../parity.ts";

/** The interface that better-sqlite3 and libsql have in common. */
export interface Database {
  exec(script: string): void;
  prepare(text: string): {
    run(...values: readonly unknown[]): void;
    all(...values: readonly unknown[]): readonly { id: number }[];
  };
  close(): void;
}

const libsql = await driver<{ default: new (path: string) => Database }>("libsql");

/** undefined if libsql is not installed. */
export const openSqlite: (() => Database) | undefined =
  libsql === undefined ? undefined : () => new libsql.default(":memory:");

export function idsInSqlite(db: Database, condition: Condition): number[] {
  const { text, values } = toSql(condition, { dialect: "sqlite" });
  return db
    .prepare(`SELECT id FROM records WHERE ${text}`)
    .all(...values)
    .map(({ id }) => id);
}

/** A table of all fields, in columns whose collations ignore differences. */
export function sqliteStore(db: Database): Store {
  const columns = [
    ...textFields.map((field) => `\`${field}\` COLLATE NOCASE`),
    ...listFields.map((field) => `\`${field}\` COLLATE RTRIM`),
  ];
  return {
    fill: async (records) => {
      db.exec(`DROP TABLE IF EXISTS records; CREATE TABLE records (id INTEGER, ${columns.join(", ")})`);
      const insert = db.prepare(`INSERT INTO records VALUES (?${", ?".repeat(columns.length)})`);
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
    find: async (condition) => idsInSqlite(db, condition),
  };
}
