import { sql, type Dialect, type Parameter } from "./sql-parts.ts";

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
