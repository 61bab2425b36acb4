import { bodyCut, BodyTimer, bodyTooLarge, limited } from "./body-timer.ts";
import { AuthError } from "../refusal/error.ts";
import { readAtMost } from "../lib/bounds.ts";
import type { PublicUrl } from "../lib/urls.ts";
import { type MakeView, type RequestState, stateOf } from "./state.ts";
import type { RequestView } from "../types.ts";

/**
 * Returns the view of a `Request` of the Fetch standard: the same one for its whole life, so that it is verified once.
 * @param publicUrl of the auth: `auth.publicUrl`
 * @throws TypeError if it is not such a request
 * @example
 * import type { Auth } from "@authmodes/core";
 * import { fetchView } from "@authmodes/core/fetch";
 *
 * export async function callerOf(auth: Auth, request: Request): Promise<string | null> {
 *   return (await auth.authenticate(fetchView(request, auth.publicUrl))).id;
 * }
 */
export function fetchView(request: Request, publicUrl?: PublicUrl): RequestView {
  if (typeof request?.headers?.get !== "function") {
    throw new TypeError(
      "fetchView(): this is not a Request of the Fetch standard. With Hono, pass c.req.raw; " +
        "for a request of node:http, call nodeView()",
    );
  }
  return stateOf(request).view(publicUrl, newFetchView);
}

const newFetchView: MakeView<Request> = (state, publicUrl) => new FetchView(state, publicUrl);

/** `exact` is false: a URL object has already resolved dot segments, and `Headers` has joined repeats. */
class FetchView implements RequestView {
  readonly method: string;
  readonly target: string;
  readonly exact = false;
  readonly #publicUrl: PublicUrl | undefined;
  readonly #state: RequestState<Request>;
  readonly #url: URL;
  #rawHeaders: readonly string[] | undefined;

  constructor(state: RequestState<Request>, publicUrl: PublicUrl | undefined) {
    this.#state = state;
    this.#publicUrl = publicUrl;
    this.#url = new URL(state.request.url);
    this.method = state.request.method;
    const target = this.#url.pathname + this.#url.search;
    this.target = publicUrl === undefined ? target : publicUrl.prefix + target;
  }

  /**
   * The host of the URL would override `Host` (RFC 9112 §3.2.2), but some servers build the URL from headers that any
   * client can send. If the two differ, neither is used.
   * @throws AuthError `credentials_malformed`
   */
  get host(): string | undefined {
    if (this.#publicUrl !== undefined) return this.#publicUrl.host;
    const header = this.#state.request.headers.get("host");
    if (header === null) return this.#url.host;
    if (hostOf(`${this.#url.protocol}//${header}`) === this.#url.host) return header;
    throw new AuthError("credentials_malformed", "hosts_differ", {
      detail:
        `the URL of the request has the host ${this.#url.host}, its Host header is ${header}. If the client did not ` +
        "forge them, set the URL that clients use: createAuth(modes, { publicUrl })",
    });
  }

  get rawHeaders(): readonly string[] {
    return (this.#rawHeaders ??= [...this.#state.request.headers].flatMap(taken));
  }

  header(lowerName: string): string | undefined {
    return this.#state.request.headers.get(lowerName) ?? undefined;
  }

  body(maxBytes: number): Promise<Uint8Array> {
    const { request } = this.#state;
    return this.#state.body(() => readBody(request, maxBytes)).then((bytes) => limited(bytes, maxBytes));
  }
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}

/** Splits an `Authorization` that was sent repeatedly and joined, if we can tell: it is rejected, as on any server. */
function taken([name, value]: readonly [string, string]): readonly string[] {
  if (name !== "authorization" || !value.includes(",") || credentials.test(value)) return [name, value];
  return [name, value, name, ""];
}

/** One set of credentials (RFC 9110 §11.4): only parameters follow its first comma. */
const credentials =
  /^(?:[^,"]|"(?:[^"\\]|\\.)*")+(?:,\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+\s*=(?:[^,"]|"(?:[^"\\]|\\.)*")*)*$/;

/**
 * Reads a clone, so that the handler can still read the body. Keeps at most `maxBytes` and one chunk: the request's own
 * branch buffers only what the clone reads.
 */
async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  // Before `request.body` is used, since some servers then start to read it.
  if (Number(request.headers.get("content-length")) > maxBytes) throw bodyTooLarge(maxBytes);
  if (request.bodyUsed || request.body?.locked === true) {
    throw new AuthError("misconfigured", "body_consumed", {
      detail: "the body was read before it could be verified: authenticate before anything reads the request",
    });
  }
  const { body } = request.clone();
  return body ? drain(body, maxBytes) : new Uint8Array();
}

async function drain(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const reader = body.getReader();
  let late: AuthError | undefined;
  const timer = new BodyTimer((error) => {
    late = error;
    // Ends a pending read. The promise settles only with the request's own branch, and rejects if the client aborted.
    reader.cancel().catch(() => undefined);
  });
  try {
    const bytes = await readAtMost(reader, maxBytes, () => timer.heard());
    if (late === undefined && bytes !== undefined) return bytes;
  } catch (cause) {
    throw bodyCut(cause);
  } finally {
    timer.stop();
  }
  throw late ?? bodyTooLarge(maxBytes);
}
