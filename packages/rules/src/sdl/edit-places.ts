import {
  type FieldDefinitionNode,
  Kind,
  type Location,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  type Token,
  TokenKind,
} from "graphql";
import { unknownName } from "../check/spelling.ts";
import { parseDocument } from "./document.ts";

// Edits of a schema that keep comments, order and formatting. Each function takes a text and returns the changed one. The
// text may have invalid rules; if its syntax is invalid, they throw a PolicyError.

/** A type, or one of its fields, whose rules `setRules` changes. */
export interface RulesPlace {
  readonly type: string;
  readonly field?: string;
}

export type TypeNode = ObjectTypeDefinitionNode | ObjectTypeExtensionNode;

/** An empty text is a valid start for a new schema, but not valid GraphQL. */
export function documentOf(sdl: string): ReturnType<typeof parseDocument> {
  const isEmpty = sdl.replaceAll(/#[^\r\n]*/g, "").replaceAll(/[\s,\uFEFF]/g, "") === "";
  return isEmpty ? { kind: Kind.DOCUMENT, definitions: [] } : parseDocument(sdl);
}

export function nodeAt(sdl: string, { type, field }: RulesPlace): TypeNode | FieldDefinitionNode {
  const types = documentOf(sdl).definitions.filter(
    (node) => node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION,
  );
  const named = types.filter((node) => node.name.value === type);
  const [first] = named.toSorted((a) => (a.kind === Kind.OBJECT_TYPE_DEFINITION ? -1 : 1));
  if (first === undefined) return unknownName("type", type, new Set(types.map((node) => node.name.value)));
  if (field === undefined) return first;
  const fields = named.flatMap((node) => node.fields ?? []);
  const found = fields.find((node) => node.name.value === field);
  return found ?? unknownName(`field of ${type}`, field, new Set(fields.map((node) => node.name.value)));
}

export function rangeOf(node: Placed): { readonly start: number; readonly end: number } {
  const { start, end } = placeOf(node);
  return { start, end };
}

export function textOf(sdl: string, node: Placed): string {
  const { start, end } = placeOf(node);
  return sdl.slice(start, end);
}

// Edits at the positions of syntax nodes. The rest of the text stays as it is.

/** The line width of the formatter. */
export const lineWidth = 110;

/** Replaces the text from `start` to `end`, in UTF-16 units. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A syntax node with its position. */
export interface Placed {
  readonly kind: Kind;
  readonly loc?: Location | undefined;
}

/** The position of a node, which `parse` sets unless `noLocation` is on. */
export function placeOf(node: Placed): Location {
  if (node.loc === undefined) throw new TypeError("This syntax tree was parsed with noLocation.");
  return node.loc;
}

/** @param edits without overlaps, in any order; edits at the same position in the order of the result */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = "";
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

export function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

/** The end of the line, before the line break, which may be CRLF. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  if (end === -1) return text.length;
  return text[end - 1] === "\r" && end > at ? end - 1 : end;
}

/** The indent of the line. */
export function indentAt(text: string, at: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, at), lineEnd(text, at)))?.[0] ?? "";
}

export function isFirstOnLine(text: string, at: number): boolean {
  return text.slice(lineStart(text, at), at).trim() === "";
}

/** The line break of the text. */
export function newlineOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

/** The comments from one token to another. */
export function commentsBetween(first: Token, last: Token): readonly Token[] {
  const comments: Token[] = [];
  for (let token: Token | null = first; token !== null && token.start < last.end; token = token.next) {
    if (token.kind === TokenKind.COMMENT) comments.push(token);
  }
  return comments;
}

/** The end of a token, including a comma or a comment after it on the line. */
export function endBehind(text: string, token: Token): number {
  let end = token.end;
  if (token.next?.kind === TokenKind.COMMENT && token.next.line === token.line) return token.next.end;
  const comma = /^[ \t]*,/.exec(text.slice(end, lineEnd(text, end)));
  if (comma !== null) end += comma[0].length;
  return end;
}

/** Removes a node, and its line if that would be empty. */
export function removal(text: string, { start, end }: Location): Edit {
  const comma = /^[ \t]*,/.exec(text.slice(end));
  const until = end + (comma?.[0].length ?? 0);
  const rest = text.slice(until, lineEnd(text, until));
  if (!isFirstOnLine(text, start)) return { start: start - spaceBefore(text, start), end: until, text: "" };
  if (rest.trim() !== "") return { start, end: until + rest.length - rest.trimStart().length, text: "" };
  const next = text.indexOf("\n", until);
  return { start: lineStart(text, start), end: next === -1 ? text.length : next + 1, text: "" };
}

/** The number of spaces and tabs before a position on its line. */
export function spaceBefore(text: string, at: number): number {
  return /[ \t]*$/.exec(text.slice(lineStart(text, at), at))?.[0].length ?? 0;
}
