import { printable } from "../auth/events.ts";
import { AuthError } from "../refusal/error.ts";

/**
 * Credentials that are not good.
 * @param detail for the log: names what was expected, never the credentials
 */
export function refused(reason: string, detail?: string): AuthError {
  return new AuthError("credentials_refused", reason, detail === undefined ? {} : { detail });
}

/** A claim's value for the log: bounded and escaped. */
export function shown(value: unknown): string {
  return value === undefined ? "absent" : printable(JSON.stringify(value), 120);
}
