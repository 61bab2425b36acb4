import { hasBrokenEscape, recodeComponent } from "./encoding.ts";

/** A query parameter in its one canonical spelling. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
}

/** Splits a query, in its own order. undefined where a `%` escape is broken. */
export function parseQuery(query: string): readonly Parameter[] | undefined {
  if (query === "") return [];
  if (hasBrokenEscape(query)) return undefined;
  const parameters: Parameter[] = [];
  for (const piece of query.split("&")) {
    if (piece === "") continue;
    const equals = piece.indexOf("=");
    const name = equals === -1 ? piece : piece.slice(0, equals);
    const value = equals === -1 ? "" : piece.slice(equals + 1);
    parameters.push({ name: recodeComponent(name), value: recodeComponent(value) });
  }
  return parameters;
}

/**
 * Sorted by name, then by value, byte by byte.
 * @param without the name of a parameter to leave out
 */
export function canonicalQuery(parameters: readonly Parameter[], without?: string): string {
  let query = "";
  for (const { name, value } of parameters.length > 1 ? parameters.toSorted(order) : parameters) {
    if (name !== without) query += query === "" ? `${name}=${value}` : `&${name}=${value}`;
  }
  return query;
}

function order(a: Parameter, b: Parameter): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.value === b.value ? 0 : a.value < b.value ? -1 : 1;
}
