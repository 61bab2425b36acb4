import { rootTypes } from "../compile/compile.ts";
import { operations, readOperations } from "../compile/operations.ts";
import { rolesOf } from "../compile/roles.ts";
import type { Policy } from "../policy.ts";
import type { MatrixRow, Operation, TypeDefinition } from "../types.ts";

// All rights as rows: the matrix, and the rights that it does not have. A diff of the matrix alone would miss a change that
// opens the sandbox or a query.

/** The `field` of rows about deleting records. Since it has a space, no field has this name. */
export const wholeRecords = "whole records";

/** A right: one operation of a role on one field. */
export interface Right extends Omit<MatrixRow, "operations"> {
  readonly operation: Operation;
}

/** The rights that differ between two policies. */
export interface MatrixDiff {
  /** Rights that are new. */
  readonly widened: readonly Right[];
  /** Rights that are gone. */
  readonly narrowed: readonly Right[];
}

/**
 * Compares the rights of two policies: the matrix, the sandbox, deleting records, and fields outside models.
 * @param name of a model or a type. Default: all
 * @example
 * import { describeRights, diffPolicies, type Policy } from "@authmodes/rules";
 * export function review(before: Policy, after: Policy): string {
 *   const { widened, narrowed } = diffPolicies(before, after);
 *   return [...describeRights(widened, "may"), ...describeRights(narrowed, "may no longer")].join("\n");
 * }
 */
export function diffPolicies(before: Policy, after: Policy, name?: string): MatrixDiff {
  return diffMatrix(allRows(before, name), allRows(after, name));
}

/**
 * Compares two matrices, right by right.
 * @example
 * import { diffMatrix, type Policy } from "@authmodes/rules";
 * export function opensOrders(before: Policy, after: Policy): boolean {
 *   return diffMatrix(before.matrix("Order"), after.matrix("Order")).widened.length > 0;
 * }
 */
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

/**
 * Returns the matrix of one model or of all, with the sandbox as the role `apiKey:sandbox`.
 * @example
 * import { matrixRows, type Policy, renderMatrix } from "@authmodes/rules";
 * export const show = (policy: Policy): string => renderMatrix(matrixRows(policy), "table");
 */
export function matrixRows(policy: Policy, model?: string): readonly MatrixRow[] {
  return [...policy.matrix(model), ...sandboxRows(policy, model)];
}

/**
 * Returns all rights as rows: the matrix, the sandbox, deleting records (`field` is `whole records`), and fields outside
 * models.
 * @param name of a model or a type. Default: all
 * @example
 * import { allRows, type Policy } from "@authmodes/rules";
 * export const openToKeys = (policy: Policy): string[] =>
 *   allRows(policy).filter(({ role }) => role.startsWith("apiKey:")).map(({ model, field }) => `${model}.${field}`);
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

function sandboxRows(policy: Policy, only: string | undefined): readonly MatrixRow[] {
  const { sandbox, models } = policy.schema;
  if (sandbox !== true) return [];
  return Object.entries(models)
    .filter(([model]) => (only === undefined || model === only) && policy.matrix(model).length === 0)
    .flatMap(([model, { fields }]) =>
      Object.keys(fields).map((field) => ({ model, role: "apiKey:sandbox", field, operations })),
    );
}

/** A role with delete on every field may delete records. It gains that right too if the one field without it is removed. */
function deletesOf(rows: readonly MatrixRow[]): readonly MatrixRow[] {
  const roles = new Map<string, MatrixRow>();
  for (const row of rows) {
    const key = JSON.stringify([row.model, row.role]);
    const isWhole = row.operations.includes("delete") && (roles.get(key)?.operations.length ?? 1) > 0;
    roles.set(key, { ...row, field: wholeRecords, operations: isWhole ? ["delete"] : [] });
  }
  return [...roles.values()].filter((row) => row.operations.length > 0);
}

/** Rules outside models have no operations. */
function rowsOfType(policy: Policy, type: string, { fields }: TypeDefinition): readonly MatrixRow[] {
  // The row names the default provider, so that a change of it shows as a difference.
  const defaultProvider = `the default provider (${policy.providers[0] ?? "none"})`;
  const byDefault = rootTypes.includes(type) ? defaultProvider : "readers of the parent";
  return Object.entries(fields).flatMap(([field, { rules }]) => {
    const roles = rules?.flatMap((rule) => rolesOf(rule, fields).map(({ name }) => name)) ?? [byDefault];
    return [...new Set(roles)].map((role) => ({ model: type, role, field, operations: readOperations }));
  });
}
