import type { Condition, Values } from "../../../types.ts";
import { toSql, type SqlFilter } from "../../sql.ts";
import { listFields, textFields, type Store } from "../parity.ts";

const fields = [...textFields, ...listFields];
/** A collation in which nearly everything is equal. PGlite ignores the newer name, `und-u-ks-level1`. */
const collation = `CREATE COLLATION IF NOT EXISTS blind (provider = icu, locale = '@colStrength=primary', deterministic = false)`;

/** PGlite, or a connection to a server. */
export interface Database {
  exec(script: string): Promise<unknown>;
  query<Row extends object>(text: string, values: unknown[]): Promise<{ rows: Row[] }>;
}

/** A table of all fields, queried by what `where` makes of a condition. */
export function postgresqlStore(
  db: Database,
  lists: "array" | "json",
  where: (condition: Condition) => SqlFilter = (condition) =>
    toSql(condition, { dialect: "postgresql", lists }),
): Store {
  const types = [
    ...textFields.map((field) => `"${field}" text COLLATE blind`),
    ...listFields.map((field) => `"${field}" ${lists === "json" ? "jsonb" : "text[] COLLATE blind"}`),
  ];
  const places = fields.map((field, i) => `$${i + 2}${isJson(field) ? "::jsonb" : ""}`);
  function isJson(field: string): boolean {
    return lists === "json" && listFields.some((name) => name === field);
  }
  const cell = (record: Values, field: string): unknown =>
    isJson(field) && record[field] !== undefined ? JSON.stringify(record[field]) : record[field];
  return {
    fill: async (records) => {
      await db.exec(
        `${collation}; DROP TABLE IF EXISTS records; CREATE TABLE records (id int, ${types.join(", ")})`,
      );
      for (const record of records) {
        const cells = fields.map((field) => cell(record, field));
        await db.query(`INSERT INTO records VALUES ($1, ${places.join(", ")})`, [record["id"], ...cells]);
      }
    },
    find: async (condition) => {
      const { text, values } = where(condition);
      const { rows } = await db.query<{ id: number }>(`SELECT id FROM records WHERE ${text}`, values);
      return rows.map(({ id }) => id);
    },
  };
}

/** PostgreSQL has no NUL in texts. */
export function cannotHold(text: string): boolean {
  return text.includes("\0");
}
