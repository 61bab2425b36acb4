import { bitsOfRule } from "./operations.ts";
import { type Role, rolesOf } from "./roles.ts";
import type { ModelDefinition } from "../types.ts";

// The access control matrix: role × field × operation. Only fields that the schema writes down count; a field that has
// rules of its own takes nothing from the model's.

/** A row of the matrix. */
export interface Grants {
  readonly role: Role;
  /** Operations by field, as bits; every field of the model is in it. */
  readonly byField: ReadonlyMap<string, number>;
  /** Operations on at least one field. */
  readonly some: number;
  /** Operations on every field. */
  readonly every: number;
}

/** The matrix of a model whose rules are valid, roles in the order in which they appear. */
export function grantsOf(model: ModelDefinition): readonly Grants[] {
  const fields = Object.keys(model.fields);
  const rows = new Map<string, { role: Role; byField: Map<string, number> }>();
  const rowOf = (role: Role): Map<string, number> => {
    const row = rows.get(role.name) ?? { role, byField: new Map(fields.map((field) => [field, 0])) };
    rows.set(role.name, row);
    return row.byField;
  };

  for (const rule of model.rules ?? []) {
    for (const role of rolesOf(rule, model.fields)) {
      const byField = rowOf(role);
      for (const field of fields) byField.set(field, bitsOfRule(rule));
    }
  }
  for (const [field, { rules }] of Object.entries(model.fields)) {
    if (rules === undefined) continue;
    for (const { byField } of rows.values()) byField.set(field, 0);
    for (const rule of rules) {
      for (const role of rolesOf(rule, model.fields)) rowOf(role).set(field, bitsOfRule(rule));
    }
  }
  return [...rows.values()].map(({ role, byField }) => ({
    role,
    byField,
    ...summaryOf([...byField.values()]),
  }));
}

function summaryOf(granted: readonly number[]): { some: number; every: number } {
  if (granted.length === 0) return { some: 0, every: 0 };
  return {
    some: granted.reduce((all, one) => all | one),
    every: granted.reduce((all, one) => all & one),
  };
}
