/** Whether something is allowed, by model, role, field and operation. */
export type Cells = ReadonlyMap<string, boolean>;

/** What a side says to a schema. */
export type Answer =
  | { readonly cells: Cells }
  /** Ours tells all that is wrong, the transformer the first that it finds. */
  | { readonly refused: readonly Refusal[] };

export interface Refusal {
  /** Ours alone has codes. */
  readonly code: string;
  readonly message: string;
}

/** A line feed is in no name. */
export function cellKey(
  ...parts: readonly [model: string, role: string, field: string, operation: string]
): string {
  return parts.join("\n");
}
