import type { Operation, Policy } from "@authmodes/rules";
import {
  getNamedType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  isAbstractType,
  isLeafType,
  isObjectType,
} from "graphql";
import type { GuardedField } from "../guards/resolver-call.ts";
import type { GuardOptions, ModelField } from "../options.ts";
import { fieldsOfType, isListing, isModel, own, typeOfField } from "./rule-fields.ts";

// Finds, when the schema is built, fields that no rule covers, and answers whose type does not tell the model or that hold
// more than its records.

type AnyField = GraphQLField<unknown, unknown>;

/**
 * @param type the type that has the field
 * @param use what a root field does with a model
 */
export function problemsOfField(
  guarded: GuardedField,
  type: GraphQLObjectType,
  field: AnyField,
  use?: ModelField,
): readonly string[] {
  const { returned, options } = guarded;
  const problems = [...problemsOfType(guarded, field)];
  if (use !== undefined) problems.push(...problemsOfAnswer(guarded, use, field));
  const model = options.types.modelOf(type);
  if (model === undefined) return problems;
  const which = type.name === model ? "the model" : `the model ${model}`;
  if (!options.policy.fields(model).has(field.name))
    problems.push(`the rules do not have this field. Add it to ${which}, with rules of its own if needed.`);
  if (returned?.kind === "page") problems.push(...problemsWithin(getNamedType(field.type), options));
  return problems;
}

/** Problems of a field whose type has another name than the model, or type with rules, in the rules. */
function problemsOfType(
  { typeName, returned, options: { policy } }: GuardedField,
  field: AnyField,
): readonly string[] {
  const named = typeOfField(policy, typeName, field.name);
  const answered = getNamedType(field.type);
  const leadsToModel = isModel(policy, named);
  // For a union or interface, the record's own model decides. An id reveals nothing of the record.
  const isSame = leadsToModel
    ? returned?.model === named || isAbstractType(answered) || answered.name === "ID"
    : answered.name === named || !hasRules(policy, named);
  if (isSame) return [];
  const mapping =
    leadsToModel && isObjectType(answered) ? `, or map it: types: { ${answered.name}: "${named}" }` : "";
  return [
    `the rules of ${named}, which it has in the rules, do not guard ${answered.name}. Answer ${named}${mapping}.`,
  ];
}

/** Whether a type is a model, has rules, or leads to one that does. */
function hasRules(policy: Policy, type: string, seen: ReadonlySet<string> = new Set()): boolean {
  if (isModel(policy, type)) return true;
  if (seen.has(type)) return false;
  const within = new Set([...seen, type]);
  return Object.entries(fieldsOfType(policy, type) ?? {}).some(
    ([name, { rules }]) => rules !== undefined || hasRules(policy, typeOfField(policy, type, name), within),
  );
}

function problemsOfAnswer(
  { returned, options }: GuardedField,
  { model, operation }: ModelField,
  field: AnyField,
): readonly string[] {
  const type = getNamedType(field.type);
  if (operation === "listen" && options.policy.schema.models[model]?.subscriptions === "off")
    return [`the subscriptions of ${model} are off.`];
  const isWrite = operation === "create" || operation === "update" || operation === "delete";
  if (isWrite) return problemsWithin(type, options, isWrite);
  const isFit =
    operation === "listen" ? returned?.kind === "record" : isListing(operation) || returned?.kind !== "page";
  if (returned?.model !== model || !isFit) return [unguarded(type, model, operation)];
  return returned.kind === "count" ? [] : problemsWithin(type, options);
}

function unguarded(type: GraphQLNamedType, model: string, operation: Operation): string {
  const what = operation === "listen" ? `one ${model}` : `${model}, a list or a page of it`;
  const mapping = isLeafType(type)
    ? ""
    : `, and if ${type.name} is one, map it: types: { ${type.name}: "${model}" }`;
  return `nothing guards the answer ${type.name} as ${model}. Answer ${what}${mapping}.`;
}

/** Problems of a page, or of the payload of a write: fields that no rule covers. */
function problemsWithin(
  type: GraphQLNamedType,
  options: GuardOptions,
  isWrite = false,
  seen: Set<string> = new Set(),
): readonly string[] {
  const { policy, types } = options;
  if (seen.has(type.name) || types.modelOf(type) !== undefined) return [];
  seen.add(type.name);
  if (isAbstractType(type)) {
    return types.concrete(type).flatMap((possible) => problemsWithin(possible, options, isWrite, seen));
  }
  if (!isObjectType(type)) {
    return isWrite && isOutcome(type) ? [] : [`nothing guards the answer ${type.name}: answer the record.`];
  }
  const ruled = fieldsOfType(policy, type.name);
  return Object.values(type.getFields()).flatMap(({ name, type: answered }) => {
    const role = types.roleOf(type, name);
    if (role === "position" || role === "count" || role === "node" || own(ruled, name) !== undefined)
      return [];
    const inner = getNamedType(answered);
    if (!isLeafType(inner)) return problemsWithin(inner, options, isWrite, seen);
    if (isWrite && (name === "clientMutationId" || isOutcome(inner))) return [];
    return [
      `nothing says who may read ${type.name}.${name}: add it to ${type.name} in the rules, with rules of its own if needed.`,
    ];
  });
}

/** Whether the type tells if a write was done, or the id of the record. */
function isOutcome({ name }: GraphQLNamedType): boolean {
  return name === "Boolean" || name === "ID";
}
