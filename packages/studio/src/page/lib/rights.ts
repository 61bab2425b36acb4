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

// What changes between two policies, in words.

const sandboxRole = "apiKey:sandbox";

/** Returns the rights that were added and removed. Compares only types that differ. */
export function difference(before: Policy, after: Policy): MatrixDiff {
  const diffs = changedTypes(before, after).map((type) => diffPolicies(before, after, type));
  return {
    widened: diffs.flatMap(({ widened }) => widened),
    narrowed: diffs.flatMap(({ narrowed }) => narrowed),
  };
}

/** Comparing all rights of all models would be slow for each key that is typed. */
export function changedTypes(before: Policy, after: Policy): readonly string[] {
  const namesIn = ({ schema: { models, types } }: Policy): readonly string[] =>
    Object.keys({ ...models, ...types });
  const isSandboxed = before.schema.sandbox !== after.schema.sandbox;
  const hasOtherDefault = before.providers[0] !== after.providers[0];
  return [...new Set([...namesIn(before), ...namesIn(after)])].filter((name) => {
    if (textOf(before.schema, name) !== textOf(after.schema, name)) return true;
    const definition = typeNamed(after.schema, name);
    // Models without rules are open in the sandbox, and root fields without rules to the default provider.
    if (isSandboxed && definition?.rules === undefined) return true;
    const isOpen = Object.values(definition?.fields ?? {}).some(({ rules }) => rules === undefined);
    return hasOtherDefault && isOpen && rootTypes.has(name);
  });
}

/** Whose fields without rules are open to the default provider. */
export const rootTypes: ReadonlySet<string> = new Set(["Query", "Mutation", "Subscription"]);

const texts = new WeakMap<object, string>();

function textOf(schema: RuleSchema, name: string): string {
  const definition = typeNamed(schema, name);
  if (definition === undefined) return "";
  const text = texts.get(definition) ?? JSON.stringify(definition);
  texts.set(definition, text);
  return text;
}

/** Rights of one kind: what a role may do with all of these fields. */
export type Change = RightsGroup & { readonly who: string };

export function changesOf(rights: readonly Right[], policies: readonly Policy[]): readonly Change[] {
  return groupRights(rights).map((some) => ({ ...some, who: whoOf(some, policies) }));
}

function whoOf({ model, role }: RightsGroup, policies: readonly Policy[]): string {
  if (role === sandboxRole) return "Anyone with an API key (sandbox)";
  return rolesOfType(model, policies).get(role)?.long ?? upper(role);
}
