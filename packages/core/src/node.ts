import type { IncomingMessage } from "node:http";
import { AuthError } from "./error.ts";
import type { PublicUrl } from "./public-url.ts";
import type { RequestView } from "./types.ts";

/** A request of `node:http`, as Express, Koa and others hand it on. */
export interface NodeRequest extends IncomingMessage {
  /** Set by Connect-style routers, which cut `url` under mount paths. */
  originalUrl?: string;
}

const views = new WeakMap<NodeRequest, NodeView>();
const keptBodies = new WeakMap<IncomingMessage, Uint8Array>();

/** The view of a request: one for its whole life, so that it is verified once. */
export function nodeView(request: NodeRequest, publicUrl?: PublicUrl): RequestView {
  const known = views.get(request);
  if (known !== undefined && known.publicUrl === publicUrl) return known;
  const view = new NodeView(request, publicUrl);
  views.set(request, view);
  return view;
}

/** Called by body parsers that run before authentication: keeps the bytes that they are about to parse. */
export function keepBody(request: IncomingMessage, bytes: Uint8Array): void {
  keptBodies.set(request, bytes);
}

class NodeView implements RequestView {
  readonly method: string;
  readonly target: string;
  readonly host: string | undefined;
  readonly rawHeaders: readonly string[];
  readonly exact = true;
  readonly publicUrl: PublicUrl | undefined;
  readonly #request: NodeRequest;
  #body: Promise<Uint8Array> | undefined;

  constructor(request: NodeRequest, publicUrl: PublicUrl | undefined) {
    this.#request = request;
    this.publicUrl = publicUrl;
    this.method = request.method ?? "GET";
    const target = request.originalUrl ?? request.url ?? "/";
    this.target = publicUrl === undefined ? target : publicUrl.prefix + target;
    this.host = publicUrl?.host ?? this.header("host") ?? this.header(":authority");
    this.rawHeaders = request.rawHeaders;
  }

  header(lowerName: string): string | undefined {
    const value = this.#request.headers[lowerName];
    return typeof value === "string" ? value : undefined;
  }

  body(maxBytes: number): Promise<Uint8Array> {
    return (this.#body ??= readBody(this.#request, maxBytes));
  }
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const kept = keptBodies.get(request);
  if (kept !== undefined) {
    if (kept.byteLength > maxBytes) throw tooLarge(maxBytes);
    return keptAsSent(request, kept);
  }
  const { "content-length": length, "transfer-encoding": transferEncoding } = request.headers;
  if (transferEncoding === undefined && (length === undefined || length === "0")) return new Uint8Array();
  if (Number(length) > maxBytes) throw tooLarge(maxBytes);
  if (request.readableDidRead) {
    throw new AuthError("misconfigured", "body_consumed", {
      detail:
        "a body parser ran before authentication and kept no bytes to verify the signature with: " +
        "put authenticate() before it, or let the parser keep them (its options: keepRawBody)",
    });
  }
  return drainAndPutBack(request, maxBytes);
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
  // Nothing is left to read then, and reading would end the stream for whoever comes later.
  const isAtEnd = () => request.complete && request.readableLength === 0;
  if (isAtEnd()) return Promise.resolve(new Uint8Array());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = () => {
      request.off("readable", onReadable).off("end", onEnd).off("error", onError).off("close", onClose);
      const all = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
      if (size > 0 && !request.readableEnded && !request.destroyed) request.unshift(all);
      return all;
    };
    const onReadable = () => {
      if (isAtEnd()) return resolve(stop());
      for (let chunk: Buffer | null; (chunk = request.read() as Buffer | null) !== null;) {
        chunks.push(chunk);
        size += chunk.length;
        if (size > maxBytes) {
          stop();
          reject(tooLarge(maxBytes));
          return;
        }
      }
      if (request.complete) resolve(stop());
    };
    const onEnd = () => resolve(stop());
    const onError = (error: Error) => {
      stop();
      reject(cut(error));
    };
    const onClose = () => onError(new Error("the connection closed before the body was complete"));
    request.on("readable", onReadable).on("end", onEnd).on("error", onError).on("close", onClose);
  });
}

function cut(cause: Error): AuthError {
  return new AuthError("credentials_malformed", "body_cut", {
    cause,
    detail: "the body did not arrive whole",
  });
}

function tooLarge(maxBytes: number): AuthError {
  return new AuthError("body_too_large", "body_too_large", { detail: `the body is over ${maxBytes} bytes` });
}
