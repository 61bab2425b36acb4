import { isPreflight } from "../auth/cors.ts";
import { AuthError } from "./error.ts";
import { printable } from "../auth/events.ts";
import { isProduction } from "../lib/is-production.ts";
import type { Reply } from "./reply.ts";
import type { RequestView } from "../types.ts";

const noContent: Reply = Object.freeze({ status: 204, headers: Object.freeze({}), body: "" });

/**
 * Thrown by `authenticate` for a CORS preflight, so that no handler runs. It is answered like a rejection, by its
 * `reply`, which is a 204 without a body; but it is none, and is not reported.
 */
export class PreflightAnswer extends AuthError {
  constructor() {
    super("credentials_missing", "preflight");
  }

  override get reply(): Reply {
    return noContent;
  }
}

export function isPreflightView(request: RequestView): boolean {
  return isPreflight(request.method, (name) => request.header(name));
}

/** What a guard does with a CORS preflight: answers it with 204, or lets it pass to the handler. */
export type PreflightAction = "answer" | "pass";

/** Of how many paths preflights are logged. */
const maxPaths = 100;

/** How one auth treats CORS preflights. */
export class Preflights {
  readonly passes: boolean;
  readonly #logged = new Set<string>();

  constructor(option: "pass" | undefined) {
    this.passes = option === "pass";
  }

  /** @returns undefined for any other request */
  actionFor(request: RequestView, advice: string): PreflightAction | undefined {
    if (!isPreflightView(request)) return undefined;
    if (this.passes) return "pass";
    if (!isProduction()) this.#log(request.target, advice);
    return "answer";
  }

  #log(target: string, advice: string): void {
    const path = printable(target.split("?", 1)[0] ?? "");
    if (this.#logged.has(path) || this.#logged.size >= maxPaths) return;
    this.#logged.add(path);
    console.warn(
      `authmodes: a CORS preflight for ${path} reached the guard, which answered 204 without CORS headers. ` +
        `If pages of other origins call this server, ${advice}.`,
    );
  }
}
