import { operations, readOperations } from "../compile/operations.ts";
import { createPolicy, type Policy } from "../policy.ts";
import type { AuthRule, MatrixRow, TypeDefinition } from "../types.ts";
import { diffMatrix, type MatrixDiff } from "./diff.ts";

// What the rules grant, as rows: the matrix, and what stands beside it. A diff that looked at the matrix alone would
// call a change harmless that opens the sandbox or a query.

/** Stands in rows for deleting a record as a whole. No name of GraphQL has a space: it cannot be taken for a field. */
export const wholeRecords = "whole records";
const parentReaders = "whoever reads the parent";

const rootTypes: ReadonlySet<string> = new Set(["Query", "Mutation", "Subscription"]);

/**
 * What changed between two policies, beyond the matrix: the sandbox, deleting whole records, fields outside models.
 * @param name of a model or a type; default all
 */
export function diffPolicies(before: Policy, after: Policy, name?: string): MatrixDiff {
  return diffMatrix(allRows(before, name), allRows(after, name));
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
  const roles = new Map<string, { row: MatrixRow; all: boolean }>();
  for (const row of rows) {
    const key = JSON.stringify([row.model, row.role]);
    const all = (roles.get(key)?.all ?? true) && row.operations.includes("delete");
    roles.set(key, { row, all });
  }
  return [...roles.values()]
    .filter(({ all }) => all)
    .map(({ row }) => ({ ...row, field: wholeRecords, operations: ["delete"] }));
}

function rowsOfType(policy: Policy, type: string, { fields }: TypeDefinition): readonly MatrixRow[] {
  // Which one it is follows from the rules: a change of it lets others in.
  const defaultProvider = `the default provider (${policy.providers[0] ?? "none"})`;
  return Object.entries(fields).flatMap(([field, { rules }]): readonly MatrixRow[] => {
    if (rules === undefined) {
      const role = rootTypes.has(type) ? defaultProvider : parentReaders;
      return [{ model: type, role, field, operations: readOperations }];
    }
    // Outside models a rule says who, and not which operations. A model of this one field has the same roles.
    const fieldAlone = {
      type: "String",
      rules: rules.map((rule): AuthRule => ({ ...rule, operations: ["read"] })),
    };
    return createPolicy({
      models: { [type]: { fields: { [field]: fieldAlone }, subscriptions: "off" } },
    }).matrix();
  });
}
