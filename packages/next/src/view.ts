import type { AsyncLocalStorage as Storage } from "node:async_hooks";
import type { IncomingMessage } from "node:http";
import { AuthError, type PublicUrl, type RequestView } from "@authmodes/core";
import { DelegatingView, type RequestState, stateOf } from "@authmodes/core/adapter";
import { fetchView } from "@authmodes/core/fetch";
import type { NextRequest } from "next/server.js";

/** What the client sent, before Next rebuilt it. */
export interface Incoming {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** name, value, name, value …, repeats kept. */
  readonly rawHeaders: readonly string[];
}

// Next bundles route handlers, pages and the proxy separately: each can hold a copy of this module.
const key = Symbol.for("@authmodes/next: incoming requests");
const shared = globalThis as { [key]?: Storage<Incoming> };

/**
 * Keeps the parts of each request that signatures cover. Next passes a URL that it parsed and rebuilt, and headers without
 * repeats; Node reports a request before Next sees it. Other runtimes report nothing: there the rebuilt form is verified.
 */
export function watchIncoming(): void {
  // Not imported: bundles for other runtimes could not be built.
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

/** The request that is being answered, as the client sent it; undefined if Node did not report it. */
export function incoming(): Incoming | undefined {
  const sent = shared[key]?.getStore();
  // Other code emptied the headers: then Next's rebuilt ones count.
  return sent === undefined || sent.rawHeaders.length === 0 ? undefined : sent;
}

/**
 * Returns the view of a route handler's request, always the same one, so that it is verified once.
 * @example
 * import { nextView } from "@authmodes/next";
 * import { createAuthFetch, outbound } from "@authmodes/next/outbound";
 * import type { NextRequest } from "next/server.js";
 *
 * export async function GET(request: NextRequest): Promise<Response> {
 *   const asCaller = createAuthFetch(outbound.forward(nextView(request)), { origins: ["https://stock.example.com"] });
 *   return asCaller("https://stock.example.com/books");
 * }
 */
export function nextView(request: NextRequest, publicUrl?: PublicUrl): RequestView {
  return stateOf(request).view(publicUrl, newNextView);
}

function newNextView({ request }: RequestState<NextRequest>, publicUrl: PublicUrl | undefined): RequestView {
  return new NextView(request, publicUrl, incoming());
}

/**
 * The host comes from the `Host` header, since Next's URL has another one. Path, query and repeated headers are what the
 * client sent if Node reported it. Otherwise they are what Next rebuilt: `+` in a query is a space, and the first of a
 * repeated header counts.
 */
class NextView extends DelegatingView {
  readonly #request: NextRequest;
  readonly #publicUrl: PublicUrl | undefined;
  readonly #sent: Incoming | undefined;

  constructor(request: NextRequest, publicUrl: PublicUrl | undefined, sent: Incoming | undefined) {
    super(fetchView(request, publicUrl));
    this.#request = request;
    this.#publicUrl = publicUrl;
    const rebuilt = super.target.slice(this.#prefix.length);
    this.#sent = sent !== undefined && isOf(super.method, rebuilt, sent) ? sent : undefined;
  }

  get #prefix(): string {
    return this.#publicUrl?.prefix ?? "";
  }

  override get exact(): boolean {
    return this.#sent !== undefined;
  }

  override get target(): string {
    return this.#sent === undefined ? super.target : this.#prefix + this.#sent.target;
  }

  override get host(): string | undefined {
    return this.#publicUrl?.host ?? super.header("host") ?? super.host;
  }

  override get rawHeaders(): readonly string[] {
    return this.#sent?.rawHeaders ?? super.rawHeaders;
  }

  override async body(maxBytes: number): Promise<Uint8Array> {
    const bytes = await super.body(maxBytes);
    const length = this.#request.headers.get("content-length");
    if (length === null || Number(length) === bytes.byteLength || this.#request.body === null) return bytes;
    throw new AuthError("credentials_malformed", "body_cut", {
      detail:
        `${bytes.byteLength} of ${length} bytes of the body arrived. With a proxy.ts Next cuts bodies: ` +
        "set experimental.proxyClientMaxBodySize in next.config above the largest signed body",
    });
  }
}

/** Whether Node reported this request. Next makes up requests of its own to answer others; no client sent those. */
function isOf(method: string, rebuilt: string, sent: Incoming): boolean {
  if (sent.method !== method) return false;
  const path = pathOf(rebuilt);
  if (pathOf(sent.target) === path) return true; // nearly all
  if (!sent.target.startsWith("/") || !URL.canParse(sent.target, "http://n")) return false;
  return unescaped(new URL(sent.target, "http://n").pathname) === unescaped(path);
}

function pathOf(target: string): string {
  return target.split("?", 1)[0] ?? "";
}

/** Next escapes some letters of a path again. */
function unescaped(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
