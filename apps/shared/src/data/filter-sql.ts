import type { ModelDefinition, SqlFilter, Values } from "@authmodes/rules";
import { HttpError } from "../http/http-error.ts";

// Filters of lists and conditions of writes in Amplify's syntax: `{ price: { lt: 10 }, or: [{ title: … }, …] }`. The rules
// have decided whether the caller may use a field. As in DynamoDB only `ne`, `notContains` and `attributeExists: false`
// match an absent value, so every comparison here is true or false, never null.

type Add = (value: unknown) => string;

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
  const add: Add = (value) => {
    // PostgreSQL stores no text with NUL.
    if (typeof value === "string" && value.includes("\0"))
      throw new HttpError(400, "No record has a text with NUL");
    return `$${startAt + values.push(value) - 1}`;
  };

  function group(part: Values): string {
    return joined(
      Object.entries(part).map(([name, value]) => {
        if (value === null || value === undefined) return "true";
        if (name === "not") return `not ${group(value as Values)}`;
        if (name === "and") return joined((value as readonly Values[]).map(group));
        if (name === "or") return joined((value as readonly Values[]).map(group), "or");
        return comparisons(name, fields[name]?.type ?? "", value as Values, add);
      }),
    );
  }

  return { text: group(filter ?? {}), values };
}

function joined(parts: readonly string[], by: "and" | "or" = "and"): string {
  if (parts.length === 0) return by === "and" ? "true" : "false";
  return `(${parts.join(` ${by} `)})`;
}

function comparisons(field: string, type: string, wanted: Values, add: Add): string {
  const isList = type.startsWith("[");
  // Texts are ordered byte by byte, as in DynamoDB.
  const column = /^(?:ID|String)/.test(type) ? `"${field}" collate "C"` : `"${field}"`;
  return joined(
    Object.entries(wanted).map(([operator, value]) => {
      if (operator === "size") {
        const size = isList ? `cardinality("${field}")` : `length("${field}")`;
        return joined(
          Object.entries((value ?? {}) as Values).map(([name, number]) => compare(size, name, number, add)),
        );
      }
      return isList ? compareList(field, operator, value, add) : compare(column, operator, value, add);
    }),
  );
}

const orders: Readonly<Record<string, string>> = { le: "<=", lt: "<", ge: ">=", gt: ">" };

function compare(column: string, operator: string, value: unknown, add: Add): string {
  switch (operator) {
    case "attributeExists":
      return `${column} is ${value === true ? "not " : ""}null`;
    case "eq":
      return `${column} is not distinct from ${add(value)}`;
    case "ne":
      return `${column} is distinct from ${add(value)}`;
    case "contains":
      return `coalesce(strpos(${column}, ${add(value)}::text) > 0, false)`;
    case "notContains":
      return `not coalesce(strpos(${column}, ${add(value)}::text) > 0, false)`;
    case "beginsWith":
      return `coalesce(starts_with(${column}, ${add(value)}::text), false)`;
    case "between": {
      const [low, high, ...more] = value as readonly unknown[];
      if (low === undefined || high === undefined || more.length > 0)
        throw new HttpError(400, "between takes two values");
      return `coalesce(${column} between ${add(low)} and ${add(high)}, false)`;
    }
    default:
      return `coalesce(${column} ${orders[operator]} ${add(value)}, false)`;
  }
}

function compareList(field: string, operator: string, value: unknown, add: Add): string {
  const column = `"${field}"`;
  switch (operator) {
    case "attributeExists":
      return compare(column, operator, value, add);
    case "contains":
      return `coalesce(${add(value)}::text = any(${column}), false)`;
    case "notContains":
      return `not coalesce(${add(value)}::text = any(${column}), false)`;
    default:
      throw new HttpError(400, `${field} is a list: use contains, notContains, size or attributeExists`);
  }
}
