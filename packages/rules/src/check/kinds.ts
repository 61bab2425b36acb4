import { list } from "@authmodes/core/options";

// Kinds of values, by their names in messages.

export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

export function isPlainObject(value: unknown): value is object {
  return isObject(value) && !Array.isArray(value);
}

/** Whether it is text that is not empty. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

export type Kind =
  | "true or false"
  | "text"
  | "text or null"
  | "text that is not empty"
  | "a list of texts that are not empty"
  | "an object"
  | "a list";

export const isOfKind: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  "true or false": (value) => typeof value === "boolean",
  text: (value) => typeof value === "string",
  "text or null": (value) => typeof value === "string" || value === null,
  "text that is not empty": isText,
  "a list of texts that are not empty": (value) => list(value).every(isText),
  "an object": isPlainObject,
  "a list": Array.isArray,
};
