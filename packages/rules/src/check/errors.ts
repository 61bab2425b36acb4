import type { Denied, Finding } from "../types.ts";

/** Rules that cannot stand. Holds all errors of a schema at once, each with model, field and the mend. */
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
 * A denial that is thrown, where there is no decision to return. `decision` is for the log, never for the caller.
 * `status` and `expose` are what the error handlers of Express and Koa look at.
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
  const at = position === undefined ? "" : `${position.line}:${position.column}`;
  const place = [model, field].filter((part) => part !== undefined).join(".");
  return `- ${[at, place, message].filter(Boolean).join(": ")}\n  Mend: ${mend}`;
}
