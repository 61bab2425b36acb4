import { sql, type Column, type Dialect, type Sql } from "./sql-parts.ts";

// Any column may hold values of any type, so each is asked for its type. Lists are JSON in text. One parameter, a JSON
// list, stands for all values: SQLite has a limit on parameters, and D1 a low one.

export const sqlite: Dialect = {
  equals: (column, anyOf) =>
    sql`(typeof(${column}) = 'text' AND ${column} COLLATE BINARY IN (${elements(anyOf)}))`,
  contains: (column, anyOf) =>
    sql`EXISTS (SELECT 1 FROM (SELECT ${listIn(column)} AS elements) AS list, json_each(list.elements) AS element WHERE element.type = 'text' AND element.value COLLATE BINARY IN (${elements(anyOf)}))`,
};

function elements(anyOf: readonly string[]): Sql {
  return sql`SELECT value FROM json_each(${{ value: JSON.stringify(anyOf) }})`;
}

/**
 * What is not a list counts as an empty one. Unlike AND, CASE promises to look no further than it has to. Stands in a query
 * of its own, out of sight of json_each(), or else it would take `value` and `type` for columns of that.
 */
function listIn(column: Column): Sql {
  return sql`CASE WHEN typeof(${column}) <> 'text' THEN '[]' WHEN NOT json_valid(${column}) THEN '[]' WHEN json_type(${column}) = 'array' THEN ${column} ELSE '[]' END`;
}
