import {
  type Access,
  type Auth,
  firstNodeView,
  type IdentityBase,
  type NodeRequest,
  nodeView,
  type RequestView,
  type RouteAccess,
  unseenRequest,
} from "@authmodes/core";
import type { ExecutionContext } from "@nestjs/common";
import { runOf } from "./context.ts";
import { MessageView } from "./message-view.ts";
import { graphqlRequestOf, requestBehind } from "./request.ts";

/** What the guard found out for one run of a handler. */
export interface Run {
  readonly auth: Auth;
  readonly view: RequestView;
  /** undefined if the route asks nothing of its callers, by `@AllowAnonymous()`, and for preflights that were let pass. */
  readonly identity?: IdentityBase;
  readonly access?: RouteAccess;
}

// Not in the container: parameter decorators have none at hand. Where a request has one run it is kept on the
// request's view: an entry of a WeakMap for each request keeps the garbage collector busy.
const runs = new WeakMap<object, Run>();
const runKey: unique symbol = Symbol("run");
type RunView = RequestView & { [runKey]?: Run };

export function rememberRun(context: ExecutionContext, run: Run): void {
  if (context.getType() === "http") rememberRequest(requestBehind(runOf(context)), run);
  else runs.set(runOf(context), run);
}

/** Of a request that has one run, or of an endpoint that runs many handlers for one. */
export function rememberRequest(request: NodeRequest | undefined, run: Run): void {
  const view = viewBehind(request);
  if (view !== undefined) view[runKey] = run;
}

export function knownRun(context: ExecutionContext): Run | undefined {
  const kind = context.getType<string>();
  if (kind === "http") return viewBehind(requestBehind(runOf(context)))?.[runKey];
  const run = runs.get(runOf(context));
  if (run !== undefined || kind !== "graphql") return run;
  // Guards do not run for field resolvers unless asked to; the endpoint knows who calls.
  return viewBehind(graphqlRequestOf(context))?.[runKey];
}

function viewBehind(request: NodeRequest | undefined): RunView | undefined {
  return request === undefined ? undefined : firstNodeView(request);
}

/** A run whose caller is known. */
type AdmittedRun = Run & Required<Pick<Run, "identity">>;

function isAdmitted(run: Run | undefined): run is AdmittedRun {
  return run?.identity !== undefined;
}

/** @throws AuthError `misconfigured` if no guard asked for the caller */
function admittedRun(context: ExecutionContext, call: string): AdmittedRun {
  const run = knownRun(context);
  if (isAdmitted(run)) return run;
  const mistake =
    `${nameOf(context)} has ${call}, but its route has no caller: take away @AllowAnonymous(), ` +
    "or import AuthModesModule.forRoot({ auth }) in the app's module";
  if (run === undefined) throw unseenRequest(seenBy(context), "not_authenticated", mistake);
  return { ...run, identity: run.auth.requireIdentity(run.view, mistake) };
}

/** Of what Nest runs without a guard of ours. */
function seenBy(context: ExecutionContext): RequestView {
  const request = context.getType() === "http" ? requestBehind(runOf(context)) : undefined;
  return request === undefined ? new MessageView(nameOf(context), {}) : nodeView(request);
}

/**
 * The caller that the guard accepted.
 * @throws AuthError `misconfigured` if the route has none, such as with `@AllowAnonymous()`
 */
export function identityOf(context: ExecutionContext): IdentityBase {
  return admittedRun(context, "@CurrentIdentity()").identity;
}

/**
 * The request as the modes saw it.
 * @throws AuthError as `identityOf`
 */
export function viewOf(context: ExecutionContext): RequestView {
  return admittedRun(context, "@CurrentView()").view;
}

/**
 * What the rules let the caller do.
 * @throws AuthError as `identityOf`; `misconfigured` if the handler has no `@Allow`
 */
export function accessOf(context: ExecutionContext): Access {
  const { auth, view, access } = admittedRun(context, "@CurrentAccess() or @RowFilter()");
  if (access !== undefined) return access;
  throw auth.mistake(view, "allow_missing", `${nameOf(context)} has no @Allow() that would ask the rules`);
}

export function nameOf(context: ExecutionContext): string {
  return `${context.getClass().name}.${context.getHandler().name}`;
}
