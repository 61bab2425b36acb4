import type { AsyncLocalStorage as Storage } from "node:async_hooks";
import type { IncomingMessage } from "node:http";
import { AuthError, type NodeRequest, nodeView, type PublicUrl, type RequestView } from "@authmodes/core";
import { AdapterSlot, DelegatingView, RequestState, stateOf } from "@authmodes/core/adapter";
import { fetchView } from "@authmodes/core/fetch";
import type { cookies, headers } from "next/headers.js";
import type { NextRequest } from "next/server.js";

/** What the client sent, before Next rebuilt it. */
interface Incoming {
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
    const { request } = message as { readonly request: IncomingMessage };
    const { method = "GET", url = "/", rawHeaders } = request;
    storage.enterWith({ method, target: url, rawHeaders });
  });
}

/** The request that is being answered, as the client sent it; undefined if Node did not report it. */
function incoming(): Incoming | undefined {
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
  return new NextView(request, publicUrl);
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

  constructor(request: NextRequest, publicUrl: PublicUrl | undefined) {
    super(fetchView(request, publicUrl));
    const sent = incoming();
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
        "set experimental.proxyClientMaxBodySize (Next 15: middlewareClientMaxBodySize) in next.config above the largest " +
        "signed body",
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

// Server components and server actions.

type ReadHeaders = Awaited<ReturnType<typeof headers>>;
type ReadCookies = Awaited<ReturnType<typeof cookies>>;

/** The part of a request that Next gives to server components and server actions. */
export interface PageRequest {
  readonly headers: ReadHeaders;
  readonly cookies: ReadCookies;
}

export async function pageRequest(): Promise<PageRequest> {
  // Imported late: a custom server loads this package before Next, when Next's module cannot be loaded yet.
  const { cookies, headers } = await import("next/headers.js");
  const [read, jar] = await Promise.all([headers(), cookies()]);
  return { headers: read, cookies: jar };
}

/** A request with its current cookies, which has a state of its own. */
interface WithCookies {
  readonly headers: ReadHeaders;
  readonly cookie: string;
}

const current = new AdapterSlot<RequestState<WithCookies>>();

/** The view of a request. All components and actions share it, so that it is verified once, until an action changes the cookies. */
export function pageView({ headers, cookies }: PageRequest, publicUrl?: PublicUrl): RequestView {
  const cookie = cookieHeader(headers.get("cookie") ?? "", cookies);
  let state = current.get(stateOf(headers));
  if (state?.request.cookie !== cookie) {
    current.set(stateOf(headers), (state = new RequestState({ headers, cookie })));
  }
  return state.view(publicUrl, newPageView);
}

function newPageView({ request }: RequestState<WithCookies>, publicUrl: PublicUrl | undefined): RequestView {
  return new PageView(request, publicUrl);
}

class PageView implements RequestView {
  readonly method: string;
  readonly target: string;
  readonly host: string | undefined;
  readonly rawHeaders: readonly string[];
  readonly exact: boolean;
  readonly #cookie: string;
  readonly #headers: ReadHeaders;

  constructor({ headers, cookie }: WithCookies, publicUrl: PublicUrl | undefined) {
    const sent = incoming();
    this.#headers = headers;
    this.#cookie = cookie;
    this.method = sent?.method ?? guessedMethod(headers);
    // Not a path, so that no signature holds for it.
    this.target = sent === undefined ? "(page)" : (publicUrl?.prefix ?? "") + sent.target;
    this.host = publicUrl?.host ?? headers.get("host") ?? undefined;
    this.rawHeaders = sent?.rawHeaders ?? [...headers].flat();
    this.exact = sent !== undefined;
  }

  header(lowerName: string): string | undefined {
    if (lowerName === "cookie") return this.#cookie === "" ? undefined : this.#cookie;
    return this.#headers.get(lowerName) ?? undefined;
  }

  async body(): Promise<Uint8Array> {
    if (this.method === "GET" || this.method === "HEAD") return new Uint8Array();
    throw new AuthError("credentials_refused", "body_unreadable", {
      detail:
        "a page and an action cannot read the bytes of the body: withAuth() in a route handler verifies them",
    });
  }
}

/** Anything but a certain page visit counts as an unsafe method: browsers send none of these headers with a GET. */
function guessedMethod(headers: ReadHeaders): string {
  const signs = ["next-action", "content-type", "content-length", "transfer-encoding"];
  return signs.some((name) => headers.has(name)) ? "POST" : "GET";
}

/** The cookies as an action left them, and the second of those that were sent twice, which Next's jar hides. */
function cookieHeader(sent: string, jar: ReadCookies): string {
  const current = jar.getAll().map(({ name, value }) => `${name}=${encodeURIComponent(value)}`);
  const names = new Set<string>();
  const repeated = sent.split(";").filter((pair) => {
    const name = pair.split("=", 1)[0]?.trim() ?? "";
    return names.size === names.add(name).size;
  });
  return [...current, ...repeated.map((pair) => pair.trim())].join("; ");
}
