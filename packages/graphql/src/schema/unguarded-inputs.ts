import { getNamedType, getNullableType, type GraphQLArgument, isInputObjectType, isListType } from "graphql";
import type { GuardOptions } from "../options.ts";
import type { WriteArguments } from "./write-arguments.ts";

// Arguments of mutations that no rule would decide about are found when the schema is built, not when a caller sends
// them.

export function problemsOfArguments(
  written: WriteArguments,
  { policy, load }: GuardOptions,
): readonly string[] {
  const { use, key } = written;
  const { model, operation } = use;
  const problems = problemsOfInput(written);
  if (operation === "create") return problems;
  const hasLoad = Object.hasOwn(load, model);
  if (!hasLoad && policy.needsRecord(model, operation)) {
    problems.push(`rules look at the stored record: add load: { ${model}: (key, context) => … }.`);
  }
  const given = namesGiven(written);
  const missing = hasLoad ? key.filter((field) => !given.includes(field)) : [];
  if (missing.length > 0)
    problems.push(`without an argument for ${missing.join(", ")} no record can be loaded.`);
  return problems;
}

function problemsOfInput(written: WriteArguments): string[] {
  const { use, inputArgument, known, key, definitions } = written;
  const { model, input, ignore = [] } = use;
  if (input !== undefined && inputArgument === undefined) return [`there is no argument '${input}'.`];
  if (inputArgument !== undefined && !isOneObject(inputArgument)) {
    const why = "writes of several records are decided one by one.";
    return [`the argument '${inputArgument.name}' is one input object: ${why}`];
  }
  const given = namesGiven(written);
  const problems = ignore.flatMap((name) => {
    if (!given.includes(name)) return [`ignore names '${name}', which is no argument and not in the input.`];
    return known.has(name)
      ? [`ignore names '${name}', which ${model} has: it would be written undecided.`]
      : [];
  });
  const members = inputArgument === undefined ? given : namesWithin(inputArgument);
  const unknown = members.filter((name) => !known.has(name) && written.isWritten(name));
  if (unknown.length > 0) problems.push(`${model} has no ${unknown.join(", ")}, which the input has.`);
  if (inputArgument === undefined) return problems;
  const beside = definitions
    .map(({ name }) => name)
    .filter((name) => name !== inputArgument.name && !key.includes(name) && written.isWritten(name));
  if (beside.length > 0) {
    problems.push(
      `what is written stands in '${inputArgument.name}', so that nothing decides about ${beside.join(", ")}: ` +
        "move it there, or name it in ignore if it is not written.",
    );
  }
  return problems;
}

function isOneObject({ type }: GraphQLArgument): boolean {
  return !isListType(getNullableType(type)) && isInputObjectType(getNamedType(type));
}

/** The names of the arguments, and of what the input object holds. */
function namesGiven({ definitions, inputArgument }: WriteArguments): readonly string[] {
  return [...definitions.map(({ name }) => name), ...namesWithin(inputArgument)];
}

function namesWithin(input: GraphQLArgument | undefined): readonly string[] {
  const type = getNamedType(input?.type);
  return isInputObjectType(type) ? Object.keys(type.getFields()) : [];
}
