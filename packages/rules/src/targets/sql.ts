import { must } from "@authmodes/core/options";
import { isText } from "../check/kinds.ts";
import type { Condition } from "../types.ts";
import { compile } from "./compile.ts";
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

export type SqlDialect = "postgresql" | "sqlite" | "mysql";

export interface SqlDialectOptions {
  /** `mysql` is MySQL from 8.0.4 and MariaDB from 10.6; `sqlite` from 3.38. */
  readonly dialect: SqlDialect;
  /**
   * How lists are stored. PostgreSQL: `array` is `text[]`, the default, `json` is `jsonb`. The others know JSON only:
   * SQLite in text, MySQL and MariaDB in JSON or text.
   */
  readonly lists?: "array" | "json";
}

export interface SqlOptions extends SqlDialectOptions {
  /** The name of a field's column; it is quoted. Default: the field's name. */
  readonly column?: (field: string) => string;
  /** The table's name or alias, where the query has several; it is quoted. */
  readonly table?: string;
  /** PostgreSQL: the number of the first placeholder, where the query has parameters of its own. Default 1. */
  readonly startAt?: number;
}

export interface SqlFilter {
  /** Stands in parentheses wherever it needs to, and is never NULL. Placeholders are `$1`, `$2`, … or `?`. */
  readonly text: string;
  /** In the order of the placeholders. PostgreSQL: lists of texts. */
  readonly values: unknown[];
}

/**
 * A condition as what stands after WHERE. Texts are compared byte by byte, whatever the collation.
 *
 * @example
 * const rows = toSql(policy.filter(identity, { model: "Order" }), { dialect: "postgresql" });
 * await pool.query(`SELECT * FROM orders WHERE ${rows.text}`, rows.values);
 * @throws TypeError where the dialect cannot express it
 */
export function toSql(condition: Condition, options: SqlOptions): SqlFilter {
  const { startAt = 1, table, column = (field) => field } = options;
  const isNumbered = options.dialect === "postgresql";
  must(
    Number.isInteger(startAt) && startAt >= 1 && (startAt === 1 || isNumbered),
    `toSql(): startAt is the number of PostgreSQL's first placeholder, from 1, not ${startAt}. The placeholders of the others have no numbers: put the values where they belong.`,
  );
  const values: unknown[] = [];
  const numbers = new Map<Parameter, number>();
  const placeholder = (parameter: Parameter): string => {
    const number = isNumbered ? numbers.get(parameter) : undefined;
    if (number !== undefined) return `$${number}`;
    values.push(parameter.value);
    numbers.set(parameter, startAt + values.length - 1);
    return isNumbered ? `$${startAt + values.length - 1}` : "?";
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
  return compile<Sql>(condition, {
    name,
    ...(dialect.canHold === undefined ? {} : { canHold: dialect.canHold }),
    always: () => ["TRUE"],
    never: () => ["FALSE"],
    equals: (field, anyOf) => dialect.equals({ field }, anyOf),
    contains: (field, anyOf) => dialect.contains({ field }, anyOf),
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

/** In SQLite a name in double quotes that no column bears is a text, and might equal one of the values. */
function quote(name: string, dialect: SqlDialect): string {
  const isName = isText(name) && !name.includes("\0");
  must(isName, `toSql(): ${JSON.stringify(name)} cannot be the name of a table or column`);
  return dialect === "postgresql" ? `"${name.replaceAll('"', '""')}"` : `\`${name.replaceAll("`", "``")}\``;
}
