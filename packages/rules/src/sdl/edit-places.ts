import {
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
} from "graphql";
import { unknownName } from "../check/spelling.ts";
import { parseDocument } from "./document.ts";
import { type Placed, placeOf } from "./text-edits.ts";

// Changes to a schema that leave alone what they are not about: comments, order, formatting. Every function takes a text
// and returns one; what is in the text need not be right, only its syntax does, or they throw a PolicyError.

/** A type, or one of its fields. */
export interface RulesPlace {
  readonly type: string;
  readonly field?: string;
}

export type TypeNode = ObjectTypeDefinitionNode | ObjectTypeExtensionNode;

/** A text without definitions is where a new schema starts from, which GraphQL has no syntax for. */
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
