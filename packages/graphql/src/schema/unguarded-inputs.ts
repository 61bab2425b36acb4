import type { Policy } from "@authmodes/rules";
import {
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLField,
  isAbstractType,
  isInputObjectType,
  isListType,
  isObjectType,
} from "graphql";
import { typeWithin } from "../guards/used-fields.ts";
import { inputArgument, isNotWritten } from "./write-arguments.ts";
import type { ModelField } from "../options.ts";
import type { Returned } from "./returned.ts";

// What would be left without a guard is found when the schema is built, not when a caller asks for it.

type AnyField = GraphQLField<unknown, unknown>;

/** The fields of a model's primary key. */
export function keyOf({ schema }: Policy, model: string): readonly string[] {
  const { key, fields = {} } = schema.models[model] ?? {};
  if (key !== undefined) return key;
  const marked = Object.keys(fields).filter((name) => fields[name]?.primaryKey === true);
  return marked.length === 0 ? ["id"] : marked;
}

/** @param type that has the field; it is a record of the model */
export function problemsOfModelField(
  policy: Policy,
  type: string,
  model: string,
  field: string,
): readonly string[] {
  const which = type === model ? "the model" : `the model ${model}`;
  return policy.fields(model).has(field)
    ? []
    : [`the rules know no such field. Add it to ${which}, perhaps with rules of its own.`];
}

/**
 * Of a field that leads to a model, or to a type with rules, under another name.
 * @param type as the rules name it
 * @param returned what the field answers
 */
export function problemsOfFieldType(
  policy: Policy,
  type: string,
  field: AnyField,
  returned: Returned | undefined,
): readonly string[] {
  const { models } = policy.schema;
  const told = typeWithin(policy, type, field.name);
  const answered = getNamedType(field.type);
  const isModel = Object.hasOwn(models, told);
  // A record of one of several types is decided on by its own; an id tells nothing of the record.
  const isSame = isModel
    ? returned?.model === told || isAbstractType(answered) || answered.name === "ID"
    : answered.name === told || !isRuled(policy, told);
  if (isSame) return [];
  const mapping =
    isModel && isObjectType(answered) ? `, or map it: types: { ${answered.name}: "${told}" }` : "";
  return [
    `the rules of ${told}, which it has in the rules, do not guard ${answered.name}. Answer ${told}${mapping}.`,
  ];
}

/** Whether a type that is no model has rules, or leads to some. */
function isRuled(policy: Policy, type: string, seen: ReadonlySet<string> = new Set()): boolean {
  const { models, types = {} } = policy.schema;
  if (Object.hasOwn(models, type)) return true;
  if (seen.has(type) || !Object.hasOwn(types, type)) return false;
  const within = new Set([...seen, type]);
  return Object.entries(types[type]?.fields ?? {}).some(
    ([name, { rules }]) => rules !== undefined || isRuled(policy, typeWithin(policy, type, name), within),
  );
}

/** @param load holds the models whose records can be loaded */
export function problemsOfArguments(
  use: ModelField,
  { args }: AnyField,
  { policy, load }: { readonly policy: Policy; readonly load: object },
): readonly string[] {
  const { model, operation } = use;
  if (operation === "listen") {
    const { subscriptions } = policy.schema.models[model] ?? {};
    return subscriptions === "off" ? [`the subscriptions of ${model} are off.`] : [];
  }
  if (operation !== "create" && operation !== "update" && operation !== "delete") return [];
  const problems = problemsOfInput(policy, use, args);
  if (operation === "create") return problems;
  const hasLoad = Object.hasOwn(load, model);
  if (!hasLoad && policy.needsRecord(model, operation)) {
    problems.push(`rules look at the stored record: add load: { ${model}: (key, context) => … }.`);
  }
  const given = new Set([...args.map(({ name }) => name), ...namesWithin(inputArgument(use, args))]);
  const missing = hasLoad ? keyOf(policy, model).filter((field) => !given.has(field)) : [];
  if (missing.length > 0)
    problems.push(`without an argument for ${missing.join(", ")} no record can be loaded.`);
  return problems;
}

function problemsOfInput(policy: Policy, use: ModelField, args: readonly GraphQLArgument[]): string[] {
  const { model, ignore = [] } = use;
  const known = policy.fields(model);
  const input = inputArgument(use, args);
  if (use.input !== undefined && input === undefined) return [`there is no argument '${use.input}'.`];
  if (input !== undefined && !isOneObject(input)) {
    const why = "writes of several records are decided one by one.";
    return [`the argument '${input.name}' is one input object: ${why}`];
  }
  const given = [...args.map(({ name }) => name), ...namesWithin(input)];
  const problems = ignore.flatMap((name) => {
    if (!given.includes(name)) return [`ignore names '${name}', which is no argument and not in the input.`];
    return known.has(name)
      ? [`ignore names '${name}', which ${model} has: it would be written undecided.`]
      : [];
  });
  const written = input === undefined ? given : namesWithin(input);
  const unknown = written.filter((name) => !known.has(name) && !isNotWritten(use, known, name));
  if (unknown.length > 0) problems.push(`${model} has no ${unknown.join(", ")}, which the input has.`);
  const beside = input === undefined ? [] : besideInput(policy, use, args, input);
  if (beside.length > 0) {
    problems.push(
      `what is written stands in '${input?.name}', so that nothing decides about ${beside.join(", ")}: ` +
        "move it there, or name it in ignore if it is not written.",
    );
  }
  return problems;
}

function besideInput(
  policy: Policy,
  use: ModelField,
  args: readonly GraphQLArgument[],
  input: GraphQLArgument,
): readonly string[] {
  const known = policy.fields(use.model);
  const key = keyOf(policy, use.model);
  return args
    .map(({ name }) => name)
    .filter((name) => name !== input.name && !key.includes(name) && !isNotWritten(use, known, name));
}

function isOneObject({ type }: GraphQLArgument): boolean {
  return !isListType(getNullableType(type)) && isInputObjectType(getNamedType(type));
}

/** The names of what an input object holds. */
function namesWithin(input: GraphQLArgument | undefined): readonly string[] {
  const type = getNamedType(input?.type);
  return isInputObjectType(type) ? Object.keys(type.getFields()) : [];
}
