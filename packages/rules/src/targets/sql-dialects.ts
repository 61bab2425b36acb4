import { type ColumnType, wholeNumbersOf } from "./compile.ts";

// SQL in parts: text of this package, columns, and values, which are always parameters.

export interface Column {
  readonly field: string;
  /** undefined: text, or a type whose values can be compared as text. */
  readonly type?: ColumnType | undefined;
}
export interface Parameter {
  readonly value: unknown;
}
export type Sql = readonly (string | Column | Parameter)[];

export interface Dialect {
  equals(column: Column, anyOf: readonly string[]): Sql;
  contains(column: Column, anyOf: readonly string[]): Sql;
  readonly canHold?: (text: string) => boolean;
}

/** Joins the parts of a template literal. */
export function sql(texts: TemplateStringsArray, ...holes: readonly (Column | Parameter | Sql)[]): Sql {
  return texts.flatMap((text, i) => {
    const hole = holes[i];
    return hole === undefined ? [text] : [text, ...(isSql(hole) ? hole : [hole])];
  });
}

/** Joins parts with a text between them. */
export function join(parts: readonly Sql[], between: string): Sql {
  return parts.flatMap((part, i) => (i === 0 ? part : [between, ...part]));
}

function isSql(hole: Column | Parameter | Sql): hole is Sql {
  return Array.isArray(hole);
}

// Each comparison of texts is made twice: in the column's collation, so that its index is used, and byte by byte, since under
// a collation `a` may equal `A`. `IS NOT NULL` makes the result FALSE instead of NULL. The cast changes nothing about a text
// column. It compares the columns of other types, such as enumerations, as texts, and one with citext byte by byte.

/** The type of a column's values in PostgreSQL, if its index can be used. Values have the form in which it prints them. */
function nativeType({ type }: Column): string | undefined {
  return type === "uuid" ? "uuid" : type === "int" ? "int4" : type === "bigint" ? "int8" : undefined;
}

/** Lists are columns of an array type. */
export const postgresqlArrays: Dialect = {
  equals(column, anyOf) {
    const values: Parameter = { value: anyOf };
    const native = nativeType(column);
    if (native !== undefined)
      return sql`(${column} IS NOT NULL AND ${column} = ANY(${values}${[`::${native}[]`]}))`;
    return sql`(${column} IS NOT NULL AND ${column}::text = ANY(${values}::text[]) AND ${column}::text COLLATE "C" = ANY(${values}::text[]))`;
  },
  contains(column, anyOf) {
    const values: Parameter = { value: anyOf };
    const native = nativeType(column);
    const matched =
      native === undefined
        ? sql`${column}::text[] && ${values}::text[] AND ${column}::text[] COLLATE "C" && ${values}::text[]`
        : sql`${column} && ${values}${[`::${native}[]`]}`;
    // `&&` would match in lists of lists as well.
    return sql`(${column} IS NOT NULL AND ${matched} AND array_ndims(${column}) = 1)`;
  },
  // PostgreSQL rejects the whole query if a text contains NUL.
  canHold: (text) => !text.includes("\0"),
};

/** Lists are columns of type `jsonb`. `?|` alone would also match a text, and the keys of an object. */
export const postgresqlJson: Dialect = {
  ...postgresqlArrays,
  contains(column, anyOf) {
    const numbers = wholeNumbersOf(anyOf);
    const texts = sql`${column} ?| ${{ value: anyOf }}::text[]`;
    const matched =
      numbers.length === 0
        ? texts
        : sql`(${texts} OR ${column} @> ANY(${{ value: numbers }}::text[]::jsonb[]))`;
    return sql`(${column} IS NOT NULL AND jsonb_typeof(${column}) = 'array' AND ${matched})`;
  },
};

// MySQL 8 and MariaDB 10.6. Under their default collations `a`, `A`, `á` and `a ` are equal, and a number equals a text that
// begins with it. So bytes are compared, in one character set, after a comparison in the column's collation, which uses the
// index. Columns that are not text have the character set `binary`: of these only columns with a type are compared, since
// an UPDATE rejects the comparison of a number with a text that is none. Lists are JSON.

export const mysql: Dialect = {
  equals(column, anyOf) {
    const values = anyOf.map((value) => [{ value }]);
    const isText = column.type === undefined ? sql` AND CHARSET(${column}) <> 'binary'` : sql``;
    return sql`(${column} IS NOT NULL${isText} AND ${column} IN (${join(values, ", ")}) AND ${bytes([column])} IN (${join(values.map(bytes), ", ")}))`;
  },
  contains(column, anyOf) {
    // Unusual names, since a column of the table with the same name would be ambiguous.
    const element = sql`JSON_EXTRACT(${column}, CONCAT('$[', rule_list.rule_position - 1, ']'))`;
    const values = anyOf.map((value) => bytes([{ value }]));
    return sql`EXISTS (SELECT 1 FROM JSON_TABLE(${mysqlList(column)}, '$[*]' COLUMNS (rule_position FOR ORDINALITY)) AS rule_list WHERE JSON_TYPE(${element}) IN ('STRING', 'INTEGER') AND ${bytes(sql`JSON_UNQUOTE(${element})`)} IN (${join(values, ", ")}))`;
  },
};

/** Binary strings compare trailing spaces, which no collation common to MySQL and MariaDB does. */
function bytes(text: Sql): Sql {
  return sql`CAST(CONVERT(${text} USING utf8mb4) AS BINARY)`;
}

/** The column's list; an empty one if it holds something else. */
function mysqlList(column: Column): Sql {
  return sql`CASE WHEN NOT JSON_VALID(${column}) THEN '[]' WHEN JSON_TYPE(${column}) = 'ARRAY' THEN ${column} ELSE '[]' END`;
}

// A column can hold values of any type, so that the type is checked. Lists are JSON in text. All values are passed as one
// parameter, a JSON list, since SQLite limits parameters, and D1 to few.

export const sqlite: Dialect = {
  equals: (column, anyOf) => sqliteIn(sql`typeof(${column})`, [column], anyOf),
  contains: (column, anyOf) =>
    sql`EXISTS (SELECT 1 FROM (SELECT ${sqliteList(column)} AS elements) AS list, json_each(list.elements) AS element WHERE ${sqliteIn(["element.type"], ["element.value"], anyOf)})`,
};

/** Numbers are compared apart from texts: a list of both would have no type, and 5.0 is stored for 5. */
function sqliteIn(type: Sql, value: Sql, anyOf: readonly string[]): Sql {
  const numbers = wholeNumbersOf(anyOf);
  const texts = sql`${type} = 'text' AND ${value} COLLATE BINARY IN (${elements(JSON.stringify(anyOf))})`;
  if (numbers.length === 0) return sql`(${texts})`;
  return sql`(${texts} OR ${type} IN ('integer', 'real') AND ${value} IN (${elements(`[${numbers.join(",")}]`)}))`;
}

function elements(list: string): Sql {
  return sql`SELECT value FROM json_each(${{ value: list }})`;
}

/**
 * The column's list; an empty one if it holds something else. Unlike AND, CASE is guaranteed to stop at the first match. It
 * is in a subquery without json_each(), whose columns `value` and `type` would hide those of the table.
 */
function sqliteList(column: Column): Sql {
  return sql`CASE WHEN typeof(${column}) <> 'text' THEN '[]' WHEN NOT json_valid(${column}) THEN '[]' WHEN json_type(${column}) = 'array' THEN ${column} ELSE '[]' END`;
}
