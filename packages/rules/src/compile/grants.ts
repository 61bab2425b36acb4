import type { MatrixRow, ModelDefinition } from "../types.ts";
import type { Model } from "./model.ts";
import { allBits, bitsOfRule, operationsOf } from "./operations.ts";
import { type Role, rolesOf } from "./roles.ts";

// The access matrix: role × field × operation. It has the fields of the schema, without implicit ones. Rules of a field
// replace those of the model.

/** A row of the matrix. */
export interface Grants {
  readonly role: Role;
  /** Operations by field, as bits, for every field of the model. */
  readonly byField: ReadonlyMap<string, number>;
  /** Operations on at least one field. */
  readonly some: number;
  /** Operations on every field. */
  readonly every: number;
  /** Whether several rules of the model have this role, which is an error. */
  readonly repeated: boolean;
  /** The fields several of whose rules have this role: the last one counts. */
  readonly repeatedOn: readonly string[];
}

/** Whether a role has one of the wanted operations (bits) on a field. */
export function grantsOn({ byField }: Pick<Grants, "byField">, field: string, wanted: number): boolean {
  return ((byField.get(field) ?? 0) & wanted) !== 0;
}

/** The matrix of a model with valid rules, roles in the order of the rules. */
export function grantsOf(model: ModelDefinition): readonly Grants[] {
  const fields = Object.keys(model.fields);
  const rows = new Map<string, { role: Role; byField: Map<string, number> }>();
  const repeated = new Set<string>();
  const repeatedOn: [role: string, field: string][] = [];
  const rowOf = (role: Role): Map<string, number> => {
    const row = rows.get(role.name) ?? { role, byField: new Map(fields.map((field) => [field, 0])) };
    rows.set(role.name, row);
    return row.byField;
  };

  for (const rule of model.rules ?? []) {
    for (const role of rolesOf(rule, model.fields)) {
      if (rows.has(role.name)) repeated.add(role.name);
      const byField = rowOf(role);
      for (const field of fields) byField.set(field, bitsOfRule(rule));
    }
  }
  for (const [field, { rules }] of Object.entries(model.fields)) {
    if (rules === undefined) continue;
    for (const { byField } of rows.values()) byField.set(field, 0);
    const seen = new Set<string>();
    for (const rule of rules) {
      for (const role of rolesOf(rule, model.fields)) {
        if (seen.has(role.name)) repeatedOn.push([role.name, field]);
        seen.add(role.name);
        rowOf(role).set(field, bitsOfRule(rule));
      }
    }
  }
  return [...rows.values()].map(({ role, byField }) => ({
    role,
    byField,
    some: [...byField.values()].reduce((all, one) => all | one, 0),
    every: byField.size === 0 ? 0 : [...byField.values()].reduce((all, one) => all & one, allBits),
    repeated: repeated.has(role.name),
    repeatedOn: repeatedOn.flatMap(([name, field]) => (name === role.name ? [field] : [])),
  }));
}

/** All rows of role × field, roles in the order of the rules; rows without operations are included. */
export function matrixOf({ name, grants }: Pick<Model, "name" | "grants">): readonly MatrixRow[] {
  return grants.flatMap(({ role, byField }) =>
    [...byField].map(([field, granted]) => ({
      model: name,
      role: role.name,
      field,
      operations: operationsOf(granted),
    })),
  );
}
