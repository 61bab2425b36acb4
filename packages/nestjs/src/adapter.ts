import {
  type Auth,
  type AuthError,
  type Identity,
  type IdentityBase,
  type NodeRequest,
  nodeView,
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
import { executionKey, nameOf, requestIn, requestOf, sharesKey } from "./execution-context.ts";
import type { HandlerRequirements } from "./handler-requirements.ts";
import { clientOf } from "./ws/clients.ts";

/** How apps answer CORS preflights before their guards. */
const corsAdvice = "call app.enableCors() before app.listen()";

/** The view that the guard of an execution verified. */
const guardedViews = new AdapterSlot<RequestView>();

/** Executions of handlers as requests. */
export const adapter: Adapter<ExecutionContext> = new Adapter(viewOf, {
  stateOf: executionState,
  corsAdvice,
});

/** Requests as such: those of GraphQL are verified before fields are executed. */
export const requests: Adapter<NodeRequest> = new Adapter(nodeView, { corsAdvice });

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

// All guards of an execution get the same context. The state of an execution cannot tell: messages of a WebSocket client
// that are no objects share it. On the context, since a WeakSet would keep the garbage collector busy.
const guardedKey: unique symbol = Symbol("guarded");
type GuardedContext = ExecutionContext & { [guardedKey]?: true };

/** Called by the app's guard for each execution that it allows. */
export function markGuarded(context: GuardedContext): true {
  return (context[guardedKey] = true);
}

export function isGuarded(context: GuardedContext): boolean {
  return context[guardedKey] === true;
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

/** An execution of a handler, or a request, as Nest injects it by `@Inject(REQUEST)`. */
export type IdentitySource =
  | ExecutionContext
  | NodeRequest
  | { readonly raw: NodeRequest }
  | { readonly req: object };

/**
 * Returns the caller in a guard, an interceptor, a throttler or a request-scoped provider; undefined on routes with
 * `@AllowAnonymous()`, and for CORS preflights that pass. In a request-scoped provider call it in a method: Nest makes these
 * providers before it runs guards. Guards of the app run in the order of their modules.
 * @throws {AuthError} `misconfigured` if the guard of `AuthModesModule` has not run yet; the rejection, if it rejected the
 *   request
 * @throws TypeError if it is neither an execution nor a request of Express, Fastify or GraphQL
 * @example
 * import { getIdentity } from "@authmodes/nestjs";
 * import { type CanActivate, type ExecutionContext, Injectable } from "@nestjs/common";
 *
 * @Injectable()
 * export class StaffGuard implements CanActivate {
 *   canActivate(context: ExecutionContext): boolean {
 *     return getIdentity(context)?.id?.endsWith("@example.com") === true;
 *   }
 * }
 */
export function getIdentity(source: IdentitySource): Identity | undefined;
export function getIdentity(source: IdentitySource): IdentityBase | undefined {
  if ("getHandler" in source) {
    if (executionState(source).auth !== undefined) return knownIdentity(source);
    throw adapter.mistake(source, "not_authenticated", tooEarly);
  }
  const request = requestIn(source);
  if (request === undefined) {
    throw new TypeError(
      "getIdentity() takes an ExecutionContext, or what @Inject(REQUEST) injects for an HTTP request",
    );
  }
  const auth = knownState(request)?.auth;
  if (auth === undefined) throw requests.mistake(request, "not_authenticated", tooEarly);
  return auth.identity(requests.view(request));
}

const tooEarly =
  "getIdentity() was called before the guard of AuthModesModule: register guards of the app in a module that is imported " +
  "after AuthModesModule, and call it in a method of a request-scoped provider, not in its constructor";

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
