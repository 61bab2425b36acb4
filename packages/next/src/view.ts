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

// Next bundles route handlers, pages and the proxy apart: each may hold a copy of this module.
const key = Symbol.for("@authmodes/next: incoming requests");
const shared = globalThis as { [key]?: Storage<Incoming> };

/**
 * Keeps what a signature is made over, of each request of this process. Next passes a URL that it parsed and rebuilt, and
 * headers without repeats; Node reports a request before Next sees it. Runtimes other than Node, and those without a
 * server of their own, report nothing, and get the rebuilt form.
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

/** The view of a route handler's request: one for its whole life, so that it is verified once. */
export function nextView(request: NextRequest, publicUrl?: PublicUrl): RequestView {
  return stateOf(request).view(publicUrl, newNextView);
}

function newNextView({ request }: RequestState<NextRequest>, publicUrl: PublicUrl | undefined): RequestView {
  return new NextView(request, publicUrl, incoming());
}

/**
 * The host is that of the `Host` header, for Next's URL names another. Path, query and repeated headers are those that
 * the client sent if Node reported them, and else what Next rebuilt: a query reads as a form then, in which `+` is a
 * space, and of a repeated header the first counts.
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
        "set experimental.proxyClientMaxBodySize in next.config above what is to be verified",
    });
  }
}

/** Next answers some requests with the help of others, which it makes up itself: nobody sent those. */
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

/** Next escapes some letters of a path anew. */
function unescaped(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
