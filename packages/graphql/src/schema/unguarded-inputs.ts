import { getNamedType, isInputObjectType } from "graphql";
import type { GuardOptions } from "../options.ts";
import { isList } from "./record-types.ts";
import type { WriteArguments } from "./write-arguments.ts";

// Finds, when the schema is built, arguments of mutations that no rule would cover.

export function problemsOfArguments(
  written: WriteArguments,
  { policy, load }: GuardOptions,
): readonly string[] {
  const { use, key, names, inputArgument } = written;
  const { model, operation } = use;
  if (use.input !== undefined && inputArgument === undefined) return [`there is no argument '${use.input}'.`];
  const inputType = getNamedType(inputArgument?.type);
  if (inputArgument !== undefined && (!isInputObjectType(inputType) || isList(inputArgument))) {
    const why = "writes of several records are decided one by one.";
    return [`the argument '${inputArgument.name}' has to be one input object: ${why}`];
  }
  const members = isInputObjectType(inputType) ? Object.keys(inputType.getFields()) : names;
  const problems = [...problemsOfNames(written, members)];
  if (operation === "create") return problems;
  const hasLoad = Object.hasOwn(load, model);
  if (!hasLoad && policy.needsRecord(model, operation)) {
    problems.push(`rules look at the stored record: add load: { ${model}: (key, context) => … }.`);
  }
  const missing = hasLoad ? key.filter((field) => !names.includes(field) && !members.includes(field)) : [];
  if (missing.length > 0)
    problems.push(`without an argument for ${missing.join(", ")} no record can be loaded.`);
  return problems;
}

/** @param members the fields of the input, or the arguments if there is none */
function problemsOfNames(written: WriteArguments, members: readonly string[]): readonly string[] {
  const { use, known, key, names, inputArgument } = written;
  const { model, ignore = [] } = use;
  const problems = ignore.flatMap((name) => {
    if (!names.includes(name) && !members.includes(name))
      return [`ignore names '${name}', which is neither an argument nor in the input.`];
    return known.has(name)
      ? [`ignore names '${name}', which ${model} has: it would be written without a decision.`]
      : [];
  });
  const unknown = members.filter((name) => !known.has(name) && written.isWritten(name));
  if (unknown.length > 0) problems.push(`${model} has no ${unknown.join(", ")}, which the input has.`);
  if (inputArgument === undefined) return problems;
  const beside = names.filter(
    (name) => name !== inputArgument.name && !key.includes(name) && written.isWritten(name),
  );
  if (beside.length > 0) {
    problems.push(
      `only '${inputArgument.name}' is written and decided on, not ${beside.join(", ")}: ` +
        "move it there, or name it in ignore if it is not written.",
    );
  }
  return problems;
}
