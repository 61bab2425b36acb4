import type { Access, Auth, CallContext, IdentityBase, MaybePromise, RouteOperation } from "@authmodes/core";
import { guardAnswer, noteGuard, routeGuards } from "@authmodes/core/adapter";
import type { Request, RequestHandler } from "express";
import { adapter, reject } from "./express.ts";

/** Options of a route that rules guard. */
export interface AllowOptions {
  /** Loads the record that a get, an update or a delete is about. */
  readonly load?: (request: Request, context: CallContext) => MaybePromise<object | null | undefined>;
  /** Returns the input of a create or an update. Default: the parsed body. */
  readonly input?: (request: Request, context: CallContext) => unknown;
  /** The handler loads the record and calls `getAccess(…).decide(record)`; without that call a good answer is a 500. Default false. */
  readonly handlerDecides?: boolean;
}

/** Guards a route by the rules; mounted after `authenticate` and before the handler. */
export type Allow = (operation: RouteOperation, model: string, options?: AllowOptions) => RequestHandler;

/**
 * Makes guards for routes from the `policy` of an auth. Handlers read the result by `getAccess(request)`. Rejections go to the
 * error handlers. A list that is answered without its filter is a 500, unless `NODE_ENV` is `production`.
 * @throws TypeError if the auth has no policy; when a route is built, if an option is misspelt or undefined, or if the rules
 * depend on the record and there is no `load`
 * @example
 * import { apiKey, authenticate, authErrorHandler, createAllow, createAuth, getAccess } from "@authmodes/express";
 * import { createPolicy } from "@authmodes/rules";
 * import { parseSchema } from "@authmodes/rules/sdl";
 * import express from "express";
 *
 * const schema = parseSchema("type Book @model @auth(rules: [{ allow: public }]) { title: String }");
 * const keys = [{ id: "partner", hash: process.env["API_KEY_HASH"] ?? "", expiresAt: null }];
 * const auth = createAuth([apiKey({ keys })], { policy: createPolicy(schema) });
 * const allow = createAllow(auth);
 * const books = new Map([["1", { title: "Emma" }]]);
 *
 * const app = express();
 * app.use(authenticate(auth));
 * app.get("/books/:id", allow("get", "Book", { load: ({ params }) => books.get(String(params["id"])) }), (request, response) => {
 *   const { record, mask } = getAccess(request);
 *   response.json(mask(record));
 * });
 * app.use(authErrorHandler());
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
 * Returns what the rules let the caller do; see `createAllow`.
 * @throws {AuthError} `misconfigured` if no `allow` ran for this request
 * @example
 * import { getAccess } from "@authmodes/express";
 * import { matches } from "@authmodes/rules";
 * import type { Request } from "express";
 *
 * const books = [{ id: "1", title: "Emma" }];
 *
 * export function listBooks(request: Request) {
 *   const { filter, mask } = getAccess(request);
 *   return books.filter(matches(filter)).map(mask);
 * }
 */
export function getAccess(request: Request): Access {
  return adapter.access(request);
}

function bodyOf(request: Request): unknown {
  return request.body;
}
