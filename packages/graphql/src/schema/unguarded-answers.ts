import type { Policy } from "@authmodes/rules";
import {
  getNamedType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isLeafType,
  isObjectType,
} from "graphql";
import type { ModelField } from "../options.ts";
import { type Returned, returnedBy, type Types } from "./returned.ts";
import { isListing } from "../guards/read.ts";

// Answers whose type does not tell the model, or that hold more than its records, are found when the schema is built.

type AnyField = GraphQLField<unknown, unknown>;

export interface Checked {
  readonly schema: GraphQLSchema;
  readonly policy: Policy;
  readonly types: Types;
}

/** What a root field that does something with a model answers; undefined: nothing that could be guarded as the model. */
export function answerOf(use: ModelField, field: AnyField, types: Types): Returned | undefined {
  const isCount =
    isListing(use.operation) && getNamedType(field.type).name === "Int" && /count/i.test(field.name);
  return returnedBy(field.type, types) ?? (isCount ? { kind: "count", model: use.model } : undefined);
}

/** Of the answer of a root field that does something with a model. */
export function problemsOfAnswer(use: ModelField, field: AnyField, checked: Checked): readonly string[] {
  const { model, operation } = use;
  const type = getNamedType(field.type);
  const returned = answerOf(use, field, checked.types);
  const isWrite = operation === "create" || operation === "update" || operation === "delete";
  if (isWrite) return problemsBelow(type, checked, isWrite);
  const isFit =
    operation === "listen" ? returned?.kind === "record" : isListing(operation) || returned?.kind !== "page";
  if (returned?.model !== model || !isFit) return [unguarded(type, model, operation)];
  return returned.kind === "count" ? [] : problemsBelow(type, checked);
}

function unguarded(type: GraphQLNamedType, model: string, operation: string): string {
  const what = operation === "listen" ? `one ${model}` : `${model}, a list or a page of it`;
  const mapping = isLeafType(type)
    ? ""
    : `, and if ${type.name} is one, map it: types: { ${type.name}: "${model}" }`;
  return `nothing guards the answer ${type.name} as ${model}. Answer ${what}${mapping}.`;
}

/** Of a field that answers a page, or the payload of a write: what nothing speaks about. */
export function problemsBelow(
  type: GraphQLNamedType,
  checked: Checked,
  isWrite = false,
  seen: Set<string> = new Set(),
): readonly string[] {
  const { schema, types } = checked;
  if (seen.has(type.name) || types.models.of(type) !== undefined) return [];
  seen.add(type.name);
  if (isAbstractType(type)) {
    return schema
      .getPossibleTypes(type)
      .flatMap((possible) => problemsBelow(possible, checked, isWrite, seen));
  }
  if (!isObjectType(type)) {
    return tellsNothing(type, isWrite) ? [] : [`nothing guards the answer ${type.name}: answer the record.`];
  }
  return Object.values(type.getFields()).flatMap((field) => {
    if (isSpokenAbout(type, field, checked)) return [];
    const inner = getNamedType(field.type);
    if (!isLeafType(inner)) return problemsBelow(inner, checked, isWrite, seen);
    if (isWrite && (field.name === "clientMutationId" || tellsNothing(inner, isWrite))) return [];
    return [
      `nothing says who may read ${type.name}.${field.name}: add it to ${type.name} in the rules, perhaps with rules of its own.`,
    ];
  });
}

function isSpokenAbout(type: GraphQLObjectType, { name }: AnyField, { policy, types }: Checked): boolean {
  const role = types.pages.roleOf(type, name);
  if (role === "position" || role === "count" || role === "node") return true;
  const ruled = policy.schema.types ?? {};
  return Object.hasOwn(ruled, type.name) && Object.hasOwn(ruled[type.name]?.fields ?? {}, name);
}

/** Whether a write was done, or the id of what it was done to. */
function tellsNothing({ name }: GraphQLNamedType, isWrite: boolean): boolean {
  return isWrite && (name === "Boolean" || name === "ID");
}
