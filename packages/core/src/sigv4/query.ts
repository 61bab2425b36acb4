import { hasBrokenEscape, recodeComponent } from "./encoding.ts";

/** Below every character of a canonical name or value, so that names that begin alike sort before their values count. */
const separator = "\0";

/** A query parameter in its one canonical spelling, as text that sorts as parameters do. */
export function parameterOf(name: string, value: string): string {
  return name + separator + value;
}

/** The name and the value that `parameterOf` was given. */
export function partsOf(parameter: string): readonly [name: string, value: string] {
  const end = parameter.indexOf(separator);
  return [parameter.slice(0, end), parameter.slice(end + 1)];
}

/** Splits a query into parameters, in its own order. undefined if a `%` escape is broken. */
export function parseQuery(query: string): string[] | undefined {
  if (hasBrokenEscape(query)) return undefined;
  const parameters: string[] = [];
  let equals = -1;
  for (let start = 0, end: number; start < query.length; start = end + 1) {
    end = indexOrEnd(query, "&", start);
    if (end === start) continue;
    // Looked for once, also in a query that has none: the whole takes time in proportion to its length.
    if (equals < start) equals = indexOrEnd(query, "=", start);
    const nameEnd = Math.min(equals, end);
    const name = recodeComponent(query.slice(start, nameEnd));
    parameters.push(parameterOf(name, recodeComponent(query.slice(nameEnd + 1, end))));
  }
  return parameters;
}

function indexOrEnd(text: string, character: string, start: number): number {
  const index = text.indexOf(character, start);
  return index === -1 ? text.length : index;
}

/**
 * Sorted by name, then by value, byte by byte.
 * @param without the name of a parameter to leave out
 */
export function canonicalQuery(parameters: readonly string[], without?: string): string {
  if (parameters.length === 0) return "";
  const left = without === undefined ? undefined : parameterOf(without, "");
  const kept =
    left === undefined ? parameters : parameters.filter((parameter) => !parameter.startsWith(left));
  // Without a function of ours, which would be called ten thousand times for a thousand parameters.
  const sorted = kept.length === 1 ? kept : kept.toSorted();
  return sorted.join("&").replaceAll(separator, "=");
}
