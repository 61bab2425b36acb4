import {
  type Access,
  type Auth,
  type CallContext,
  checkAuth,
  type GuardedRoute,
  guardedRoute,
  type IdentityBase,
  type MaybePromise,
  nodeView,
  RouteAccess,
  type RouteOperation,
  type Values,
} from "@authmodes/core";
import { noteGuard } from "@authmodes/core/inspect";
import type { Request, RequestHandler, Response } from "express";
import { guardAnswer } from "./allow-guard.ts";
import { answerPreflight, mistakeOf } from "./express.ts";

export interface AllowOptions {
  /** Finds the record that a get, an update or a delete is about. */
  readonly load?: (request: Request, context: CallContext) => MaybePromise<Values | null | undefined>;
  /** What a create or an update wants to write. Default: the body, as a parser before it left it. */
  readonly input?: (request: Request, context: CallContext) => unknown;
  /** The handler loads the record and calls `decide` of its access. Until then no good answer leaves. */
  readonly handlerDecides?: boolean;
}

/** Guards a route by the rules; stands behind `authenticate` and in front of the handler. */
export type Allow = (operation: RouteOperation, model: string, options?: AllowOptions) => RequestHandler;

const accesses = new WeakMap<Request, RouteAccess>();

/**
 * Routes by the rules that an auth was given: `app.patch("/orders/:id", allow("update", "Order", { load }), …)`.
 * The handler finds what it may do by `getAccess`. Refusals go to the error handlers. A list that is answered without
 * its filter is a 500, unless `NODE_ENV` is `production`.
 * @throws TypeError if the auth has no policy; when a route is built, if an option is misspelt or undefined, or if its
 * rules look at the record and nothing loads it
 */
export function createAllow<I extends IdentityBase>(auth: Auth<I>): Allow {
  checkAuth("createAllow(auth): auth", auth);
  if (auth.policy === undefined) {
    throw new TypeError("createAllow(): this auth has no rules; write createAuth(modes, { policy })");
  }
  return function allow(operation, model, options = {}) {
    const route = guardedRoute(auth, operation, model, options);
    const handler: RequestHandler = function allow(request, response, next) {
      if (auth.preflight(nodeView(request, auth.publicUrl)) !== undefined) return answerPreflight(response);
      admit(route, options, request, response).then(() => next(), next);
    };
    return noteGuard(handler, { modes: auth.modes, decision: `${operation} ${model}` });
  };
}

/**
 * What the rules let the caller do.
 * @throws AuthError `misconfigured` if no `allow` ran for this request
 */
export function getAccess(request: Request): Access {
  const access = accesses.get(request);
  if (access !== undefined) return access;
  const mistake =
    "getAccess() was called, but no allow() ran: mount allow(operation, model) before the handler";
  throw mistakeOf(request, "allow_missing", mistake);
}

async function admit(
  route: GuardedRoute,
  { load, input = bodyOf }: AllowOptions,
  request: Request,
  response: Response,
): Promise<void> {
  const view = nodeView(request, route.auth.publicUrl);
  const access = new RouteAccess(route, view, (context) => input(request, context));
  await access.admit(load && ((context) => load(request, context)));
  if (access.isWatched) guardAnswer(response, () => access.objection());
  accesses.set(request, access);
}

function bodyOf(request: Request): unknown {
  return request.body;
}
