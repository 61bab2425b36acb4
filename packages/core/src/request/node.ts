import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { AuthError, refused } from "../refusal/error.ts";
import type { RequestView } from "../types.ts";
import { limited, bodyCut, BodyTimer, bodyTooLarge } from "./body-timer.ts";
import { givenBody, rebuiltHeaders, targetOf } from "./hand-built.ts";
import type { PublicUrl } from "../lib/urls.ts";
import { type MakeView, type RequestState, stateOf } from "./state.ts";
import { subscribe } from "node:diagnostics_channel";
import type { Http2ServerRequest, ServerHttp2Stream } from "node:http2";

/** A request of `node:http`, which Express, Koa and others pass on. */
export interface NodeRequest extends IncomingMessage {
  /** Set by Connect-style routers, which cut `url` under mount paths. */
  originalUrl?: string;
}

/**
 * Returns the view of a request of `node:http`: the same one for its whole life, so that it is verified once.
 * @param publicUrl of the auth: `auth.publicUrl`
 * @example
 * import { type Auth, nodeView, type NodeRequest } from "@authmodes/core";
 *
 * export async function callerOf(auth: Auth, request: NodeRequest): Promise<string | null> {
 *   return (await auth.authenticate(nodeView(request, auth.publicUrl))).id;
 * }
 */
export function nodeView(request: NodeRequest, publicUrl?: PublicUrl): RequestView {
  return stateOf(request).view(publicUrl, newNodeView);
}

/**
 * Keeps the bytes of a body that a parser is about to parse, so that a signature can still be verified. Call it from the
 * `verify` option of a parser that runs before authentication.
 * @example
 * import { keepBody } from "@authmodes/core";
 * import type { IncomingMessage } from "node:http";
 *
 * export const parserOptions = {
 *   verify: (request: IncomingMessage, _response: unknown, bytes: Buffer) => keepBody(request, bytes),
 * };
 */
export function keepBody(request: IncomingMessage, bytes: Uint8Array): void {
  void stateOf(request).body(() => keptAsSent(request, bytes));
}

const newNodeView: MakeView<NodeRequest> = (state, publicUrl) => new NodeView(state, publicUrl);

class NodeView implements RequestView {
  readonly method: string;
  readonly target: string;
  readonly exact: boolean;
  readonly #publicUrl: PublicUrl | undefined;
  readonly #state: RequestState<NodeRequest>;
  /** Read once: frameworks change the prototype of a request, which makes its properties slow. */
  readonly #headers: IncomingHttpHeaders | undefined;
  readonly #rawHeaders: readonly string[] | undefined;

  constructor(state: RequestState<NodeRequest>, publicUrl: PublicUrl | undefined) {
    const { request } = state;
    const { headers, rawHeaders } = request;
    const rebuilt = rebuiltHeaders(headers, rawHeaders);
    this.exact = rebuilt === undefined;
    this.#state = state;
    this.#headers = rebuilt === undefined ? headers : rebuilt?.byName;
    this.#rawHeaders = rebuilt === undefined ? rawHeaders : rebuilt?.list;
    this.#publicUrl = publicUrl;
    this.method = request.method ?? "GET";
    const target = targetOf(request.originalUrl ?? request.url ?? "/");
    this.target = publicUrl === undefined ? target : publicUrl.prefix + target;
  }

  get rawHeaders(): readonly string[] {
    return this.#rawHeaders ?? headerless();
  }

  get host(): string | undefined {
    return this.#publicUrl?.host ?? this.header("host") ?? this.header(":authority");
  }

  header(lowerName: string): string | undefined {
    const value = (this.#headers ?? headerless())[lowerName];
    return typeof value === "string" ? value : undefined;
  }

  body(maxBytes: number): Promise<Uint8Array> {
    const { request } = this.#state;
    const read = (): Promise<Uint8Array> =>
      readBody(request, maxBytes, this.exact ? undefined : givenBody(request));
    return this.#state.body(read).then((bytes) => limited(bytes, maxBytes));
  }
}

/** @throws AuthError, since we cannot know the credentials of such a request */
function headerless(): never {
  throw new AuthError("misconfigured", "no_headers", {
    detail:
      "the request has neither rawHeaders nor headers: the code that built it (an adapter for AWS Lambda, a test) must " +
      "set the headers that the client sent",
  });
}

/**
 * Reads the bytes as on the wire, and puts them back for parsers that run later.
 * @param given the body of a request that was built by hand
 * @throws AuthError see `RequestView.body`
 */
async function readBody(
  request: IncomingMessage,
  maxBytes: number,
  given: Uint8Array | undefined,
): Promise<Uint8Array> {
  if (given !== undefined) return given;
  if (hasNoBody(request)) return new Uint8Array();
  if (Number(request.headers["content-length"]) > maxBytes) throw bodyTooLarge(maxBytes);
  if (request.readableDidRead) {
    throw new AuthError("misconfigured", "body_consumed", {
      detail:
        "a body parser ran before authentication and did not keep the bytes that were signed: mount authenticate() " +
        "before it, or let the parser keep them, with keepRawBody in the options of Express's parsers, or with " +
        "keepBody(request, bytes)",
    });
  }
  // Node passes on what arrived with the head after the handlers have run.
  await Promise.resolve();
  // Reading an empty body would emit `end` before a parser listens.
  if (isComplete(request) && request.readableLength === 0 && !saysLength(request)) return new Uint8Array();
  if (request.destroyed) throw bodyCut(connectionClosed());
  return drainAndPutBack(request, maxBytes);
}

/** By RFC 9112 §6.3 for HTTP/1, by a flag of the stream for HTTP/2, whose requests need no length. */
function hasNoBody(request: IncomingMessage): boolean {
  const stream = http2StreamOf(request);
  if (stream !== undefined) return stream.endAfterHeaders;
  const { "content-length": length, "transfer-encoding": transferEncoding } = request.headers;
  return transferEncoding === undefined && (length === undefined || length === "0");
}

/**
 * Whether the whole body has arrived, read or not. For HTTP/2, `complete` is set too late, once all was read; requests of
 * light-my-request, with which Fastify apps are tested, have no `complete`.
 */
function isComplete(request: IncomingMessage, bytesRead = 0): boolean {
  const complete: boolean | undefined = http2StreamOf(request)?.readableEnded ?? request.complete;
  return complete ?? bytesRead >= Number(request.headers["content-length"]);
}

/** A request that was built by hand may be `complete` before its stream was read. */
function saysLength({ headers }: IncomingMessage): boolean {
  return Number(headers["content-length"]) > 0;
}

/** The stream of a request of Node's HTTP/2 compatibility API, which Koa and others treat as HTTP/1. */
function http2StreamOf(request: IncomingMessage): ServerHttp2Stream | undefined {
  return request.httpVersionMajor === 2 ? (request as unknown as Http2ServerRequest).stream : undefined;
}

/** Parsers keep decompressed bytes, but those on the wire were signed. */
function keptAsSent(request: IncomingMessage, kept: Uint8Array): Promise<Uint8Array> {
  const encoding = request.headers["content-encoding"];
  if (encoding === undefined || encoding === "identity") return Promise.resolve(kept);
  const detail = `a body parser decompressed the body (${encoding}) before authentication: mount authenticate() before it`;
  const rejected = Promise.reject(refused("body_inflated", detail));
  rejected.catch(() => undefined); // thrown only if a mode reads the body
  return rejected;
}

/**
 * Reads the whole body, then puts it back before the stream emits `end`: a parser that runs later can read all of it. A
 * body that is too large is put back too, since report-only lets such a request pass.
 */
function drainAndPutBack(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = () => {
      timer.stop();
      request.off("readable", onReadable).off("error", onError).off("close", onClose);
      const all = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
      if (size > 0 && !request.destroyed) request.unshift(all);
      return all;
    };
    const fail = (error: AuthError) => {
      stop();
      reject(error);
    };
    const onReadable = () => {
      while (request.readableLength > 0) {
        const chunk = request.read() as Buffer;
        chunks.push(chunk);
        size += chunk.length;
        if (size > maxBytes) {
          // So that the connection can serve the next request. Node does so only for a body of which nothing was read.
          onceAnswered(request, () => void request.resume());
          return fail(bodyTooLarge(maxBytes));
        }
        timer.heard();
      }
      if (isComplete(request, size)) resolve(stop());
    };
    const onError = (error: Error) => fail(bodyCut(error));
    const onClose = () => onError(connectionClosed());
    const timer = new BodyTimer((error) => {
      closeOnceAnswered(request);
      fail(error);
    });
    request.on("readable", onReadable).on("error", onError).on("close", onClose);
  });
}

/** Closes the connection: otherwise its next request would wait for the rest of the body. */
function closeOnceAnswered(request: IncomingMessage): void {
  const stream = http2StreamOf(request);
  if (stream !== undefined) {
    stream.once("finish", () => stream.close());
    return;
  }
  onceAnswered(request, () => {
    if (!request.complete) request.socket.destroySoon();
  });
}

/** An event that we emit on requests, since Node has none. */
const answered = "authmodes:answered";
let isWatching = false;

/** For HTTP/1. For HTTP/2, Node reports an answer on its stream only. */
function onceAnswered(request: IncomingMessage, act: () => void): void {
  request.once(answered, act);
  if (isWatching) return;
  isWatching = true;
  subscribe("http.server.response.finish", (message) => {
    (message as { readonly request: IncomingMessage }).request.emit(answered);
  });
}

function connectionClosed(): Error {
  return new Error("the connection closed before the body was complete");
}
