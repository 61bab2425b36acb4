import {
  type Access,
  type Auth,
  type IdentityBase,
  type NodeRequest,
  nodeView,
  type RequestView,
} from "@authmodes/core";
import {
  Adapter,
  AdapterSlot,
  knownState,
  type RequestState,
  type RouteAccess,
  stateOf,
} from "@authmodes/core/adapter";
import type { ExecutionContext } from "@nestjs/common";
import { runOf } from "./execution-context.ts";
import { MessageView } from "./message-view.ts";
import { graphqlRequestOf, requestBehind } from "./request.ts";

/** The view that the guard of a run verified. */
const views = new AdapterSlot<RequestView>();

/** How apps answer CORS preflights before their guards. */
const corsAdvice = "call app.enableCors() before app.listen()";

/** Contexts of Nest as requests: what the guard found out for one run of a handler. */
export const adapter: Adapter<ExecutionContext> = new Adapter(knownView, { stateOf: stateOfRun, corsAdvice });

/** Requests of endpoints and handshakes, which are verified before there is a run. */
export const requests: Adapter<NodeRequest> = new Adapter(nodeView, { corsAdvice });

/** Called by guards before they ask for the caller. */
export function begin(context: ExecutionContext, auth: Auth, view: RequestView): void {
  keep(stateOf(keyOf(context)), auth, view);
}

/** Of an endpoint that runs many handlers for one request. */
export function beginRequest(request: NodeRequest, auth: Auth, view: RequestView): void {
  keep(stateOf(request), auth, view);
}

function keep(state: RequestState, auth: Auth, view: RequestView): void {
  state.auth = auth;
  views.set(state, view);
}

export function isBegun(context: ExecutionContext): boolean {
  return views.get(stateOfRun(context)) !== undefined;
}

function knownView(context: ExecutionContext): RequestView {
  return views.get(stateOfRun(context)) ?? new MessageView(nameOf(context), {});
}

function stateOfRun(context: ExecutionContext): RequestState {
  const key = keyOf(context);
  if (context.getType<string>() !== "graphql") return stateOf(key);
  // Guards do not run for field resolvers unless asked to; the endpoint knows the caller.
  const request = graphqlRequestOf(context);
  return knownState(key) ?? (request === undefined ? undefined : knownState(request)) ?? stateOf(key);
}

function keyOf(context: ExecutionContext): object {
  const run = runOf(context);
  return requestBehind(run) ?? run;
}

/** The caller of a run; undefined if its route asks for none, and for preflights that were let pass. */
export function knownIdentity(context: ExecutionContext): IdentityBase | undefined {
  return stateOfRun(context).auth?.identity(knownView(context));
}

/** What the guard of a run asked the rules; undefined if its handler has no `@Allow`. */
export function knownAccess(context: ExecutionContext): RouteAccess | undefined {
  return stateOfRun(context).access;
}

/**
 * The caller that the guard accepted.
 * @throws AuthError `misconfigured` if the route has none, such as with `@AllowAnonymous()`
 */
export function identityOf(context: ExecutionContext): IdentityBase {
  return requireCaller(context, "@CurrentIdentity()");
}

/**
 * The request as the modes saw it.
 * @throws AuthError as `identityOf`
 */
export function viewOf(context: ExecutionContext): RequestView {
  requireCaller(context, "@CurrentView()");
  return adapter.view(context);
}

/**
 * What the rules let the caller do.
 * @throws AuthError as `identityOf`; `misconfigured` if the handler has no `@Allow`
 */
export function accessOf(context: ExecutionContext): Access {
  requireCaller(context, "@CurrentAccess() or @RowFilter()");
  return adapter.access(context, `${nameOf(context)} has no @Allow() that would ask the rules`);
}

function requireCaller(context: ExecutionContext, decorator: string): IdentityBase {
  return adapter.identity(
    context,
    undefined,
    `${nameOf(context)} has ${decorator}, but its route has no caller: take away @AllowAnonymous(), ` +
      "or import AuthModesModule.forRoot({ auth }) in the app's module",
  );
}

export function nameOf(context: ExecutionContext): string {
  return `${context.getClass().name}.${context.getHandler().name}`;
}
