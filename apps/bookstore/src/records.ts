import { randomUUID } from "node:crypto";
import { type Condition, type ModelDefinition, toSql, type Values } from "@authmodes/rules";
import type { Database } from "./database.ts";
import { HttpError } from "./http-error.ts";
import { checkChange, checkNew } from "./input.ts";
import { cutPage, type Items, readPage } from "./paging.ts";

export interface StoredRecord extends Values {
  readonly id: string;
}

/** The records of a model. What callers may do with them was decided before. */
export interface Records {
  /**
   * A page of the records that a caller may read, ordered by id.
   * @param filter which they are
   * @param target path and query of the request, with `limit` and `cursor`
   * @throws HttpError 400
   */
  list(filter: Condition, target: string): Promise<Items<StoredRecord>>;
  get(id: string): Promise<StoredRecord | undefined>;
  /** @throws HttpError 400 */
  create(input: Values): Promise<StoredRecord>;
  /**
   * Changes the fields that the input has.
   * @throws HttpError 400, and 404 where the record went away meanwhile
   */
  update(id: string, input: Values): Promise<StoredRecord>;
  remove(id: string): Promise<void>;
}

/** @param table whose columns are named as the fields of the model */
export function createRecords(database: Database, table: string, definition: ModelDefinition): Records {
  const from = `bookstore.${table}`;
  const one = async (sql: string, values: readonly unknown[]) =>
    (await database.query<StoredRecord>(sql, values))[0];
  const get: Records["get"] = async (id) =>
    // PostgreSQL knows no text with NUL.
    id.includes("\0") ? undefined : one(`select * from ${from} where id = $1`, [id]);

  return {
    get,
    async list(filter, target) {
      const page = readPage(target, table);
      const readable = toSql(filter, { dialect: "postgresql", startAt: 3 });
      const rows = await database.query<StoredRecord>(
        `select * from ${from} where id > $1 and ${readable.text} order by id limit $2`,
        [page.after, page.limit + 1, ...readable.values],
      );
      return cutPage(rows, page, table);
    },
    async create(input) {
      checkNew(input, definition);
      const values = { id: randomUUID(), ...input };
      const columns = Object.keys(values).map(quoted).join(", ");
      const places = Object.keys(values).map((_name, index) => `$${index + 1}`);
      return found(
        await one(
          `insert into ${from} (${columns}) values (${places.join(", ")}) returning *`,
          Object.values(values),
        ),
      );
    },
    async update(id, input) {
      checkChange(input, definition);
      const changes = Object.keys(input).map((name, index) => `${quoted(name)} = $${index + 2}`);
      if (changes.length === 0) return found(await get(id));
      const values = [id, ...Object.values(input)];
      return found(await one(`update ${from} set ${changes.join(", ")} where id = $1 returning *`, values));
    },
    async remove(id) {
      await database.query(`delete from ${from} where id = $1`, [id]);
    },
  };
}

/** The name of a field, which was checked to be one. */
function quoted(name: string): string {
  return `"${name}"`;
}

function found(record: StoredRecord | undefined): StoredRecord {
  if (record === undefined) throw new HttpError(404, "There is no such record");
  return record;
}
