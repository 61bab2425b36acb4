import type { AsyncLocalStorage as Storage } from "node:async_hooks";
import type { IncomingMessage } from "node:http";

/** What the client sent, before Next rebuilt it. */
export interface Incoming {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** name, value, name, value …, repeats kept. */
  readonly rawHeaders: readonly string[];
}

// Next bundles route handlers, pages and the proxy apart: each may hold a copy of this module.
const key = Symbol.for("@authmodes/next: incoming requests");
const shared = globalThis as { [key]?: Storage<Incoming> };

/**
 * Keeps of each request of this process what a signature is made over. Next hands on a URL that it parsed and wrote
 * anew, and headers of which repeats are gone; Node tells of a request before Next hears of it. Runtimes that are
 * not Node, or have no server of their own, do not, and get the rebuilt form.
 */
export function watchIncoming(): void {
  // Not imported, since bundles for other runtimes could not be built then.
  if (typeof process === "undefined" || process.env["NEXT_RUNTIME"] === "edge") return;
  if (shared[key] !== undefined || typeof process.getBuiltinModule !== "function") return;
  const { AsyncLocalStorage } = process.getBuiltinModule("node:async_hooks");
  const storage = (shared[key] = new AsyncLocalStorage<Incoming>());
  process.getBuiltinModule("node:diagnostics_channel").subscribe("http.server.request.start", (message) => {
    const {
      method = "GET",
      url = "/",
      rawHeaders,
    } = (message as { readonly request: IncomingMessage }).request;
    storage.enterWith({ method, target: url, rawHeaders });
  });
}

/** The request that is being answered; undefined if Node did not tell what the client sent. */
export function incoming(): Incoming | undefined {
  const sent = shared[key]?.getStore();
  // Something emptied them: what Next rebuilt of the headers counts then.
  return sent === undefined || sent.rawHeaders.length === 0 ? undefined : sent;
}
