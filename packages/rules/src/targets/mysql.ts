import { join, sql, type Column, type Dialect, type Sql } from "./sql-parts.ts";

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
    return sql`EXISTS (SELECT 1 FROM JSON_TABLE(${listIn(column)}, '$[*]' COLUMNS (rule_position FOR ORDINALITY)) AS rule_list WHERE JSON_TYPE(${element}) = 'STRING' AND ${bytes(sql`JSON_UNQUOTE(${element})`)} IN (${join(values, ", ")}))`;
  },
};

/** Unlike every collation that MySQL and MariaDB have in common, binary strings count trailing spaces. */
function bytes(text: Sql): Sql {
  return sql`CAST(CONVERT(${text} USING utf8mb4) AS BINARY)`;
}

/** What is not a list counts as an empty one. */
function listIn(column: Column): Sql {
  return sql`CASE WHEN NOT JSON_VALID(${column}) THEN '[]' WHEN JSON_TYPE(${column}) = 'ARRAY' THEN ${column} ELSE '[]' END`;
}
