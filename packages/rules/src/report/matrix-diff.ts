import { rootTypes } from "../compile/compile.ts";
import { operations, readOperations } from "../compile/operations.ts";
import { rolesOf } from "../compile/roles.ts";
import type { Policy } from "../policy.ts";
import type { MatrixRow, Operation, TypeDefinition } from "../types.ts";

// What the rules grant, as rows: the matrix, and what stands beside it. A diff that looked at the matrix alone would
// call a change harmless that opens the sandbox or a query.

/** Stands in rows for deleting a record as a whole. No name of GraphQL has a space: it cannot be taken for a field. */
export const wholeRecords = "whole records";

/** One right, had or not. */
export interface Right {
  readonly model: string;
  readonly role: string;
  readonly field: string;
  readonly operation: Operation;
}

export interface MatrixDiff {
  /** What a caller may do now and might not before. */
  readonly widened: readonly Right[];
  /** What a caller might do before and may not now. */
  readonly narrowed: readonly Right[];
}

/**
 * What changed between two policies, beyond the matrix: the sandbox, deleting whole records, fields outside models.
 * @param name of a model or a type; default all
 */
export function diffPolicies(before: Policy, after: Policy, name?: string): MatrixDiff {
  return diffMatrix(allRows(before, name), allRows(after, name));
}

/** What changed between two matrices, right by right. */
export function diffMatrix(before: readonly MatrixRow[], after: readonly MatrixRow[]): MatrixDiff {
  const [had, has] = [rightsOf(before), rightsOf(after)];
  return { widened: without(has, had), narrowed: without(had, has) };
}

function rightsOf(rows: readonly MatrixRow[]): readonly Right[] {
  return rows.flatMap(({ operations: granted, ...right }) =>
    granted.map((operation) => ({ ...right, operation })),
  );
}

function without(rights: readonly Right[], others: readonly Right[]): readonly Right[] {
  const keyOf = ({ model, role, field, operation }: Right): string =>
    JSON.stringify([model, role, field, operation]);
  const known = new Set(others.map(keyOf));
  return rights.filter((right) => !known.has(keyOf(right)));
}

/** The matrix of a model or of all, with the sandbox as a role of its own. */
export function matrixRows(policy: Policy, model?: string): readonly MatrixRow[] {
  return [...policy.matrix(model), ...sandboxRows(policy, model)];
}

/**
 * Everything that may widen: the matrix, deleting whole records, and fields outside models.
 * @param name of a model or a type; default all
 */
export function allRows(policy: Policy, name?: string): readonly MatrixRow[] {
  const { models, types = {} } = policy.schema;
  const rows = Object.keys(models)
    .filter((model) => name === undefined || model === name)
    .flatMap((model) => matrixRows(policy, model));
  const typeRows = Object.entries(types)
    .filter(([type]) => name === undefined || type === name)
    .flatMap(([type, definition]) => rowsOfType(policy, type, definition));
  return [...rows, ...deletesOf(rows), ...typeRows];
}

/** Models that no rule speaks of, and that the sandbox does not open either. */
export function closedModels(policy: Policy): readonly string[] {
  return Object.keys(policy.schema.models).filter((model) => matrixRows(policy, model).length === 0);
}

function sandboxRows(policy: Policy, only: string | undefined): readonly MatrixRow[] {
  const { sandbox, models } = policy.schema;
  if (sandbox !== true) return [];
  return Object.entries(models)
    .filter(([model]) => (only === undefined || model === only) && policy.matrix(model).length === 0)
    .flatMap(([model, { fields }]) =>
      Object.keys(fields).map((field) => ({ model, role: "apiKey:sandbox", field, operations })),
    );
}

/** Who may delete every field may delete records: a right that also comes when the one field goes that stood against it. */
function deletesOf(rows: readonly MatrixRow[]): readonly MatrixRow[] {
  const roles = new Map<string, MatrixRow>();
  for (const row of rows) {
    const key = JSON.stringify([row.model, row.role]);
    const isWhole = row.operations.includes("delete") && (roles.get(key)?.operations.length ?? 1) > 0;
    roles.set(key, { ...row, field: wholeRecords, operations: isWhole ? ["delete"] : [] });
  }
  return [...roles.values()].filter((row) => row.operations.length > 0);
}

/** Outside models a rule says who, and not which operations. */
function rowsOfType(policy: Policy, type: string, { fields }: TypeDefinition): readonly MatrixRow[] {
  // Which one it is follows from the rules: a change of it lets others in.
  const defaultProvider = `the default provider (${policy.providers[0] ?? "none"})`;
  const byDefault = rootTypes.includes(type) ? defaultProvider : "whoever reads the parent";
  return Object.entries(fields).flatMap(([field, { rules }]) => {
    const roles = rules?.flatMap((rule) => rolesOf(rule, fields).map(({ name }) => name)) ?? [byDefault];
    return [...new Set(roles)].map((role) => ({ model: type, role, field, operations: readOperations }));
  });
}
