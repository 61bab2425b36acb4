import { randomUUID } from "node:crypto";
import { type Condition, type ModelDefinition, type SqlFilter, toSql, type Values } from "@authmodes/rules";
import type { Database } from "./database.ts";
import { filterToSql } from "./filter-sql.ts";
import { HttpError } from "../http/http-error.ts";
import { checkChange, checkNew } from "./input.ts";
import { cutPage, type Items, type Page, readPage, startOf } from "./paging.ts";

export interface StoredRecord extends Values {
  readonly id: string;
}

/** The records of a model. Callers of these methods have asked the rules. */
export interface Records {
  /**
   * Reads a page of records, ordered by id.
   * @param filter selects the records that the caller may read
   * @param target path and query of the request, with `limit` and `cursor`
   * @throws HttpError 400
   */
  list(filter: Condition, target: string): Promise<Items<StoredRecord>>;
  /**
   * Reads a page of the records that match both the caller's filter and the client's own.
   * @throws HttpError 400
   */
  select(filter: Condition, page: Page, wanted?: Values): Promise<Items<StoredRecord>>;
  get(id: string): Promise<StoredRecord | undefined>;
  /**
   * @param options an id of the client's own; a condition, evaluated as if all fields were absent
   * @throws HttpError 400; ConditionFailed if the condition does not hold or the id is taken
   */
  create(
    input: Values,
    options?: { readonly id?: string; readonly condition?: Values },
  ): Promise<StoredRecord>;
  /**
   * Changes the fields that the input has.
   * @param decided what the record met when the rules allowed this; it is part of the statement
   * @throws HttpError 400, 404 if the record was deleted meanwhile, 409 if its owner has changed; ConditionFailed
   */
  update(id: string, input: Values, decided: Condition, condition?: Values): Promise<StoredRecord>;
  /**
   * @returns the record; undefined if it was deleted meanwhile
   * @throws HttpError 409, see `update`; ConditionFailed
   */
  remove(id: string, decided: Condition, condition?: Values): Promise<StoredRecord | undefined>;
}

/** The condition of a write does not hold. */
export class ConditionFailed extends HttpError {
  constructor() {
    super(409, "The record does not meet the condition");
  }
}

/** The record is no longer the one that the rules decided about, for example because it has another owner. */
class Changed extends HttpError {
  constructor() {
    super(409, "The record was changed meanwhile. Send the request again.");
  }
}

/** @param table whose columns have the names of the model's fields */
export function createRecords(database: Database, table: string, definition: ModelDefinition): Records {
  const from = `bookstore.${table}`;
  const one = async (sql: string, values: readonly unknown[]) =>
    (await database.query<StoredRecord>(sql, values))[0];
  const get: Records["get"] = async (id) =>
    // PostgreSQL stores no text with NUL.
    id.includes("\0") ? undefined : one(`select * from ${from} where id = $1`, [id]);

  const both = (allowed: Condition, wanted: Values | undefined, startAt: number): SqlFilter => {
    const first = toSql(allowed, { dialect: "postgresql", startAt });
    const second = filterToSql(wanted, definition, startAt + first.values.length);
    return { text: `${first.text} and ${second.text}`, values: [...first.values, ...second.values] };
  };
  const select: Records["select"] = async (filter, page, wanted) => {
    const chosen = both(filter, wanted, 3);
    const rows = await database.query<StoredRecord>(
      `select * from ${from} where id > $1 and ${chosen.text} order by id limit $2`,
      [startOf(page, table), page.limit + 1, ...chosen.values],
    );
    return cutPage(rows, page, table);
  };

  return {
    get,
    select,
    list: (filter, target) => select(filter, readPage(target)),
    async create(input, { id = randomUUID(), condition } = {}) {
      checkNew(input, definition);
      const values = { id, ...input };
      const columns = Object.keys(values).map(quoted).join(", ");
      const places = Object.keys(values).map((_name, index) => `$${index + 1}`);
      const holds = filterToSql(condition, definition, places.length + 1);
      return written(
        await one(
          `insert into ${from} (${columns}) select ${places.join(", ")}
           from (select (null::${from}).*) as missing where ${holds.text}
           on conflict do nothing returning *`,
          [...Object.values(values), ...holds.values],
        ),
      );
    },
    async update(id, input, decided, condition) {
      checkChange(input, definition);
      const changes = Object.keys(input).map((name, index) => `${quoted(name)} = $${index + 2}`);
      const holds = both(decided, condition, changes.length + 2);
      const changed = await one(
        `update ${from} set ${["id = id", ...changes].join(", ")} where id = $1 and ${holds.text} returning *`,
        [id, ...Object.values(input), ...holds.values],
      );
      if (changed !== undefined || condition !== undefined) return written(changed);
      throw (await get(id)) === undefined ? new HttpError(404, "There is no such record") : new Changed();
    },
    async remove(id, decided, condition) {
      const holds = both(decided, condition, 2);
      const gone = await one(`delete from ${from} where id = $1 and ${holds.text} returning *`, [
        id,
        ...holds.values,
      ]);
      if (gone !== undefined || condition !== undefined) return written(gone);
      if ((await get(id)) !== undefined) throw new Changed();
      return undefined;
    },
  };
}

/** Quotes the name of a field that was checked. */
function quoted(name: string): string {
  return `"${name}"`;
}

function written(record: StoredRecord | undefined): StoredRecord {
  if (record === undefined) throw new ConditionFailed();
  return record;
}
