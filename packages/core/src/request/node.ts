import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { AuthError } from "../refusal/error.ts";
import type { RequestView } from "../types.ts";
import { limited } from "./body-timer.ts";
import { givenBody, rebuiltHeaders, textOf } from "./hand-built.ts";
import { keptAsSent, readBody } from "./node-body.ts";
import type { PublicUrl } from "./public-url.ts";
import { type RequestState, stateOf } from "./state.ts";

/** A request of `node:http`, as Express, Koa and others pass it on. */
export interface NodeRequest extends IncomingMessage {
  /** Set by Connect-style routers, which cut `url` under mount paths. */
  originalUrl?: string;
}

/** The view of a request: one for its whole life, so that it is verified once. */
export function nodeView(request: NodeRequest, publicUrl?: PublicUrl): RequestView {
  return stateOf(request).view(publicUrl, newNodeView);
}

/** Called by body parsers that run before authentication: keeps the bytes that they are about to parse. */
export function keepBody(request: IncomingMessage, bytes: Uint8Array): void {
  void stateOf(request).body(() => keptAsSent(request, bytes));
}

function newNodeView(state: RequestState<NodeRequest>, publicUrl: PublicUrl | undefined): RequestView {
  return new NodeView(state, publicUrl);
}

class NodeView implements RequestView {
  readonly method: string;
  readonly target: string;
  readonly exact: boolean;
  readonly #publicUrl: PublicUrl | undefined;
  readonly #state: RequestState<NodeRequest>;
  /** Read once: frameworks change the prototype of a request, which makes its properties slow to find. */
  readonly #headers: IncomingHttpHeaders | undefined;
  readonly #rawHeaders: readonly string[] | undefined;

  constructor(state: RequestState<NodeRequest>, publicUrl: PublicUrl | undefined) {
    const { request } = state;
    const rebuilt = rebuiltHeaders(request);
    this.exact = rebuilt === undefined;
    this.#state = state;
    this.#headers = rebuilt === undefined ? request.headers : rebuilt?.byName;
    this.#rawHeaders = rebuilt === undefined ? request.rawHeaders : rebuilt?.list;
    this.#publicUrl = publicUrl;
    this.method = request.method ?? "GET";
    const target = textOf(request.originalUrl ?? request.url ?? "/");
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

/** @throws AuthError, since the credentials of such a request cannot be known */
function headerless(): never {
  throw new AuthError("misconfigured", "no_headers", {
    detail:
      "the request has neither rawHeaders nor headers: whatever built it (an adapter for AWS Lambda, a test) has to " +
      "give it the headers that the client sent",
  });
}
