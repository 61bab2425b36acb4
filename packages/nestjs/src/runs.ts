import {
  type Access,
  AuthError,
  type IdentityBase,
  type RequestView,
  type RouteAccess,
} from "@authmodes/core";
import type { ExecutionContext } from "@nestjs/common";
import { runOf } from "./context.ts";
import { graphqlRequestOf } from "./request.ts";

/** What the guard found out for one run of a handler. */
export interface Run {
  readonly view?: RequestView;
  /** undefined where nobody was asked: `@AllowAnonymous()`, preflights. */
  readonly identity?: IdentityBase;
  readonly access?: RouteAccess;
}

// Not in the container: parameter decorators have none at hand.
const runs = new WeakMap<object, Run>();

/** @param key of a handler `runOf(context)`; of an endpoint that runs many, the request */
export function rememberRun(key: object, run: Run): void {
  runs.set(key, run);
}

export function knownRun(context: ExecutionContext): Run | undefined {
  const run = runs.get(runOf(context));
  if (run !== undefined || context.getType<string>() !== "graphql") return run;
  // Guards do not run for field resolvers unless asked to; the endpoint knows who calls.
  const request = graphqlRequestOf(context);
  return request === undefined ? undefined : runs.get(request);
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
