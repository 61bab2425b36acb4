import type { ModelDefinition, SqlFilter, Values } from "@authmodes/rules";
import { HttpError } from "../http/http-error.ts";

// Filters of lists and conditions of writes in Amplify's syntax: `{ price: { lt: 10 }, or: [{ title: … }, …] }`. The rules
// have decided whether the caller may use a field. As in DynamoDB only `ne`, `notContains` and `attributeExists: false`
// match an absent value, so every comparison here is true or false, never null.

/** Writes a comparison of a column with a parameter. */
type Operators = Readonly<Record<string, (column: string, value: string) => string>>;

const operators: Operators = {
  eq: (column, value) => `${column} is not distinct from ${value}`,
  ne: (column, value) => `${column} is distinct from ${value}`,
  le: (column, value) => `coalesce(${column} <= ${value}, false)`,
  lt: (column, value) => `coalesce(${column} < ${value}, false)`,
  ge: (column, value) => `coalesce(${column} >= ${value}, false)`,
  gt: (column, value) => `coalesce(${column} > ${value}, false)`,
  contains: (column, value) => `coalesce(strpos(${column}, ${value}::text) > 0, false)`,
  notContains: (column, value) => `not coalesce(strpos(${column}, ${value}::text) > 0, false)`,
  beginsWith: (column, value) => `coalesce(starts_with(${column}, ${value}::text), false)`,
};

const listOperators: Operators = {
  contains: (column, value) => `coalesce(${value}::text = any(${column}), false)`,
  notContains: (column, value) => `not coalesce(${value}::text = any(${column}), false)`,
};

/**
 * Compiles a filter to an SQL condition with parameters.
 * @param filter undefined to match every record
 * @param startAt number of the first parameter
 * @throws HttpError 400 if an operator does not apply to its field
 */
export function filterToSql(
  filter: Values | undefined,
  { fields }: ModelDefinition,
  startAt: number,
): SqlFilter {
  const values: unknown[] = [];
  const add = (value: unknown) => {
    // PostgreSQL stores no text with NUL.
    if (typeof value === "string" && value.includes("\0"))
      throw new HttpError(400, "No record has a text with NUL");
    return `$${startAt + values.push(value) - 1}`;
  };

  const group = (part: Values): string =>
    joined(
      Object.entries(part).map(([name, value]) => {
        if (value === null || value === undefined) return "true";
        if (name === "not") return `not ${group(value as Values)}`;
        if (name === "and") return joined((value as readonly Values[]).map(group));
        if (name === "or") return joined((value as readonly Values[]).map(group), "or");
        const type = fields[name]?.type ?? "";
        // Texts are ordered byte by byte, as in DynamoDB.
        const column = /^(?:ID|String)/.test(type) ? `"${name}" collate "C"` : `"${name}"`;
        return comparisons(column, type.startsWith("[") ? listOperators : operators, value as Values);
      }),
    );

  const comparisons = (column: string, known: Operators, wanted: Values): string =>
    joined(
      Object.entries(wanted).map(([name, value]) => {
        if (name === "attributeExists") return `${column} is ${value === true ? "not " : ""}null`;
        if (name === "size") {
          const size = known === listOperators ? "cardinality" : "length";
          return comparisons(`${size}(${column})`, operators, (value ?? {}) as Values);
        }
        if (name === "between") {
          const [ge, le, ...more] = value as readonly unknown[];
          if (ge === undefined || le === undefined || more.length > 0)
            throw new HttpError(400, "between takes two values");
          return comparisons(column, known, { ge, le });
        }
        const write = known[name];
        if (write !== undefined) return write(column, add(value));
        throw new HttpError(400, "A list takes contains, notContains, size and attributeExists");
      }),
    );

  return { text: group(filter ?? {}), values };
}

function joined(parts: readonly string[], by: "and" | "or" = "and"): string {
  if (parts.length === 0) return by === "and" ? "true" : "false";
  return `(${parts.join(` ${by} `)})`;
}
