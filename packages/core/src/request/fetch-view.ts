import { bodyCut, BodyTimer, bodyTooLarge, limited } from "./body-timer.ts";
import { AuthError } from "../refusal/error.ts";
import { joined } from "../lib/bytes.ts";
import type { PublicUrl } from "./public-url.ts";
import { type RequestState, stateOf } from "./state.ts";
import type { RequestView } from "../types.ts";

/** The view of a fetch-style request: one for its whole life, so that it is verified once. */
export function fetchView(request: Request, publicUrl?: PublicUrl): RequestView {
  if (typeof request?.headers?.get !== "function") {
    throw new TypeError(
      "fetchView(): this is no Request of the Fetch standard. Of a Hono context write c.req.raw; " +
        "for a request of node:http there is nodeView()",
    );
  }
  return stateOf(request).view(publicUrl, newFetchView);
}

function newFetchView(state: RequestState<Request>, publicUrl: PublicUrl | undefined): RequestView {
  return new FetchView(state, publicUrl);
}

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
   * A target with a host of its own stands above `Host` (RFC 9112 §3.2.2), but some servers make the URL out of
   * headers that any client can send: where the two differ neither is believed.
   * @throws AuthError `credentials_malformed`
   */
  get host(): string | undefined {
    if (this.#publicUrl !== undefined) return this.#publicUrl.host;
    const header = this.#state.request.headers.get("host");
    if (header === null) return this.#url.host;
    if (hostOf(`${this.#url.protocol}//${header}`) === this.#url.host) return header;
    throw new AuthError("credentials_malformed", "hosts_differ", {
      detail:
        `the URL of the request says ${this.#url.host}, its Host header ${header}: where this is not a trick of ` +
        "the client, name the host that clients use: createAuth(modes, { publicUrl })",
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

/** One that was sent repeatedly is told apart where that can be known, so that it is refused as on any server. */
function taken([name, value]: readonly [string, string]): readonly string[] {
  if (name !== "authorization" || !value.includes(",") || credentials.test(value)) return [name, value];
  return [name, value, name, ""];
}

/** RFC 9110 §11.4: behind the first comma of one set of credentials there are but further parameters. */
const credentials =
  /^(?:[^,"]|"(?:[^"\\]|\\.)*")+(?:,\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+\s*=(?:[^,"]|"(?:[^"\\]|\\.)*")*)*$/;

/**
 * Reads a clone, so that the handler finds the body whole. No more than `maxBytes` and one chunk is ever kept: the
 * request's own branch, which nobody reads meanwhile, gets only what the clone asked for.
 */
async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  // Before the body is touched: some servers start to read it then.
  if (Number(request.headers.get("content-length")) > maxBytes) throw bodyTooLarge(maxBytes);
  if (request.bodyUsed || request.body?.locked === true) {
    throw new AuthError("misconfigured", "body_consumed", {
      detail: "the body was read before it could be verified: authenticate before anything reads the request",
    });
  }
  const reader = request.clone().body?.getReader();
  return reader === undefined ? new Uint8Array() : drain(reader, maxBytes);
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

async function drain(reader: Reader, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let failure: AuthError | undefined;
  const fail = (error: AuthError) => {
    failure = error;
    // Ends a read that waits. Settles only when the request's own branch ends too, and rejects if the client aborted.
    reader.cancel().catch(() => undefined);
  };
  const timer = new BodyTimer(fail);
  try {
    for (let part = await read(reader); part !== undefined; part = await read(reader)) {
      timer.heard();
      chunks.push(part);
      size += part.byteLength;
      if (size > maxBytes) fail(bodyTooLarge(maxBytes));
    }
  } finally {
    timer.stop();
  }
  if (failure !== undefined) throw failure;
  return joined(chunks, size);
}

async function read(reader: Reader): Promise<Uint8Array | undefined> {
  try {
    return (await reader.read()).value;
  } catch (cause) {
    throw bodyCut(cause);
  }
}
