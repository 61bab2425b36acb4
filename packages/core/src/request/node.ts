import { subscribe } from "node:diagnostics_channel";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Http2ServerRequest, ServerHttp2Stream } from "node:http2";
import { joinAdmissions } from "./admissions.ts";
import { bodyCut, BodyTimer, bodyTooLarge } from "./body-timer.ts";
import { AuthError } from "../refusal/error.ts";
import { givenBody, rebuiltHeaders, textOf } from "./hand-built.ts";
import type { PublicUrl } from "./public-url.ts";
import type { RequestView } from "../types.ts";

/** A request of `node:http`, as Express, Koa and others hand it on. */
export interface NodeRequest extends IncomingMessage {
  /** Set by Connect-style routers, which cut `url` under mount paths. */
  originalUrl?: string;
}

// Views are kept on the array of raw headers, which each request has for itself all its life. On the request a new
// property takes longer than verifying a remembered token, for Express gives every request another prototype and V8
// each of those a shape of its own; and an entry of a WeakMap keeps the garbage collector busy.
const viewKey: unique symbol = Symbol("view");
type ViewHolder = readonly string[] & { [viewKey]?: NodeView };

/** Of requests that were built by hand, without such an array or with one that cannot hold their view. */
const handBuilt = new WeakMap<NodeRequest, NodeView>();

const keptBodies = new WeakMap<IncomingMessage, Uint8Array>();

/** The view of a request: one for its whole life, so that it is verified once. */
export function nodeView(request: NodeRequest, publicUrl?: PublicUrl): RequestView {
  const first = firstView(request);
  return first === undefined ? keepView(new NodeView(request, publicUrl)) : first.seenAs(publicUrl);
}

/**
 * The view that was made first: adapters keep on it what they find out about the request. Undefined where nobody asked
 * for a view.
 */
export function firstNodeView(request: NodeRequest): RequestView | undefined {
  return firstView(request);
}

function firstView(request: NodeRequest): NodeView | undefined {
  const holder: ViewHolder | undefined = request.rawHeaders;
  const view = holder?.[viewKey];
  return view?.request === request ? view : handBuilt.get(request);
}

function keepView(view: NodeView): NodeView {
  const holder: ViewHolder | undefined = view.request.rawHeaders;
  if (canHold(holder) && holder[viewKey] === undefined) holder[viewKey] = view;
  // A getter may make another list each time.
  if (firstView(view.request) !== view) handBuilt.set(view.request, view);
  return view;
}

/** Requests that were built by hand may share one array, which holds the view of one of them. */
function canHold(holder: ViewHolder | undefined): holder is ViewHolder {
  return Array.isArray(holder) && Object.isExtensible(holder);
}

/** Called by body parsers that run before authentication: keeps the bytes that they are about to parse. */
export function keepBody(request: IncomingMessage, bytes: Uint8Array): void {
  keptBodies.set(request, bytes);
}

class NodeView implements RequestView {
  readonly method: string;
  readonly target: string;
  readonly exact: boolean;
  readonly publicUrl: PublicUrl | undefined;
  readonly request: NodeRequest;
  /** Asked for once: frameworks change the prototype of a request, which makes its properties slow to find. */
  readonly #headers: IncomingHttpHeaders | undefined;
  readonly #rawHeaders: readonly string[] | undefined;
  #body: Promise<Uint8Array> | undefined;
  /** The same request for an auth that has another public URL. */
  #other: NodeView | undefined;

  constructor(request: NodeRequest, publicUrl: PublicUrl | undefined) {
    this.request = request;
    const rebuilt = rebuiltHeaders(request);
    this.exact = rebuilt === undefined;
    this.#headers = rebuilt === undefined ? request.headers : rebuilt?.byName;
    this.#rawHeaders = rebuilt === undefined ? request.rawHeaders : rebuilt?.list;
    this.publicUrl = publicUrl;
    this.method = request.method ?? "GET";
    const target = textOf(request.originalUrl ?? request.url ?? "/");
    this.target = publicUrl === undefined ? target : publicUrl.prefix + target;
  }

  get rawHeaders(): readonly string[] {
    return this.#rawHeaders ?? headerless();
  }

  get host(): string | undefined {
    return this.publicUrl?.host ?? this.header("host") ?? this.header(":authority");
  }

  header(lowerName: string): string | undefined {
    const value = (this.#headers ?? headerless())[lowerName];
    return typeof value === "string" ? value : undefined;
  }

  body(maxBytes: number): Promise<Uint8Array> {
    return (this.#body ??= this.#readBody(maxBytes));
  }

  #readBody(maxBytes: number): Promise<Uint8Array> {
    const first = firstView(this.request);
    if (first !== undefined && first !== this) return first.body(maxBytes);
    return readBody(this.request, maxBytes, this.exact ? undefined : givenBody(this.request));
  }

  seenAs(publicUrl: PublicUrl | undefined): NodeView {
    if (this.publicUrl === publicUrl) return this;
    return (this.#other ??= this.#seenAs(publicUrl)).seenAs(publicUrl);
  }

  #seenAs(publicUrl: PublicUrl | undefined): NodeView {
    const view = new NodeView(this.request, publicUrl);
    joinAdmissions(view, firstView(this.request) ?? this);
    return view;
  }
}

/** @throws AuthError, since the credentials of such a request cannot be known */
function headerless(): never {
  throw new AuthError("misconfigured", "no_headers", {
    detail:
      "the request has neither rawHeaders nor headers: whatever built it (an adapter for AWS Lambda, a test) has to " +
      "give it the headers that the client sent",
  });
}

async function readBody(
  request: IncomingMessage,
  maxBytes: number,
  given: Uint8Array | undefined,
): Promise<Uint8Array> {
  if (given !== undefined) {
    if (given.byteLength > maxBytes) throw bodyTooLarge(maxBytes);
    return given;
  }
  const kept = keptBodies.get(request);
  if (kept !== undefined) {
    if (kept.byteLength > maxBytes) throw bodyTooLarge(maxBytes);
    return keptAsSent(request, kept);
  }
  if (hasNoBody(request)) return new Uint8Array();
  if (Number(request.headers["content-length"]) > maxBytes) throw bodyTooLarge(maxBytes);
  if (request.readableDidRead) {
    throw new AuthError("misconfigured", "body_consumed", {
      detail:
        "a body parser ran before authentication and kept no bytes to verify the signature with: " +
        "put authenticate() before it, or let the parser keep them: keepRawBody in the options of Express's " +
        "parsers, keepBody(request, bytes) elsewhere",
    });
  }
  // What arrived along with the head is handed on when the handlers have run.
  await Promise.resolve();
  // Reading at the end of an empty body would make the stream say that it ended, before a parser listens.
  if (isComplete(request) && request.readableLength === 0 && !saysLength(request)) return new Uint8Array();
  if (request.destroyed) throw bodyCut(connectionClosed());
  return drainAndPutBack(request, maxBytes);
}

/** What says so differs: RFC 9112 §6.3 for HTTP/1, a flag of the stream for HTTP/2, where a length is a courtesy. */
function hasNoBody(request: IncomingMessage): boolean {
  const stream = http2StreamOf(request);
  if (stream !== undefined) return stream.endAfterHeaders;
  const { "content-length": length, "transfer-encoding": transferEncoding } = request.headers;
  return transferEncoding === undefined && (length === undefined || length === "0");
}

/** Whether the whole body has arrived, read or not. `complete` says so too late for HTTP/2: only once all was read. */
function isComplete(request: IncomingMessage): boolean {
  return http2StreamOf(request)?.readableEnded ?? request.complete;
}

/** A request that was built by hand may say that it is complete before its stream was asked for the body. */
function saysLength({ headers }: IncomingMessage): boolean {
  return Number(headers["content-length"]) > 0;
}

/** Behind the requests of Node's HTTP/2 compatibility API, which Koa and others take for those of HTTP/1. */
function http2StreamOf(request: IncomingMessage): ServerHttp2Stream | undefined {
  return request.httpVersionMajor === 2 ? (request as unknown as Http2ServerRequest).stream : undefined;
}

/** Parsers hand on inflated bytes; what was signed are those on the wire. */
function keptAsSent(request: IncomingMessage, kept: Uint8Array): Uint8Array {
  const encoding = request.headers["content-encoding"];
  if (encoding === undefined || encoding === "identity") return kept;
  throw new AuthError("credentials_refused", "body_inflated", {
    detail: `a body parser inflated the body (${encoding}) before authentication: put authenticate() before it`,
  });
}

/**
 * Reads everything, then puts it back before the stream says that it ended: a parser that runs later finds the
 * stream as if nobody had read it. What was read is put back also where it was too much, for `mirror`.
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
    const onReadable = () => {
      while (request.readableLength > 0) {
        const chunk = request.read() as Buffer;
        chunks.push(chunk);
        size += chunk.length;
        if (size > maxBytes) {
          stop();
          discardOnceAnswered(request);
          reject(bodyTooLarge(maxBytes));
          return;
        }
        timer.heard();
      }
      if (isComplete(request)) resolve(stop());
    };
    const onError = (error: Error) => {
      stop();
      reject(bodyCut(error));
    };
    const onClose = () => onError(connectionClosed());
    const timer = new BodyTimer((error) => {
      stop();
      closeOnceAnswered(request);
      reject(error);
    });
    request.on("readable", onReadable).on("error", onError).on("close", onClose);
  });
}

const unfinished = new WeakMap<object, () => void>();
let watching = false;

/**
 * Node reads a body off that was never read, so that the connection can serve the next request; but not one of which a
 * part was read. This does, as soon as the request is answered.
 */
function discardOnceAnswered(request: IncomingMessage): void {
  onceAnswered(request, () => void request.resume());
}

/** The rest of a body that stopped arriving would be waited for, before the next request on its connection. */
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

/** Of HTTP/1; nothing tells of an answer over HTTP/2 but its stream. */
function onceAnswered(request: IncomingMessage, act: () => void): void {
  unfinished.set(request, act);
  if (watching) return;
  watching = true;
  subscribe("http.server.response.finish", (message) => {
    unfinished.get((message as { readonly request: IncomingMessage }).request)?.();
  });
}

function connectionClosed(): Error {
  return new Error("the connection closed before the body was complete");
}
