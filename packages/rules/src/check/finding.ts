import type { Finding } from "../types.ts";

/** Something wrong, and what to write instead. */
export interface Complaint {
  /** A word such as `no-rules`. */
  readonly code: string;
  readonly message: string;
  readonly mend: string;
}

/** Where it stands. */
export interface Place {
  readonly model: string;
  readonly field?: string;
}

export function finding({ model, field }: Place, { code, message, mend }: Complaint): Finding {
  return { code, level: "error", model, ...(field !== undefined && { field }), message, mend };
}
