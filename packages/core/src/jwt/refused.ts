import { AuthError } from "../refusal/error.ts";
import { printable } from "../auth/events.ts";

/** @param detail for the log: names what was expected, never the token or its signature */
export function refused(reason: string, detail: string, cause?: unknown): AuthError {
  return new AuthError("credentials_refused", reason, { detail, cause });
}

/** A claim's value for the log: bounded and escaped. */
export function shown(value: unknown): string {
  return value === undefined ? "absent" : printable(JSON.stringify(value), 120);
}
