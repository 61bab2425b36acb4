import type { Values } from "@authmodes/rules";
import type { GraphQLArgument } from "graphql";
import type { ModelField } from "../options.ts";

// Which arguments of a mutation are written.

type Definitions = readonly Pick<GraphQLArgument, "name">[];

/** The argument that holds what is written; undefined: the arguments themselves are written. */
export function inputArgument<D extends Definitions>(use: ModelField, args: D): D[number] | undefined {
  const name = use.input ?? "input";
  return args.find((argument) => argument.name === name);
}

/** What is about the write itself: Amplify's `condition`, Relay's `clientMutationId`, and what `ignore` names. */
export function isNotWritten(
  { ignore = [] }: ModelField,
  fields: ReadonlySet<string>,
  name: string,
): boolean {
  if (ignore.includes(name)) return true;
  return (name === "condition" || name === "clientMutationId") && !fields.has(name);
}

/** What is to be written. */
export function inputOf(
  use: ModelField,
  definitions: Definitions,
  fields: ReadonlySet<string>,
  args: Values,
): Values {
  const argument = inputArgument(use, definitions);
  const given = argument === undefined ? args : ((args[argument.name] ?? {}) as Values);
  return Object.fromEntries(Object.entries(given).filter(([name]) => !isNotWritten(use, fields, name)));
}

/**
 * What the write depends on without being written, such as `condition`: whether it succeeds tells what fields hold. Of
 * a delete all but the key.
 * @returns arguments, and members of the input
 */
export function conditionsOf(
  use: ModelField,
  definitions: Definitions,
  fields: ReadonlySet<string>,
  key: readonly string[],
  args: Values,
): readonly Values[] {
  const argument = inputArgument(use, definitions);
  const isCondition = (name: string): boolean =>
    isNotWritten(use, fields, name) || (use.operation === "delete" && !key.includes(name));
  const among = (values: Values): Values =>
    Object.fromEntries(
      Object.entries(values).filter(([name]) => name !== argument?.name && isCondition(name)),
    );
  if (argument === undefined) return [among(args)];
  const input = (args[argument.name] ?? {}) as Values;
  return [among(args), Object.fromEntries(Object.entries(input).filter(([name]) => isCondition(name)))];
}

/** New arguments with what the rules fill in, such as the owner; those of the caller are left as they are. */
export function withWrites(use: ModelField, definitions: Definitions, args: Values, writes: Values): Values {
  if (Object.keys(writes).length === 0) return args;
  const argument = inputArgument(use, definitions);
  if (argument === undefined) return { ...args, ...writes };
  return { ...args, [argument.name]: { ...(args[argument.name] as Values | undefined), ...writes } };
}
