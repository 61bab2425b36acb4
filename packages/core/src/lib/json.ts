/** An object of JSON, as `JSON.parse` gives it: whatever its names, they are its own properties. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Parses a text that has to hold an object. @returns undefined if it does not; parsers' own errors quote the text */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value = boundedJson(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Freezes parsed JSON all the way down: identities are shared between requests. */
export function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) {
    if (typeof inner === "object" && inner !== null && !Object.isFrozen(inner)) deepFreeze(inner);
  }
  return Object.freeze(value);
}

/**
 * How many levels the JSON of a caller may have: far more than tokens, forms and GraphQL requests need, and few enough
 * for code that recurses over it.
 */
export const maxNesting = 100;

/** Whether a value from a caller nests deeper than 100 objects and lists. Looks at each level as a whole, without recursion. */
export function nestsTooDeeply(value: unknown): boolean {
  let level = [value].filter(isNesting);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxNesting) return true;
    level = level.flatMap((part) => Object.values(part).filter(isNesting));
  }
  return false;
}

function isNesting(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** JSON that is nested deeper than 100 levels. */
export class JsonTooDeep extends SyntaxError {}

/**
 * Parses JSON that a caller sent. For a megabyte of brackets `JSON.parse` takes a second, and what it makes of them
 * overflows the stack of any function that walks through it.
 * @throws SyntaxError, JsonTooDeep
 */
export function boundedJson(text: string): unknown {
  if (isTooDeep(text)) throw new JsonTooDeep(`the JSON is nested deeper than ${maxNesting} levels`);
  return JSON.parse(text);
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  let isText = false;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22: // "
        isText = !isText;
        break;
      case 0x5c: // \, outside of text no JSON
        i++;
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (!isText && ++depth > maxNesting) return true;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        if (!isText) depth--;
        break;
    }
  }
  return false;
}
