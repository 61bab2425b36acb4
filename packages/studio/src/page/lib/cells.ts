import {
  type AuthRule,
  type Operation,
  readOperations,
  type RuleSchema,
  wholeRecords,
} from "@authmodes/rules";
import type { RulesPlace } from "@authmodes/rules/sdl";
import { rulesAt, typeNamed } from "./schema.ts";
import { type Column, columns, type RoleWords, roleWords } from "./words.ts";

// The cells of the matrix, and the rules that they come from.

export interface CellPlace {
  readonly field: string;
  readonly role: string;
}

/** Returns the place of the rules that apply to a field: the field, or its model. */
export function placeOf(schema: RuleSchema, type: string, field: string): RulesPlace {
  const isOwn = field !== wholeRecords && typeNamed(schema, type)?.fields[field]?.rules !== undefined;
  return isOwn ? { type, field } : { type };
}

/** Returns the position of the rule that gives the role; -1 if there is none. */
export function ruleBehind(rules: readonly AuthRule[], role: string): number {
  return rules.findIndex((rule) => roleWords(rule).some(({ name }) => name === role));
}

/** Returns the rules at a place after an operation of a role was switched on or off. */
export function toggledRules(
  schema: RuleSchema,
  at: RulesPlace,
  role: RoleWords,
  column: Column,
): readonly AuthRule[] {
  const rules = rulesAt(schema, at) ?? [];
  const index = ruleBehind(rules, role.name);
  const rule = rules[index];
  if (rule === undefined) return [...rules, { ...role.rule, operations: [column] }];
  return rules.with(index, toggled(rule, column));
}

/** A rule that allows nothing stays: without any rules of its own, a field would take those of the model. */
export function toggled({ operations = columns, ...rule }: AuthRule, column: Column): AuthRule {
  const kept = operations.filter((operation) => !isPartOf(operation, column));
  const next = kept.length < operations.length ? kept : [...kept, column];
  if (columns.every((one) => next.includes(one))) return rule;
  return { ...rule, operations: next.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)) };
}

export function allows({ operations = columns }: AuthRule, column: Column): boolean {
  return operations.some((operation) => isPartOf(operation, column));
}

/** What a rule can grant, in the order in which it is written. */
export const order: readonly (Operation | "read")[] = [
  "create",
  "read",
  ...readOperations,
  "update",
  "delete",
];

function isPartOf(operation: Operation | "read", column: Column): boolean {
  return operation === column || (column === "read" && readOperations.some((read) => read === operation));
}
