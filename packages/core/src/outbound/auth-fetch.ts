import { checkInsecureHttp, httpUrl } from "../lib/urls.ts";
import { readAtMost } from "../lib/bounds.ts";
import { checkOptions, must } from "../lib/options.ts";
import { type Outgoing, outgoing, redirected, redirectStatuses, where } from "./outgoing.ts";
import { type HeaderSource, checkHeaders, isEmpty, isSame } from "./header-source.ts";

/** Options of `createAuthFetch`. */
export interface AuthFetchOptions {
  /** The origins that get credentials: scheme, host and port, such as `https://api.example.com`. Others get none. */
  readonly origins: readonly string[];
  /**
   * Hosts of `origins` that get credentials over plain http, such as `["orders:8080"]`: with the port, unless that is
   * 80. Others on the network can read them. Default: none; this machine needs no entry.
   */
  readonly allowInsecureHttp?: readonly string[];
  /** Sends the requests. Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** How many bytes of a streamed body to read before it is signed. Default: a stream that has to be signed is an error. */
  readonly buffer?: number;
}

/** As many as the Fetch standard allows. */
const maxRedirects = 20;

/**
 * Creates a `fetch` that adds the headers of a source to requests to the listed origins.
 *
 * - Your own `Authorization`, or a header of yours that the source would add, wins: then nothing is added.
 * - Redirects are followed here, and every hop gets new credentials (a signature is valid for one URL). After a hop to
 *   another scheme, host or port, no later hop gets any, and your own secret headers are removed. A redirect from https
 *   to plain http is an error, unless `allowInsecureHttp` names the host.
 * - After a 401, and after other answers that the source takes for a rejection, the source is asked once more. If its
 *   headers changed, the request is sent again, once.
 * - A streamed body is sent once, never again for a redirect or a rejection. The body of a `Request` counts as a stream. A
 *   stream that has to be signed is read first (see `buffer`).
 *
 * @throws TypeError if `origins` is not a list of origins
 * @example
 * import { createAuthFetch, outbound } from "@authmodes/core/outbound";
 *
 * const source = outbound.apiKey({ key: () => process.env["ORDERS_KEY"] ?? "" });
 * const authFetch = createAuthFetch(source, { origins: ["https://orders.example.com"] });
 * const response = await authFetch("https://orders.example.com/orders");
 */
export function createAuthFetch(source: HeaderSource, options: AuthFetchOptions): typeof fetch {
  checkAuthFetchOptions(source, options);
  const origins = new Set(options.origins);
  return async function authFetch(input, init) {
    refuseUserInfo(input);
    const request = new Request(input, init);
    const signal = init?.signal === undefined && input instanceof Request ? input.signal : init?.signal;
    const call = new Call(source, options, request, { ...init, ...(signal !== undefined && { signal }) });
    let hop = await outgoing(request, init?.body);
    let trusted = origins.has(hop.url.origin);
    for (let redirects = 0; ; redirects++) {
      if (trusted) hop = await call.signable(hop);
      const response = trusted ? await call.sendWithCredentials(hop) : await call.send(hop, {});
      const location = redirectStatuses.has(response.status) ? call.followed(response) : null;
      // The platform's fetch saw only the last hop.
      if (location === null && redirects > 0) Object.defineProperty(response, "redirected", { value: true });
      if (location === null) return response;
      if (redirects === maxRedirects) throw new TypeError(`${where}: over ${maxRedirects} redirects`);
      const next = redirected(hop, response.status, location, call.secretHeaders, options.allowInsecureHttp);
      // For good: a foreign server could redirect back to any URL of ours.
      trusted &&= next.url.origin === hop.url.origin;
      hop = next;
    }
  };
}

/** The runtime rejects such URLs too, but quotes them in its error. */
function refuseUserInfo(input: string | URL | Request): void {
  if (input instanceof Request || !URL.canParse(String(input))) return;
  const { username, password } = new URL(String(input));
  must(username === "" && password === "", `${where}: a URL holds no user name and password; send a header`);
}

function checkAuthFetchOptions(source: HeaderSource, options: AuthFetchOptions): void {
  must(
    typeof source === "function",
    `${where} takes a header source first, such as outbound.apiKey({ … }), then options`,
  );
  checkOptions(where, options, {
    origins: ["origin", "allowedOrigins", "baseUrl"],
    allowInsecureHttp: ["allowHttp"],
    fetch: [],
    buffer: ["maxBytes"],
  });
  const { origins, buffer } = options;
  must(
    Array.isArray(origins) && origins.length > 0,
    `${where}: origins is a list of the origins that get credentials, such as ["https://api.example.com"]`,
  );
  for (const origin of origins) checkOrigin(origin);
  checkInsecureHttp(where, options.allowInsecureHttp, { origins });
  must(
    buffer === undefined || (Number.isSafeInteger(buffer) && buffer > 0),
    `${where}: buffer is a whole number of bytes, not ${String(buffer)}`,
  );
}

function checkOrigin(origin: string): void {
  const url = httpUrl(origin);
  must(
    url !== undefined,
    `${where}: an origin is a scheme, a host and perhaps a port, such as https://api.example.com`,
  );
  must(!url.host.includes("*"), `${where}: origins have no wildcards; name each of them`);
  must(
    url.origin === origin,
    `${where}: an origin has no path, no user, no capital letters and no default port; write '${url.origin}'`,
  );
}

type AddedHeaders = Readonly<Record<string, string>>;

/** Headers that are meant for one origin, besides those that the source adds. */
const secretHeaders: readonly string[] = [
  "authorization",
  "cookie",
  "host",
  "proxy-authorization",
  "x-amz-security-token",
  "x-api-key",
];

/** One call of the fetch, with all its hops. */
class Call {
  /** Lower-case names of headers that another origin must not see. */
  readonly secretHeaders: Set<string>;
  readonly #source: HeaderSource;
  readonly #options: AuthFetchOptions;
  readonly #request: Request;
  readonly #init: RequestInit;
  readonly #aborted: Promise<never>;
  #retried = false;

  /** @param init what is passed on with every hop, the runtime's own extras included */
  constructor(source: HeaderSource, options: AuthFetchOptions, request: Request, init: RequestInit) {
    request.signal.throwIfAborted();
    this.secretHeaders = new Set([...secretHeaders, ...(source.headerNames ?? [])]);
    this.#source = source;
    this.#options = options;
    this.#request = request;
    this.#init = init;
    this.#aborted = abortion(request.signal);
  }

  /** Returns the hop with its body as bytes, if the source signs them. */
  async signable(hop: Outgoing): Promise<Outgoing> {
    const { buffer } = this.#options;
    if (!(hop.body instanceof ReadableStream) || !this.#source.needsBody || this.#hasOwn(hop)) return hop;
    must(
      buffer !== undefined,
      `${where}: a streamed body has to be read before it can be signed; say how many bytes may be: { buffer: 1_000_000 }`,
    );
    const reader = hop.body.getReader();
    const reading = Promise.race([readAtMost(reader, buffer), this.#aborted]);
    const body = await reading.catch((error: unknown) => {
      reader.cancel(error).catch(() => undefined);
      throw error;
    });
    must(body !== undefined, `${where}: a streamed body to be signed is over ${buffer} bytes ('buffer')`);
    return { ...hop, body };
  }

  send(hop: Outgoing, added: AddedHeaders): Promise<Response> {
    const { method, url, body = null } = hop;
    const headers = new Headers(hop.headers);
    for (const [name, value] of Object.entries(added)) headers.set(name, value);
    const { fetch: send = fetch } = this.#options;
    return send(url.href, {
      ...this.#init,
      ...(body instanceof ReadableStream && { duplex: "half" }),
      method,
      headers,
      body,
      redirect: "manual",
    });
  }

  async sendWithCredentials(hop: Outgoing): Promise<Response> {
    const { rejectedBy = ({ status }) => status === 401 } = this.#source;
    const added = await this.#credentials(hop);
    const response = await this.send(hop, added);
    if (isEmpty(added) || this.#retried || !rejectedBy(response)) return response;
    this.#retried = true;
    // The source is asked also if a stream cannot be sent again, so that the next call gets new credentials.
    const others = await this.#credentials(hop, response, added).catch((error: unknown) => {
      discard(response);
      throw error;
    });
    // The same request would get the same answer.
    if (hop.body instanceof ReadableStream || isEmpty(others) || isSame(added, others)) return response;
    discard(response);
    return this.send(hop, others);
  }

  async #credentials(hop: Outgoing, refused?: Response, tried?: AddedHeaders): Promise<AddedHeaders> {
    if (this.#hasOwn(hop)) return {};
    const { method, url, headers, body } = hop;
    const asked = this.#source({
      method,
      url: new URL(url),
      headers: new Headers(headers),
      body: body instanceof ReadableStream ? undefined : body,
      refused,
      tried,
    });
    const added = checkHeaders(where, await Promise.race([asked, this.#aborted]));
    const names = Object.keys(added);
    for (const name of names) this.secretHeaders.add(name.toLowerCase());
    return names.some((name) => headers.has(name)) ? {} : added;
  }

  /** Whether the request has credentials of its own, as far as we know before the source is asked. */
  #hasOwn({ headers }: Outgoing): boolean {
    return ["authorization", ...(this.#source.headerNames ?? [])].some((name) => headers.has(name));
  }

  /** The target of a redirect; null if it is not to be followed. */
  followed(response: Response): string | null {
    const { redirect } = this.#request;
    if (redirect === "manual") return null;
    if (redirect === "error") {
      discard(response);
      throw new TypeError(
        `${where}: the answer is a redirect (${response.status}), which redirect: "error" forbids`,
      );
    }
    const location = response.headers.get("location");
    if (location !== null) discard(response);
    return location;
  }
}

function abortion(signal: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
  aborted.catch(() => undefined); // an abort after the call is no unhandled rejection
  return aborted;
}

/** Cancels an answer that will not be read, so that it does not keep its connection. */
function discard(response: Response): void {
  response.body?.cancel().catch(() => undefined);
}
