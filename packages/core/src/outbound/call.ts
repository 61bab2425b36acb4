import { must } from "../lib/options.ts";
import type { AuthFetchOptions } from "./auth-fetch.ts";
import { checkHeaders, type HeaderSource, isSame } from "./header-source.ts";
import { type Outgoing, readAhead, where } from "./outgoing.ts";

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
export class Call {
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
    return { ...hop, body: await readAhead(hop.body, buffer, this.#aborted) };
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

function isEmpty(headers: AddedHeaders): boolean {
  return Object.keys(headers).length === 0;
}
