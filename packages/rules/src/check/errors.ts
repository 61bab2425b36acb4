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
 * Thrown if a request is denied and the method does not return a decision. Log `decision`, but do not send it to the
 * caller. Express and Koa read `status` and `expose`.
 */
export class AccessDenied extends Error {
  override readonly name = "AccessDenied";
  readonly decision: Denied;
  readonly status = 403;
  readonly statusCode = 403;
  readonly expose = true;

  constructor(decision: Denied) {
    super("The caller may not do this");
    this.decision = decision;
  }
}

function line({ position, model, field, message, mend }: Finding): string {
  const at = position && [position.file, position.line, position.column].filter(Boolean).join(":");
  const place = [model, field].filter((part) => part !== undefined).join(".");
  return `- ${[at, place, message].filter(Boolean).join(": ")}\n  Fix: ${mend}`;
}
