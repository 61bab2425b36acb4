import type { Denied, Finding } from "../types.ts";

/** Rules that cannot stand. Holds all errors of a schema at once, each with model, field and the mend. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";
  readonly errors: readonly Finding[];

  constructor(errors: readonly Finding[]) {
    super(
      [errors.length === 1 ? "The rules have an error:" : `The rules have ${errors.length} errors:`]
        .concat(errors.map(line))
        .join("\n"),
    );
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

function line(finding: Finding): string {
  const { position } = finding;
  const at = position === undefined ? "" : `${position.line}:${position.column}`;
  return `- ${[at, place(finding), finding.message].filter(Boolean).join(": ")}\n  Mend: ${finding.mend}`;
}

/** `Post.title`, `Post`, or nothing for the whole schema. */
export function place(finding: Finding): string {
  return [finding.model, finding.field].filter((part) => part !== undefined).join(".");
}
