import type { MatrixRow, Operation } from "../types.ts";

/** One right, had or not. */
export interface Right {
  readonly model: string;
  readonly role: string;
  readonly field: string;
  readonly operation: Operation;
}

export interface MatrixDiff {
  /** What somebody may do now and might not before. */
  readonly widened: readonly Right[];
  /** What somebody might do before and may not now. */
  readonly narrowed: readonly Right[];
}

/** What changed between two matrices, right by right. */
export function diffMatrix(before: readonly MatrixRow[], after: readonly MatrixRow[]): MatrixDiff {
  const had = rightsOf(before);
  const has = rightsOf(after);
  return {
    widened: [...has].filter(([key]) => !had.has(key)).map(([, right]) => right),
    narrowed: [...had].filter(([key]) => !has.has(key)).map(([, right]) => right),
  };
}

function rightsOf(rows: readonly MatrixRow[]): ReadonlyMap<string, Right> {
  const rights = new Map<string, Right>();
  for (const { model, role, field, operations } of rows) {
    for (const operation of operations) {
      rights.set(JSON.stringify([model, role, field, operation]), { model, role, field, operation });
    }
  }
  return rights;
}
