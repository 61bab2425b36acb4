import { AuthError } from "./error.ts";
import { printable, isProduction } from "../lib/log.ts";
import type { Reply } from "./reply.ts";
import type { RequestView } from "../types.ts";

const noContent: Reply = Object.freeze({ status: 204, headers: Object.freeze({}), body: "" });

/**
 * Thrown by `authenticate` for a CORS preflight, so that no handler runs. Its `reply` is a 204 without a body. It is not
 * a rejection, and is not reported.
 * @example
 * import { PreflightAnswer } from "@authmodes/core/adapter";
 *
 * export function isRejection(error: Error): boolean {
 *   return !(error instanceof PreflightAnswer);
 * }
 */
export class PreflightAnswer extends AuthError {
  /** Tells it from an `AuthError` for the compiler too. */
  readonly isPreflight = true;

  constructor() {
    super("credentials_missing", "preflight");
  }

  override get reply(): Reply {
    return noContent;
  }
}

/**
 * Whether this is a CORS preflight (Fetch standard, "CORS-preflight request"), which browsers send without credentials.
 * Any client can send one: guards answer it, and no handler runs.
 */
export function isPreflight(request: Pick<RequestView, "method" | "header">): boolean {
  return (
    request.method === "OPTIONS" &&
    request.header("origin") !== undefined &&
    request.header("access-control-request-method") !== undefined
  );
}

/** How many paths are logged. */
const maxPaths = 100;

/** The CORS preflights of one auth: guards answer them, or let them pass to the handler, without an identity. */
export class Preflights {
  readonly passes: boolean;
  readonly #logged = new Set<string>();

  constructor(option: "pass" | undefined) {
    this.passes = option === "pass";
  }

  /**
   * Warns that a guard answered a preflight, once for each path; not in production.
   * @param advice how to answer preflights before the guard
   */
  log({ target }: RequestView, advice = "mount cors() before authenticate()"): void {
    if (isProduction()) return;
    const path = printable(target.split("?", 1)[0] ?? "");
    if (this.#logged.has(path) || this.#logged.size >= maxPaths) return;
    this.#logged.add(path);
    console.warn(
      `authmodes: a CORS preflight for ${path} reached the guard, which answered 204 and added no CORS headers. ` +
        `If pages of other origins call this server, ${advice}.`,
    );
  }
}
