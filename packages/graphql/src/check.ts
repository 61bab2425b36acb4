import type { Policy } from "@authmodes/rules";
import {
  getNamedType,
  type GraphQLArgument,
  type GraphQLField,
  isInputObjectType,
  isListType,
  getNullableType,
} from "graphql";
import { isNotWritten, inputArgument } from "./input.ts";
import type { ModelField } from "./options.ts";

// What would be left without a guard is found when the schema is built, not when a caller asks for it.

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
    : [`${type}.${field}: the rules know no such field. Add it to ${which}, perhaps with rules of its own.`];
}

/** @param load holds the models whose records can be loaded */
export function problemsOfArguments(
  use: ModelField,
  { args }: GraphQLField<unknown, unknown>,
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
