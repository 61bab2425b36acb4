import { maxNesting } from "./nesting.ts";

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
