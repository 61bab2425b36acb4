import type {
  Access,
  Auth,
  CallContext,
  IdentityBase,
  MaybePromise,
  RouteOperation,
  Values,
} from "@authmodes/core";
import { guardAnswer, noteGuard, routeGuards } from "@authmodes/core/adapter";
import type { Request, RequestHandler } from "express";
import { adapter, reject } from "./express.ts";

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

/**
 * Routes by the rules that an auth was given: `app.patch("/orders/:id", allow("update", "Order", { load }), …)`.
 * The handler finds what it may do by `getAccess`. Refusals go to the error handlers. A list that is answered without
 * its filter is a 500, unless `NODE_ENV` is `production`.
 * @throws TypeError if the auth has no policy; when a route is built, if an option is misspelt or undefined, or if its
 * rules look at the record and nothing loads it
 */
export function createAllow<I extends IdentityBase>(auth: Auth<I>): Allow {
  const routeGuard = routeGuards(auth);
  return function allow(operation, model, options = {}) {
    const route = routeGuard(operation, model, options);
    const { load, input = bodyOf } = options;
    const handler: RequestHandler = function allow(request, response, next) {
      const found = {
        input: (context: CallContext) => input(request, context),
        load: load && ((context: CallContext) => load(request, context)),
      };
      adapter.allow(request, route, found).then(
        (access) => {
          if (access.isWatched) guardAnswer(response, () => access.objection());
          next();
        },
        (error: unknown) => reject(error, response, next),
      );
    };
    return noteGuard(handler, { modes: auth.modes, decision: `${operation} ${model}` });
  };
}

/**
 * What the rules let the caller do.
 * @throws AuthError `misconfigured` if no `allow` ran for this request
 */
export function getAccess(request: Request): Access {
  return adapter.access(request);
}

function bodyOf(request: Request): unknown {
  return request.body;
}
