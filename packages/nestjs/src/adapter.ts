import {
  type Auth,
  type AuthError,
  type IdentityBase,
  nodeView,
  type PublicUrl,
  type RequestView,
} from "@authmodes/core";
import {
  Adapter,
  AdapterSlot,
  knownState,
  partView,
  type RequestState,
  type RouteAccess,
  stateOf,
} from "@authmodes/core/adapter";
import type { ExecutionContext } from "@nestjs/common";
import type { AuthModesOptions } from "./auth-modes.options.ts";
import { executionKey, nameOf, requestOf } from "./execution-context.ts";
import { MessageView } from "./message-view.ts";
import { clientOf } from "./ws/clients.ts";

/** How apps answer CORS preflights before their guards. */
export const corsAdvice = "call app.enableCors() before app.listen()";

/** The view that the guard of an execution verified. */
const guardedViews = new AdapterSlot<RequestView>();

/** Executions of handlers as requests. */
export const adapter: Adapter<ExecutionContext> = new Adapter(viewOf, {
  stateOf: executionState,
  corsAdvice,
});

/**
 * Called by the guard before it asks for the caller. An open handler asks nothing: its view is for what it reports.
 * @throws AuthError `misconfigured` if there is no request to verify
 */
export function beginExecution(
  context: ExecutionContext,
  { open, auth }: { readonly open: boolean; readonly auth: Auth },
  options: AuthModesOptions,
): void {
  const state = stateOf(executionKey(context));
  state.auth = auth;
  const view = open ? openView(context, auth) : guardedView(context, auth, options);
  if (view === undefined) throw noRequest(context);
  guardedViews.set(state, view);
}

function openView(context: ExecutionContext, { publicUrl }: Auth): RequestView {
  const view = context.getType() === "http" ? requestView(context, publicUrl) : undefined;
  return view ?? new MessageView(nameOf(context));
}

/**
 * Fields of GraphQL and messages of a WebSocket client have views of their own: what is rejected for one is not rejected
 * for the others. Several handlers may serve one message of a microservice.
 */
function guardedView(
  context: ExecutionContext,
  { publicUrl }: Auth,
  { messageHeaders }: AuthModesOptions,
): RequestView | undefined {
  switch (context.getType<string>()) {
    case "rpc":
      return (
        guardedViews.get(executionState(context)) ??
        new MessageView(nameOf(context), messageHeaders?.(context))
      );
    case "ws":
      return partOf(clientOf(context)?.handshake);
    case "graphql":
      return partOf(requestView(context, publicUrl));
    default:
      return requestView(context, publicUrl);
  }
}

function partOf(view: RequestView | undefined): RequestView | undefined {
  return view && partView(view);
}

function requestView(context: ExecutionContext, publicUrl: PublicUrl | undefined): RequestView | undefined {
  const request = requestOf(context);
  return request && nodeView(request, publicUrl);
}

export function noRequest(context: ExecutionContext): AuthError {
  const type = context.getType<string>();
  const advice = new Map([
    ["graphql", "let 'context' of GraphQLModule keep 'req'"],
    ["ws", "write app.useWebSocketAdapter(new AuthModesWsAdapter(app))"],
  ]).get(type);
  return adapter.mistake(
    context,
    "no_request",
    `${nameOf(context)} (${type}) has no request that could be verified: ` +
      (advice ?? "whatever built the request has to give it the rawHeaders that the client sent"),
  );
}

function viewOf(context: ExecutionContext, publicUrl: PublicUrl | undefined): RequestView {
  const view = guardedViews.get(executionState(context)) ?? requestView(context, publicUrl);
  return view ?? new MessageView(nameOf(context));
}

/** Nest runs no guards for field resolvers unless it is asked to; the endpoint has verified their request. */
function executionState(context: ExecutionContext): RequestState {
  const key = executionKey(context);
  return knownState(key) ?? knownState(requestOf(context) ?? key) ?? stateOf(key);
}

/** The caller; undefined if the route asks for none, and for preflights that were let through. */
export function knownIdentity(context: ExecutionContext): IdentityBase | undefined {
  return executionState(context).auth?.identity(adapter.view(context));
}

/** What the guard asked the rules; undefined if the handler has no `@Allow`. */
export function knownAccess(context: ExecutionContext): RouteAccess | undefined {
  return executionState(context).access;
}
