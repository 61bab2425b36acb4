import { type Auth, type AuthError, type IdentityBase, nodeView, type RequestView } from "@authmodes/core";
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
import { executionKey, nameOf, requestOf, sharesKey } from "./execution-context.ts";
import type { HandlerRequirements } from "./handler-requirements.ts";
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
 * Called by the guard before it asks for the caller.
 * @throws AuthError `misconfigured` if there is no request to verify
 */
export function beginExecution(
  context: ExecutionContext,
  guarded: HandlerRequirements,
  options: AuthModesOptions,
): void {
  const state = stateOf(sharesKey(context) ? context : executionKey(context));
  state.auth = guarded.auth;
  const view = viewToGuard(context, guarded, options);
  if (view !== undefined) guardedViews.set(state, view);
  else if (!guarded.open) throw noRequest(context);
}

/** Called when the guard accepted an execution: parameter decorators can then read the caller. */
export function passExecution(context: ExecutionContext): void {
  if (!sharesKey(context)) return;
  const { auth, slot, access } = stateOf(context);
  Object.assign(stateOf(executionKey(context)), { auth, slot, access });
}

/**
 * Fields of GraphQL, messages of a WebSocket client and handlers of a microservice's message have views of their own: a
 * rejection of one is not a rejection of the others.
 */
function viewToGuard(
  context: ExecutionContext,
  { open, auth }: HandlerRequirements,
  { messageHeaders }: AuthModesOptions,
): RequestView | undefined {
  const type = context.getType<string>();
  // Nothing is verified with this view: it is for reports.
  if (open && type !== "http") return messageView(nameOf(context));
  if (type === "rpc") return messageView(nameOf(context), messageHeaders?.(context));
  const view = type === "ws" ? clientOf(context)?.handshake : requestView(context, auth.publicUrl);
  return view !== undefined && (type === "ws" || type === "graphql") ? partView(view) : view;
}

function requestView(context: ExecutionContext, publicUrl: Auth["publicUrl"]): RequestView | undefined {
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

function viewOf(context: ExecutionContext, publicUrl: Auth["publicUrl"]): RequestView {
  const view = guardedViews.get(executionState(context)) ?? requestView(context, publicUrl);
  return view ?? messageView(nameOf(context));
}

/** Nest runs no guards for field resolvers unless it is asked to; the endpoint has verified their request. */
function executionState(context: ExecutionContext): RequestState {
  const guarding = sharesKey(context) ? knownState<object>(context) : undefined;
  if (guarding !== undefined) return guarding;
  const key = executionKey(context);
  return knownState(key) ?? knownState(requestOf(context) ?? key) ?? stateOf(key);
}

/** The caller; undefined if the route requires none, and for preflights that passed. */
export function knownIdentity(context: ExecutionContext): IdentityBase | undefined {
  return executionState(context).auth?.identity(adapter.view(context));
}

/** The answer of the rules; undefined if the handler has no `@Allow`. */
export function knownAccess(context: ExecutionContext): RouteAccess | undefined {
  return executionState(context).access;
}

const noBody = Promise.resolve(new Uint8Array());

/** A message that did not arrive by HTTP, with its credentials. */
function messageView(
  handler: string,
  headers: Readonly<Record<string, string | undefined>> = {},
): RequestView {
  const sent = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const byName = new Map(sent.map(([name, value]) => [name.toLowerCase(), value]));
  return {
    method: "MESSAGE",
    target: `/${handler}`,
    host: undefined,
    rawHeaders: sent.flat(),
    exact: false,
    header: (lowerName) => byName.get(lowerName),
    body: () => noBody,
  };
}
