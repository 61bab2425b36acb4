import { must } from "@authmodes/core/options";
import { isText } from "../check/kinds.ts";
import type { Condition } from "../types.ts";
import { canBeIn, checkTypes, type ColumnTypes, compile } from "./compile.ts";
import {
  type Column,
  type Dialect,
  join,
  mysql,
  type Parameter,
  postgresqlArrays,
  postgresqlJson,
  type Sql,
  sql,
  sqlite,
} from "./sql-dialects.ts";

/** The databases that `toSql` and `toDrizzle` know. */
export type SqlDialect = "postgresql" | "sqlite" | "mysql";

/** The options about the database, for `toSql` and `toDrizzle`. */
export interface SqlDialectOptions {
  /** `mysql` is MySQL from 8.0.4 and MariaDB from 10.6; `sqlite` from 3.38. */
  readonly dialect: SqlDialect;
  /**
   * The columns that hold no text, by field: `{ owner: "uuid", team: ["red", "blue"] }`. A value that such a column cannot
   * hold matches no record. PostgreSQL compares every column without it, but uses the index of a column of type `uuid`,
   * `int` or `bigint` only if it is named here. MySQL compares columns of numbers only if they are named here.
   */
  readonly types?: ColumnTypes;
  /**
   * How lists are stored. PostgreSQL: `array` is an array, such as `text[]`, the default, and `json` is `jsonb`. The others have JSON only:
   * SQLite in text, MySQL and MariaDB in JSON or text.
   */
  readonly lists?: "array" | "json";
}

/** Options of `toSql`. */
export interface SqlOptions extends SqlDialectOptions {
  /** Returns the name of a field's column, which is quoted. Default: the field's name. */
  readonly column?: (field: string) => string;
  /** The table's name or alias, if the query has several tables. It is quoted. */
  readonly table?: string;
  /** PostgreSQL: the number of the first placeholder, if the query has other parameters before it. Default 1. */
  readonly startAt?: number;
  /**
   * Returns the placeholder of a value, by its number from `startAt`: `(n) => `:rule${n}`` for Knex, TypeORM and others that
   * name parameters. Default: `$1`, `$2`, … for PostgreSQL, `?` for the others.
   */
  readonly placeholder?: (number: number) => string;
}

/** A filter for WHERE, with its parameters. */
export interface SqlFilter {
  /** An expression that is never NULL, with parentheses if needed. Placeholders are `$1`, `$2`, … or `?`. */
  readonly text: string;
  /** In the order of the placeholders. PostgreSQL: lists of texts. */
  readonly values: unknown[];
}

/**
 * Converts a condition to an expression for WHERE. Texts are compared byte by byte, whatever the collation. Knex, TypeORM and Sequelize take
 * the expression too.
 * @throws TypeError if the dialect cannot express the condition
 * @example
 * import type { Identity } from "@authmodes/core";
 * import { type Policy, toSql } from "@authmodes/rules";
 * import type { Pool } from "pg";
 * export async function ordersOf(policy: Policy, identity: Identity, pool: Pool) {
 *   const mine = toSql(policy.filter(identity, { model: "Order" }), { dialect: "postgresql" });
 *   return await pool.query(`SELECT * FROM orders WHERE ${mine.text}`, mine.values);
 * }
 */
export function toSql(condition: Condition, options: SqlOptions): SqlFilter {
  const { startAt = 1, table, column = (field) => field } = options;
  const isPostgres = options.dialect === "postgresql";
  const isNumbered = isPostgres || options.placeholder !== undefined;
  const { placeholder: write = (number) => (isPostgres ? `$${number}` : "?") } = options;
  must(
    Number.isInteger(startAt) && startAt >= 1 && (startAt === 1 || isNumbered),
    `toSql(): startAt is the number of PostgreSQL's first placeholder, from 1, not ${startAt}. The placeholders of the others have no numbers: put the values where they belong.`,
  );
  const values: unknown[] = [];
  const numbers = new Map<Parameter, number>();
  const placeholder = (parameter: Parameter): string => {
    const number = isNumbered ? numbers.get(parameter) : undefined;
    if (number !== undefined) return write(number);
    values.push(parameter.value);
    numbers.set(parameter, startAt + values.length - 1);
    return write(startAt + values.length - 1);
  };
  const quoted = ({ field }: Column): string =>
    (table === undefined ? [column(field)] : [table, column(field)])
      .map((name) => quote(name, options.dialect))
      .join(".");
  const text = sqlParts("toSql()", condition, options).map((part) => {
    if (typeof part === "string") return part;
    return "field" in part ? quoted(part) : placeholder(part);
  });
  return { text: text.join(""), values };
}

/** @param name the call, for messages */
export function sqlParts(name: string, condition: Condition, options: SqlDialectOptions): Sql {
  const dialect = dialectOf(name, options);
  checkTypes(name, options.types);
  const types = new Map(Object.entries(options.types ?? {}));
  return compile<Sql>(condition, {
    name,
    canHold: (text, field) => canBeIn(types.get(field), text) && (dialect.canHold?.(text) ?? true),
    always: () => ["TRUE"],
    never: () => ["FALSE"],
    equals: (field, anyOf) => dialect.equals({ field, type: types.get(field) }, anyOf),
    contains: (field, anyOf) => dialect.contains({ field, type: types.get(field) }, anyOf),
    and: (all) => sql`(${join(all, " AND ")})`,
    or: (any) => sql`(${join(any, " OR ")})`,
  });
}

function dialectOf(name: string, { dialect, lists }: SqlDialectOptions): Dialect {
  const isList = lists === undefined || lists === "array" || lists === "json";
  must(isList, `${name}: lists is 'array' or 'json', not ${String(lists)}`);
  if (dialect === "postgresql") return lists === "json" ? postgresqlJson : postgresqlArrays;
  const isKnown = dialect === "sqlite" || dialect === "mysql";
  must(isKnown, `${name}: dialect is 'postgresql', 'sqlite' or 'mysql', not ${dialect}`);
  must(lists !== "array", `${name}: ${dialect} has no arrays. Store lists as JSON and leave 'lists' out.`);
  return dialect === "sqlite" ? sqlite : mysql;
}

/** Backquotes for SQLite, which reads an unknown name in double quotes as text, and that could equal a value. */
function quote(name: string, dialect: SqlDialect): string {
  const isName = isText(name) && !name.includes("\0");
  must(isName, `toSql(): ${JSON.stringify(name)} cannot be the name of a table or column`);
  return dialect === "postgresql" ? `"${name.replaceAll('"', '""')}"` : `\`${name.replaceAll("`", "``")}\``;
}
