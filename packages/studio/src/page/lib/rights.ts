import {
  diffPolicies,
  groupRights,
  type MatrixDiff,
  type Policy,
  type Right,
  type RightsGroup,
  type RuleSchema,
} from "@authmodes/rules";
import { typeNamed } from "./schema.ts";
import { rolesOfType, upper } from "./words.ts";

// What changes between two policies, for people.

const sandboxRole = "apiKey:sandbox";

/** What somebody may do now and might not before, and the other way round; of the types that differ alone. */
export function difference(before: Policy, after: Policy): MatrixDiff {
  const diffs = changedTypes(before, after).map((type) => diffPolicies(before, after, type));
  return {
    widened: diffs.flatMap(({ widened }) => widened),
    narrowed: diffs.flatMap(({ narrowed }) => narrowed),
  };
}

/** Many models stay as they are: comparing all rights of all of them would take its time with each key. */
export function changedTypes(before: Policy, after: Policy): readonly string[] {
  const namesIn = ({ schema: { models, types = {} } }: Policy): readonly string[] => [
    ...Object.keys(models),
    ...Object.keys(types),
  ];
  const isSandboxed =
    before.schema.sandbox !== after.schema.sandbox || before.providers[0] !== after.providers[0];
  return [...new Set([...namesIn(before), ...namesIn(after)])].filter(
    (name) => isSandboxed || textOf(before.schema, name) !== textOf(after.schema, name),
  );
}

const texts = new WeakMap<object, string>();

function textOf(schema: RuleSchema, name: string): string {
  const definition = typeNamed(schema, name);
  if (definition === undefined) return "";
  const text = texts.get(definition) ?? JSON.stringify(definition);
  texts.set(definition, text);
  return text;
}

/** A sentence about rights of one kind: a right that a role has to all of these fields. */
export type Change = RightsGroup & { readonly who: string };

export function changesOf(rights: readonly Right[], policies: readonly Policy[]): readonly Change[] {
  return groupRights(rights).map((some) => ({ ...some, who: whoOf(some, policies) }));
}

function whoOf({ model, role }: RightsGroup, policies: readonly Policy[]): string {
  if (role === sandboxRole) return "Anyone with an API key (sandbox)";
  return rolesOfType(model, policies).get(role)?.long ?? upper(role);
}
