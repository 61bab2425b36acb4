import { findProgram } from "../../scripts/debian.js";

/** Whether tests that drive this program are skipped: in CI, which has to have everything, they run and fail. */
export function isMissing(program: string): boolean {
  return findProgram(program) === undefined && process.env["CI"] !== "true";
}
