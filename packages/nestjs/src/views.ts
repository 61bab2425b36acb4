import { type Auth, AuthError, type NodeRequest, nodeView, type RequestView } from "@authmodes/core";
import { partView } from "@authmodes/core/adapter";
import { type ExecutionContext, Inject, Injectable } from "@nestjs/common";
import { MessageView } from "./message-view.ts";
import { AUTH, AUTH_OPTIONS, type AuthModesOptions } from "./auth-modes.options.ts";
import { graphqlRequestOf, requestBehind } from "./request.ts";
import { adapter, isBegun, nameOf } from "./adapter.ts";

/** Finds the request behind whatever Nest is about to run. */
@Injectable()
export class Views {
  readonly #auth: Auth;
  readonly #options: AuthModesOptions;
  readonly #clients = new WeakMap<object, RequestView>();

  constructor(@Inject(AUTH) auth: Auth, @Inject(AUTH_OPTIONS) options: AuthModesOptions) {
    this.#auth = auth;
    this.#options = options;
  }

  /**
   * Fields of GraphQL and messages of a WebSocket client have views of their own: what is rejected for one is not
   * rejected for the others.
   * @throws AuthError `misconfigured` if there is none
   */
  of(context: ExecutionContext): RequestView {
    const kind = context.getType<string>();
    if (kind === "rpc") return this.#ofMessage(context);
    if (kind === "ws") return this.#ofClient(context.switchToWs().getClient<object>());
    const request = kind === "graphql" ? graphqlRequestOf(context) : requestBehind(context.getArgByIndex(0));
    if (request === undefined) return noRequest(kind);
    const view = this.ofRequest(request);
    return kind === "graphql" ? partView(view) : view;
  }

  /** Of a handler that asks nothing of its callers: for what it reports. */
  ofOpen(context: ExecutionContext): RequestView {
    const request = context.getType() === "http" ? requestBehind(context.getArgByIndex(0)) : undefined;
    return request === undefined ? new MessageView(nameOf(context), {}) : this.ofRequest(request);
  }

  ofRequest(request: NodeRequest): RequestView {
    return nodeView(request, this.#auth.publicUrl);
  }

  /** Remembers with what request a WebSocket client shook hands. */
  rememberClient(client: object, request: NodeRequest): void {
    this.#clients.set(client, this.ofRequest(request));
  }

  #ofClient(client: object): RequestView {
    return partView(this.#clients.get(client) ?? noRequest("ws"));
  }

  /** Several handlers may serve one message. */
  #ofMessage(context: ExecutionContext): RequestView {
    if (isBegun(context)) return adapter.view(context);
    return new MessageView(nameOf(context), this.#options.messageHeaders?.(context) ?? {});
  }
}

function noRequest(kind: string): never {
  throw new AuthError("misconfigured", "no_request", {
    detail:
      kind === "graphql"
        ? "the context of this GraphQL operation has no request: let 'context' of GraphQLModule keep 'req'"
        : `what Nest calls '${kind}' has no request that could be verified`,
  });
}
