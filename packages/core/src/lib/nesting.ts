/**
 * How many levels the JSON of a caller may have: far more than tokens, forms and GraphQL requests need, and few enough
 * for code that recurses over it.
 */
export const maxNesting = 100;

/** Whether a value from a caller nests deeper than 100 levels. Looks at each level as a whole, without recursion. */
export function nestsTooDeeply(value: unknown): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxNesting) return true;
    level = level.flatMap((part) => (typeof part === "object" && part !== null ? Object.values(part) : []));
  }
  return false;
}
