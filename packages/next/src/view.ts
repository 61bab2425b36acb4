import type { AsyncLocalStorage as Storage } from "node:async_hooks";
import type { IncomingMessage } from "node:http";
import { AuthError, type NodeRequest, nodeView, type PublicUrl, type RequestView } from "@authmodes/core";
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
 * Returns the view of a route handler's request, or of an API route's, always the same one, so that it is verified once.
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
export function nextView(request: NextRequest | NodeRequest, publicUrl?: PublicUrl): RequestView {
  if (request instanceof Request) return stateOf(request).view(publicUrl, newNextView);
  const sent = incoming();
  if (sent !== undefined && sent.rawHeaders === request.rawHeaders) request.originalUrl = sent.target;
  return nodeView(request, publicUrl);
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
    this.#sent = sent !== undefined && isOf(request, sent) ? sent : undefined;
  }

  get #prefix(): string {
    return this.#publicUrl?.prefix ?? "";
  }

  override get exact(): boolean {
    return this.#sent !== undefined;
  }

  override get target(): string {
    if (this.#sent !== undefined) return this.#prefix + this.#sent.target;
    return this.#prefix + cutPath(this.#request) + super.target.slice(this.#prefix.length);
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

/** `basePath`, which Next cuts off the URL of a route handler, but not of a proxy. The build of the app writes it here. */
function cutPath({ nextUrl }: Partial<NextRequest>): string {
  return nextUrl?.basePath === "" ? (process.env["__NEXT_ROUTER_BASEPATH"] ?? "") : "";
}

/**
 * Whether Node reported this request. Next makes up requests of its own to answer others: no client sent those, and they
 * have neither its headers nor its query. Their paths say little: Next cuts off `basePath` and a locale, and rewrites.
 */
function isOf({ method, headers, url }: NextRequest, sent: Incoming): boolean {
  if (sent.method !== method) return false;
  const { pathname, searchParams } = new URL(url);
  const [path, ...query] = sent.target.split("?");
  if (path === pathname) return true; // nearly all
  const isSame = (name: string) => (headers.get(name) ?? undefined) === headerOf(sent, name);
  if (!isSame("host") || !isSame("authorization")) return false;
  return [...new URLSearchParams(query.join("?"))].every(([name, value]) => searchParams.has(name, value));
}

/** The first of a repeated header counts, as for Node. */
function headerOf({ rawHeaders }: Incoming, lowerName: string): string | undefined {
  return rawHeaders.find((_value, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === lowerName);
}
