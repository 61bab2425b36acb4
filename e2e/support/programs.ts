import { findProgram } from "../../scripts/debian.js";

/** Whether tests that drive this program are skipped: where everything has to be there (CI) they run, and fail. */
export function isMissing(program: string): boolean {
  return findProgram(program) === undefined && process.env["CI"] !== "true";
}
