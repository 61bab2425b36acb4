import { Kind, parseType, TokenKind } from "graphql";
import type { ModelDefinition } from "../types.ts";
import {
  applyEdits,
  documentOf,
  indentAt,
  isFirstOnLine,
  lineStart,
  newlineOf,
  nodeAt,
  placeOf,
  rangeOf,
  removal,
  spaceBefore,
  textOf,
} from "./edit-places.ts";
import { directiveOf } from "./fields.ts";

// Edits that add and remove models and fields, see `edit-places.ts`.

/**
 * Adds a model with the field `id` at the end of the text.
 * @throws TypeError if the name is invalid or taken
 * @throws PolicyError if the text has a syntax error
 * @example
 * import { addModel } from "@authmodes/rules/sdl";
 * export const sdl = addModel("", "Order"); // type Order @model { id: ID! }
 */
export function addModel(sdl: string, name: string): string {
  checkName("model", name);
  const { definitions } = documentOf(sdl);
  const taken = definitions.some((node) => "name" in node && node.name?.value === name);
  if (taken) throw new TypeError(`There is a type '${name}' already.`);
  const lineBreak = newlineOf(sdl);
  const type = [`type ${name} @model {`, "  id: ID!", "}", ""].join(lineBreak);
  const before = sdl.trim() === "" ? sdl.trimEnd() : `${sdl.trimEnd()}${lineBreak}${lineBreak}`;
  return before + type;
}

/**
 * Removes a model from the text.
 * @throws TypeError for a model that does not exist
 * @throws PolicyError if the text has a syntax error
 * @example
 * import { removeModel } from "@authmodes/rules/sdl";
 * export const sdl = removeModel("type Draft @model { id: ID! } type Order @model { id: ID! }", "Draft");
 */
export function removeModel(sdl: string, model: string): string {
  const edit = removal(sdl, placeOf(nodeAt(sdl, { type: model })));
  const kept = applyEdits(sdl, [edit]);
  // One of the two empty lines around it stays.
  return kept.slice(0, edit.start).trimEnd() === ""
    ? kept.trimStart()
    : kept.slice(0, edit.start) + kept.slice(edit.start).replace(/^(?:[ \t]*\r?\n)+/, "");
}

/**
 * Adds a field after the others.
 * @throws TypeError if the name is invalid or taken, or the type is invalid
 * @throws PolicyError if the text has a syntax error
 * @example
 * import { addField } from "@authmodes/rules/sdl";
 * export const sdl = addField("type Order @model { id: ID! }", "Order", "lines", "[String!]");
 */
export function addField(sdl: string, model: string, name: string, type: string): string {
  checkName("field", name);
  try {
    parseType(type, { noLocation: true });
  } catch (cause) {
    throw new TypeError(`'${type}' is not a type. Write one such as String, ID! or [String].`, { cause });
  }
  const node = nodeAt(sdl, { type: model });
  if (node.kind === Kind.FIELD_DEFINITION) throw new TypeError(`${model} is not a type.`);
  if (node.fields?.some((field) => field.name.value === name) === true) {
    throw new TypeError(`${model} has a field '${name}' already.`);
  }
  const lineBreak = newlineOf(sdl);
  const { start, end, endToken } = placeOf(node);
  const indent = indentAt(sdl, start);
  const line = `${indent}  ${name}: ${type}`;
  if (endToken.kind !== TokenKind.BRACE_R) {
    return applyEdits(sdl, [{ start: end, end, text: ` {${lineBreak}${line}${lineBreak}${indent}}` }]);
  }
  const brace = endToken.start;
  const isBelow = isFirstOnLine(sdl, brace);
  const at = isBelow ? lineStart(sdl, brace) : brace - spaceBefore(sdl, brace);
  const text = isBelow ? line + lineBreak : `${lineBreak}${line}${lineBreak}${indent}`;
  return applyEdits(sdl, [{ start: at, end: isBelow ? at : brace, text }]);
}

/**
 * Removes a field of a model from the text.
 * @throws TypeError for a model or field that does not exist
 * @throws PolicyError if the text has a syntax error
 * @example
 * import { removeField } from "@authmodes/rules/sdl";
 * export const sdl = removeField("type Order @model { id: ID! note: String }", "Order", "note");
 */
export function removeField(sdl: string, model: string, field: string): string {
  return applyEdits(sdl, [removal(sdl, placeOf(nodeAt(sdl, { type: model, field })))]);
}

/**
 * Sets AppSync's subscription level of a model, `@model(subscriptions: …)`. For `on`, the default, the argument is removed.
 * @throws TypeError for a model that does not exist
 * @throws PolicyError if the text has a syntax error
 * @example
 * import { setSubscriptions } from "@authmodes/rules/sdl";
 * export const sdl = setSubscriptions("type Order @model { id: ID! }", "Order", "off");
 */
export function setSubscriptions(
  sdl: string,
  model: string,
  level: NonNullable<ModelDefinition["subscriptions"]>,
): string {
  const directive = directiveOf(nodeAt(sdl, { type: model }), "model");
  if (directive === undefined) throw new TypeError(`${model} is not a model.`);
  const { arguments: given = [] } = directive;
  const old = given.find((argument) => argument.name.value === "subscriptions");
  const text = level === "off" ? "null" : `{ level: ${level} }`;
  if (level === "on") {
    if (old === undefined) return sdl;
    const others = given.filter((argument) => argument !== old).map((argument) => textOf(sdl, argument));
    const rest = others.length === 0 ? "@model" : `@model(${others.join(", ")})`;
    return applyEdits(sdl, [{ ...rangeOf(directive), text: rest }]);
  }
  if (old !== undefined) return applyEdits(sdl, [{ ...rangeOf(old.value), text }]);
  const last = given.at(-1);
  if (last === undefined) {
    return applyEdits(sdl, [{ ...rangeOf(directive), text: `@model(subscriptions: ${text})` }]);
  }
  const { end } = placeOf(last);
  return applyEdits(sdl, [{ start: end, end, text: `, subscriptions: ${text}` }]);
}

function checkName(kind: string, name: string): void {
  if (/^(?!__)[_A-Za-z]\w*$/.test(name)) return;
  throw new TypeError(
    `'${name}' cannot name a ${kind}. Names have letters, digits and underscores, and begin with no digit nor with '__'.`,
  );
}
