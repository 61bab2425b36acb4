import type { Finding } from "../types.ts";

/** An error without its place: what is wrong, and what to write instead. */
export type Complaint = Pick<Finding, "code" | "message" | "mend">;

export type Place = Pick<Finding, "model" | "field" | "position">;

export function complaint(code: string, message: string, mend: string): Complaint {
  return { code, message, mend };
}

export function error(at: Place, code: string, message: string, mend: string): Finding {
  return { level: "error", ...at, code, message, mend };
}

export function warning(at: Place, code: string, message: string, mend: string): Finding {
  return { level: "warning", ...at, code, message, mend };
}
