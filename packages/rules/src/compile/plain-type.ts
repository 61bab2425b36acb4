import type { TypeDefinition } from "../types.ts";
import { baseTypeOf } from "./model.ts";
import { type Role, rolesOf } from "./roles.ts";

// Types that are not models: nested objects, and Query, Mutation and Subscription. Their rules look at the caller
// alone, for there is no record that they could look at.

export interface PlainField {
  readonly baseType: string;
  /** undefined where the field has no rules of its own. */
  readonly roles: readonly Role[] | undefined;
}

export interface PlainType {
  readonly name: string;
  readonly isRoot: boolean;
  readonly fields: ReadonlyMap<string, PlainField>;
}

export const rootTypes: readonly string[] = ["Query", "Mutation", "Subscription"];

export function compileType(name: string, definition: TypeDefinition): PlainType {
  const fields = new Map<string, PlainField>();
  for (const [field, { type, rules }] of Object.entries(definition.fields)) {
    // Rules that look at a record are refused before, or dropped in words: `compat.dropDynamicFieldRules`.
    const roles = rules
      ?.flatMap((rule) => rolesOf(rule, definition.fields))
      .filter((role) => !role.dynamic)
      .toSorted((a, b) => a.rank - b.rank);
    fields.set(field, { baseType: baseTypeOf({ type }), roles });
  }
  return { name, isRoot: rootTypes.includes(name), fields };
}
