import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { AuthError } from "../refusal/error.ts";
import type { RequestView } from "../types.ts";
import { limited } from "./body-timer.ts";
import { givenBody, rebuiltHeaders, targetOf } from "./hand-built.ts";
import { keptAsSent, readBody } from "./node-body.ts";
import type { PublicUrl } from "./public-url.ts";
import { type RequestState, stateOf } from "./state.ts";

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

function newNodeView(state: RequestState<NodeRequest>, publicUrl: PublicUrl | undefined): RequestView {
  return new NodeView(state, publicUrl);
}

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
    const rebuilt = rebuiltHeaders(request);
    this.exact = rebuilt === undefined;
    this.#state = state;
    this.#headers = rebuilt === undefined ? request.headers : rebuilt?.byName;
    this.#rawHeaders = rebuilt === undefined ? request.rawHeaders : rebuilt?.list;
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
