import {
  type Access,
  AuthError,
  firstNodeView,
  type IdentityBase,
  type NodeRequest,
  type RequestView,
  type RouteAccess,
} from "@authmodes/core";
import type { ExecutionContext } from "@nestjs/common";
import { runOf } from "./context.ts";
import { graphqlRequestOf, requestBehind } from "./request.ts";

/** What the guard found out for one run of a handler. */
export interface Run {
  readonly view?: RequestView;
  /** undefined where nobody was asked: `@AllowAnonymous()`, preflights. */
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

/**
 * Who calls.
 * @throws AuthError `credentials_missing` where nobody was asked: it never returns nobody
 */
export function identityOf(context: ExecutionContext): IdentityBase {
  const identity = knownRun(context)?.identity;
  if (identity !== undefined) return identity;
  throw new AuthError("credentials_missing", "not_authenticated", {
    detail: `${nameOf(context)} wants to know who calls, and its route asks nobody`,
  });
}

/**
 * The request as the modes saw it.
 * @throws TypeError where nobody was asked
 */
export function viewOf(context: ExecutionContext): RequestView {
  return knownRun(context)?.view ?? misused(`${nameOf(context)}: no request was verified here`);
}

/**
 * What the rules let the caller do.
 * @throws TypeError where the handler has no `@Allow`
 */
export function accessOf(context: ExecutionContext): Access {
  return knownRun(context)?.access ?? misused(`${nameOf(context)} has no @Allow() that would ask the rules`);
}

export function nameOf(context: ExecutionContext): string {
  return `${context.getClass().name}.${context.getHandler().name}`;
}

function misused(sentence: string): never {
  throw new TypeError(sentence);
}
