/** An object as `JSON.parse` returns it: all its members are own properties, `__proto__` too. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Parses a JSON object of at most `maxNesting` levels.
 * @returns undefined for any other text: the parser's errors would quote it
 * @example
 * import { parseObject } from "@authmodes/core/adapter";
 *
 * console.log(parseObject('{"type":"ka"}')?.["type"], parseObject("[1]")); // ka undefined
 */
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

/** The `content-type` of JSON. */
export const jsonType: RegExp = /^\s*application\/json\s*(?:;|$)/i;

/** Whether a value is text, and not empty. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** Freezes parsed JSON deeply, since identities are shared between requests. */
export function deepFreeze<T extends object>(value: T): T {
  // By names, since a list of the values of each token would have to be collected.
  for (const name in value) {
    const inner: unknown = value[name];
    if (isNesting(inner) && !Object.isFrozen(inner)) deepFreeze(inner);
  }
  return Object.freeze(value);
}

/**
 * How many levels a caller's JSON may have: more than tokens, forms and GraphQL requests need, and few enough for
 * recursive code.
 */
export const maxNesting = 100;

/**
 * Whether a caller's value nests deeper than `maxNesting` objects and lists. Works without recursion.
 * @example
 * import { nestsTooDeeply } from "@authmodes/core/adapter";
 *
 * console.log(nestsTooDeeply({ filter: { or: [] } })); // false
 */
export function nestsTooDeeply(value: unknown): boolean {
  let level = [value].filter(isNesting);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxNesting) return true;
    level = level.flatMap((part) => Object.values(part).filter(isNesting));
  }
  return false;
}

/** Whether this is an object or a list. */
function isNesting(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Thrown for JSON that nests deeper than `maxNesting`. */
export class JsonTooDeep extends SyntaxError {}

/**
 * Parses JSON that a caller sent. For a megabyte of brackets `JSON.parse` takes a second, and its result overflows the
 * stack of any recursive function.
 * @throws SyntaxError, JsonTooDeep
 */
export function boundedJson(text: string): unknown {
  if (isTooDeep(text)) throw new JsonTooDeep(`the JSON is nested deeper than ${maxNesting} levels`);
  return JSON.parse(text);
}

/** Whether a bracket occurs at most half as often as levels are allowed, so that both kinds together are not too many. */
function isRare(bracket: string, text: string): boolean {
  let at = text.indexOf(bracket);
  for (let left = maxNesting / 2; at !== -1 && left > 0; left--) at = text.indexOf(bracket, at + 1);
  return at === -1;
}

/** Few texts have enough brackets to need a look at each character. */
function isTooDeep(text: string): boolean {
  if (isRare("{", text) && isRare("[", text)) return false;
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
