import type { Policy } from "@authmodes/rules";
import {
  getNamedType,
  type GraphQLArgument,
  type GraphQLField,
  isInputObjectType,
  isListType,
  getNullableType,
} from "graphql";
import type { ModelField } from "./options.ts";

// What would be left without a guard is found when the schema is built, not when somebody asks for it.

/** The fields of a model's primary key. */
export function keyOf({ schema }: Policy, model: string): readonly string[] {
  const { key, fields = {} } = schema.models[model] ?? {};
  if (key !== undefined) return key;
  const marked = Object.keys(fields).filter((name) => fields[name]?.primaryKey === true);
  return marked.length === 0 ? ["id"] : marked;
}

export function problemsOfModelField(policy: Policy, model: string, field: string): readonly string[] {
  return policy.fields(model).has(field)
    ? []
    : [
        `${model}.${field}: the rules know no such field. Add it to the model, perhaps with rules of its own.`,
      ];
}

/** @param load holds the models whose records can be loaded */
export function problemsOfRootField(
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
  const problems = problemsOfInput(policy, model, args);
  if (operation === "create") return problems;
  const hasLoad = Object.hasOwn(load, model);
  if (!hasLoad && policy.needsRecord(model, operation)) {
    problems.push(`rules look at the stored record: add load: { ${model}: (key, context) => … }.`);
  }
  const given = inputNames(args);
  const missing = hasLoad ? keyOf(policy, model).filter((field) => !given.includes(field)) : [];
  if (missing.length > 0)
    problems.push(`without an argument for ${missing.join(", ")} no record can be loaded.`);
  return problems;
}

function problemsOfInput(policy: Policy, model: string, args: readonly GraphQLArgument[]): string[] {
  const input = args.find(({ name }) => name === "input");
  if (
    input !== undefined &&
    (isListType(getNullableType(input.type)) || !isInputObjectType(getNamedType(input.type)))
  ) {
    return ["the argument 'input' is one input object: writes of several records are decided one by one."];
  }
  const unknown = inputFields(args).filter((name) => !policy.fields(model).has(name));
  return unknown.length === 0 ? [] : [`${model} has no ${unknown.join(", ")}, which the input has.`];
}

/** What is written. */
function inputFields(args: readonly GraphQLArgument[]): readonly string[] {
  const input = getNamedType(args.find(({ name }) => name === "input")?.type);
  if (isInputObjectType(input)) return Object.keys(input.getFields());
  return args.map(({ name }) => name).filter((name) => name !== "condition");
}

function inputNames(args: readonly GraphQLArgument[]): readonly string[] {
  return [...args.map(({ name }) => name), ...inputFields(args)];
}
