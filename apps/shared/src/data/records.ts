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

/** Called after a write. */
export type Written = (verb: "Create" | "Update" | "Delete", record: StoredRecord) => void;

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

/** The records of a model. Callers of these methods have asked the rules. */
export class Records {
  readonly #database: Database;
  readonly #table: string;
  readonly #from: string;
  readonly #definition: ModelDefinition;
  readonly #written: Written | undefined;

  /** @param table whose columns have the names of the model's fields */
  constructor(database: Database, table: string, definition: ModelDefinition, written?: Written) {
    this.#database = database;
    this.#table = table;
    this.#from = `bookstore.${table}`;
    this.#definition = definition;
    this.#written = written;
  }

  /**
   * Reads a page of records, ordered by id.
   * @param filter selects the records that the caller may read
   * @param target path and query of the request, with `limit` and `cursor`
   * @throws HttpError 400
   */
  async list(filter: Condition, target: string): Promise<Items<StoredRecord>> {
    return this.select(filter, readPage(target));
  }

  /**
   * Reads a page of the records that match both the caller's filter and the client's own.
   * @throws HttpError 400
   */
  async select(filter: Condition, page: Page, wanted?: Values): Promise<Items<StoredRecord>> {
    const chosen = this.#both(filter, wanted, 3);
    const rows = await this.#database.query<StoredRecord>(
      `select * from ${this.#from} where id > $1 and ${chosen.text} order by id limit $2`,
      [startOf(page, this.#table), page.limit + 1, ...chosen.values],
    );
    return cutPage(rows, page, this.#table);
  }

  async get(id: string): Promise<StoredRecord | undefined> {
    // PostgreSQL stores no text with NUL.
    if (id.includes("\0")) return undefined;
    return this.#one(`select * from ${this.#from} where id = $1`, [id]);
  }

  /**
   * @param options an id of the client's own; a condition, evaluated as if all fields were absent
   * @throws HttpError 400; ConditionFailed if the condition does not hold or the id is taken
   */
  async create(
    input: Values,
    { id = randomUUID(), condition }: { readonly id?: string; readonly condition?: Values } = {},
  ): Promise<StoredRecord> {
    checkNew(input, this.#definition);
    const values = { id, ...input };
    const columns = Object.keys(values).map(quoted).join(", ");
    const places = Object.keys(values).map((_name, index) => `$${index + 1}`);
    const holds = filterToSql(condition, this.#definition, places.length + 1);
    const made = await this.#one(
      `insert into ${this.#from} (${columns}) select ${places.join(", ")}
       from (select (null::${this.#from}).*) as missing where ${holds.text}
       on conflict do nothing returning *`,
      [...Object.values(values), ...holds.values],
    );
    if (made === undefined) throw new ConditionFailed();
    this.#written?.("Create", made);
    return made;
  }

  /**
   * Changes the fields that the input has.
   * @param decided what the record met when the rules allowed this; it is part of the statement
   * @throws HttpError 400, 404 if the record was deleted meanwhile, 409 if its owner has changed; ConditionFailed
   */
  async update(id: string, input: Values, decided: Condition, condition?: Values): Promise<StoredRecord> {
    checkChange(input, this.#definition);
    const changes = Object.keys(input).map((name, index) => `${quoted(name)} = $${index + 2}`);
    const holds = this.#both(decided, condition, changes.length + 2);
    const changed = await this.#one(
      `update ${this.#from} set ${["id = id", ...changes].join(", ")}
       where id = $1 and ${holds.text} returning *`,
      [id, ...Object.values(input), ...holds.values],
    );
    if (changed === undefined) {
      await this.#explain(id, condition);
      throw new HttpError(404, "There is no such record");
    }
    this.#written?.("Update", changed);
    return changed;
  }

  /**
   * @returns the record; undefined if it was deleted meanwhile
   * @throws HttpError 409, see `update`; ConditionFailed
   */
  async remove(id: string, decided: Condition, condition?: Values): Promise<StoredRecord | undefined> {
    const holds = this.#both(decided, condition, 2);
    const statement = `delete from ${this.#from} where id = $1 and ${holds.text} returning *`;
    const gone = await this.#one(statement, [id, ...holds.values]);
    if (gone === undefined) await this.#explain(id, condition);
    else this.#written?.("Delete", gone);
    return gone;
  }

  async #one(sql: string, values: readonly unknown[]): Promise<StoredRecord | undefined> {
    return (await this.#database.query<StoredRecord>(sql, values))[0];
  }

  #both(allowed: Condition, wanted: Values | undefined, startAt: number): SqlFilter {
    const first = toSql(allowed, { dialect: "postgresql", startAt });
    const second = filterToSql(wanted, this.#definition, startAt + first.values.length);
    return { text: `${first.text} and ${second.text}`, values: [...first.values, ...second.values] };
  }

  /** Throws for a write that found no record, unless the record is gone. */
  async #explain(id: string, condition: Values | undefined): Promise<void> {
    if (condition !== undefined) throw new ConditionFailed();
    if ((await this.get(id)) !== undefined) throw new Changed();
  }
}

/** Quotes the name of a field that was checked. */
function quoted(name: string): string {
  return `"${name}"`;
}
