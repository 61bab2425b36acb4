import { AuthError } from "@authmodes/core";
import type { Denied, Finding } from "../types.ts";

/** Thrown for a schema whose rules are invalid, with all errors at once: each with model, field and what to write instead. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";
  readonly errors: readonly Finding[];

  constructor(errors: readonly Finding[]) {
    const head = errors.length === 1 ? "The rules have an error:" : `The rules have ${errors.length} errors:`;
    super([head, ...errors.map(line)].join("\n"));
    this.errors = errors;
  }
}

/**
 * Thrown if a request is denied and the method does not return a decision. Adapters answer it as they answer a denial: 403, or
 * 404 if the caller may not know of the record. Log `decision`, but do not send it to the caller.
 */
export class AccessDenied extends AuthError {
  readonly decision: Denied;

  constructor(decision: Denied) {
    const { missing, reason, explanation } = decision;
    super(missing ? "not_found" : "forbidden", reason.replaceAll("-", "_"), { detail: explanation });
    this.decision = decision;
  }
}

function line({ position, model, field, message, mend }: Finding): string {
  const at = position && [position.file, position.line, position.column].filter(Boolean).join(":");
  const place = [model, field].filter((part) => part !== undefined).join(".");
  return `- ${[at, place, message].filter(Boolean).join(": ")}\n  Fix: ${mend}`;
}
