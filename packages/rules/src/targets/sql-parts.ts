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
