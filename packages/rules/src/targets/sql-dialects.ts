// SQL as pieces: text that this package wrote, columns, and values that only ever travel as parameters.

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

/** Joins the pieces of a template literal. */
export function sql(texts: TemplateStringsArray, ...holes: readonly (Column | Parameter | Sql)[]): Sql {
  return texts.flatMap((text, i) => {
    const hole = holes[i];
    return hole === undefined ? [text] : [text, ...(isSql(hole) ? hole : [hole])];
  });
}

/** The pieces, with a text between them. */
export function join(parts: readonly Sql[], between: string): Sql {
  return parts.flatMap((part, i) => (i === 0 ? part : [between, ...part]));
}

function isSql(hole: Column | Parameter | Sql): hole is Sql {
  return Array.isArray(hole);
}

// Each comparison stands twice: as the column's own collation has it, which is what its index knows, and byte by byte,
// for a collation may hold `a` and `A` to be equal. `IS NOT NULL` in front makes the whole FALSE instead of NULL.
// The cast keeps columns of other types from being compared: uuid or integer is an error, citext is compared as text.

/** Lists are columns of type `text[]`. */
export const postgresqlArrays: Dialect = {
  equals(column, anyOf) {
    const values: Parameter = { value: anyOf };
    return sql`(${column} IS NOT NULL AND ${column} = ANY(${values}::text[]) AND ${column} COLLATE "C" = ANY(${values}::text[]))`;
  },
  contains(column, anyOf) {
    const values: Parameter = { value: anyOf };
    // `&&` looks into lists of lists too.
    return sql`(${column} IS NOT NULL AND ${column} && ${values}::text[] AND ${column} COLLATE "C" && ${values}::text[] AND array_ndims(${column}) = 1)`;
  },
  // PostgreSQL refuses the whole query over a text that holds NUL.
  canHold: (text) => !text.includes("\0"),
};

/** Lists are columns of type `jsonb`. `?|` would also find a text, and the keys of an object. */
export const postgresqlJson: Dialect = {
  ...postgresqlArrays,
  contains: (column, anyOf) =>
    sql`(${column} IS NOT NULL AND jsonb_typeof(${column}) = 'array' AND ${column} ?| ${{ value: anyOf }}::text[])`,
};

// MySQL 8 and MariaDB 10.6. Their usual collations hold `a`, `A`, `á` and `a ` to be equal, and numbers are compared
// with the number that a text begins with. So bytes are compared, in one character set, after a comparison in the
// column's own collation that an index can serve; columns that are not text have the character set `binary`. Lists are JSON.

export const mysql: Dialect = {
  equals(column, anyOf) {
    const values = anyOf.map((value) => [{ value }]);
    return sql`(${column} IS NOT NULL AND CHARSET(${column}) <> 'binary' AND ${column} IN (${join(values, ", ")}) AND ${bytes([column])} IN (${join(values.map(bytes), ", ")}))`;
  },
  contains(column, anyOf) {
    // Names of its own, for an unqualified column of the same name would be taken for these.
    const element = sql`JSON_EXTRACT(${column}, CONCAT('$[', rule_list.rule_position - 1, ']'))`;
    const values = anyOf.map((value) => bytes([{ value }]));
    return sql`EXISTS (SELECT 1 FROM JSON_TABLE(${mysqlList(column)}, '$[*]' COLUMNS (rule_position FOR ORDINALITY)) AS rule_list WHERE JSON_TYPE(${element}) = 'STRING' AND ${bytes(sql`JSON_UNQUOTE(${element})`)} IN (${join(values, ", ")}))`;
  },
};

/** Unlike every collation that MySQL and MariaDB have in common, binary strings count trailing spaces. */
function bytes(text: Sql): Sql {
  return sql`CAST(CONVERT(${text} USING utf8mb4) AS BINARY)`;
}

/** What is not a list counts as an empty one. */
function mysqlList(column: Column): Sql {
  return sql`CASE WHEN NOT JSON_VALID(${column}) THEN '[]' WHEN JSON_TYPE(${column}) = 'ARRAY' THEN ${column} ELSE '[]' END`;
}

// Any column may hold values of any type, so each is asked for its type. Lists are JSON in text. One parameter, a JSON
// list, stands for all values: SQLite has a limit on parameters, and D1 a low one.

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
 * What is not a list counts as an empty one. Unlike AND, CASE promises to look no further than it has to. Stands in a query
 * of its own, out of sight of json_each(), or else it would take `value` and `type` for columns of that.
 */
function sqliteList(column: Column): Sql {
  return sql`CASE WHEN typeof(${column}) <> 'text' THEN '[]' WHEN NOT json_valid(${column}) THEN '[]' WHEN json_type(${column}) = 'array' THEN ${column} ELSE '[]' END`;
}
