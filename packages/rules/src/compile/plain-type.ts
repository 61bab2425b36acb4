import type { Caller } from "../decide/caller.ts";
import { baseTypeOf } from "./model.ts";
import { holds } from "../decide/role-condition.ts";
import { isDynamic, type Role, rolesOf } from "./roles.ts";
import type { RuleSchema, TypeDefinition } from "../types.ts";

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

export function compileTypes(schema: RuleSchema): ReadonlyMap<string, PlainType> {
  return new Map(
    Object.entries(schema.types ?? {}).map(([name, definition]) => [name, compileType(name, definition)]),
  );
}

function compileType(name: string, definition: TypeDefinition): PlainType {
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

/** The role that admits the caller to a field with rules. */
export function roleFor(caller: Caller, roles: readonly Role[]): Role | undefined {
  return roles.find(
    (role) =>
      role.provider === caller.provider &&
      role.needs.every((need) => !isDynamic(need) && holds(need, caller)),
  );
}

/** Whether the caller may read a field of a nested type, and so write it. */
export function isFieldOpen(caller: Caller, type: PlainType, name: string): boolean {
  if (caller.bypass !== undefined) return true;
  if (caller.deniedFields.has(`${type.name}.${name}`)) return false;
  const roles = type.fields.get(name)?.roles;
  return roles === undefined || roleFor(caller, roles) !== undefined;
}
