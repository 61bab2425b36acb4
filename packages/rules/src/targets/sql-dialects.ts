// SQL in parts: text of this package, columns, and values, which are always parameters.

export interface Column {
  readonly field: string;
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

// Each comparison is made twice: in the column's collation, so that its index is used, and byte by byte, since under a
// collation `a` may equal `A`. `IS NOT NULL` makes the result FALSE instead of NULL. The cast makes a comparison with a uuid
// or integer column an error, and one with citext a comparison of texts.

/** Lists are columns of type `text[]`. */
export const postgresqlArrays: Dialect = {
  equals(column, anyOf) {
    const values: Parameter = { value: anyOf };
    return sql`(${column} IS NOT NULL AND ${column} = ANY(${values}::text[]) AND ${column} COLLATE "C" = ANY(${values}::text[]))`;
  },
  contains(column, anyOf) {
    const values: Parameter = { value: anyOf };
    // `&&` would match in lists of lists as well.
    return sql`(${column} IS NOT NULL AND ${column} && ${values}::text[] AND ${column} COLLATE "C" && ${values}::text[] AND array_ndims(${column}) = 1)`;
  },
  // PostgreSQL rejects the whole query if a text contains NUL.
  canHold: (text) => !text.includes("\0"),
};

/** Lists are columns of type `jsonb`. `?|` alone would also match a text, and the keys of an object. */
export const postgresqlJson: Dialect = {
  ...postgresqlArrays,
  contains: (column, anyOf) =>
    sql`(${column} IS NOT NULL AND jsonb_typeof(${column}) = 'array' AND ${column} ?| ${{ value: anyOf }}::text[])`,
};

// MySQL 8 and MariaDB 10.6. Under their default collations `a`, `A`, `á` and `a ` are equal, and a number equals a text that
// begins with it. So bytes are compared, in one character set, after a comparison in the column's collation, which uses the
// index. Columns that are not text have the character set `binary`. Lists are JSON.

export const mysql: Dialect = {
  equals(column, anyOf) {
    const values = anyOf.map((value) => [{ value }]);
    return sql`(${column} IS NOT NULL AND CHARSET(${column}) <> 'binary' AND ${column} IN (${join(values, ", ")}) AND ${bytes([column])} IN (${join(values.map(bytes), ", ")}))`;
  },
  contains(column, anyOf) {
    // Unusual names, since a column of the table with the same name would be ambiguous.
    const element = sql`JSON_EXTRACT(${column}, CONCAT('$[', rule_list.rule_position - 1, ']'))`;
    const values = anyOf.map((value) => bytes([{ value }]));
    return sql`EXISTS (SELECT 1 FROM JSON_TABLE(${mysqlList(column)}, '$[*]' COLUMNS (rule_position FOR ORDINALITY)) AS rule_list WHERE JSON_TYPE(${element}) = 'STRING' AND ${bytes(sql`JSON_UNQUOTE(${element})`)} IN (${join(values, ", ")}))`;
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
  equals: (column, anyOf) =>
    sql`(typeof(${column}) = 'text' AND ${column} COLLATE BINARY IN (${elements(anyOf)}))`,
  contains: (column, anyOf) =>
    sql`EXISTS (SELECT 1 FROM (SELECT ${sqliteList(column)} AS elements) AS list, json_each(list.elements) AS element WHERE element.type = 'text' AND element.value COLLATE BINARY IN (${elements(anyOf)}))`,
};

function elements(anyOf: readonly string[]): Sql {
  return sql`SELECT value FROM json_each(${{ value: JSON.stringify(anyOf) }})`;
}

/**
 * The column's list; an empty one if it holds something else. Unlike AND, CASE is guaranteed to stop at the first match. It
 * is in a subquery without json_each(), whose columns `value` and `type` would hide those of the table.
 */
function sqliteList(column: Column): Sql {
  return sql`CASE WHEN typeof(${column}) <> 'text' THEN '[]' WHEN NOT json_valid(${column}) THEN '[]' WHEN json_type(${column}) = 'array' THEN ${column} ELSE '[]' END`;
}
