import type { Access, Auth, CallContext, IdentityBase, MaybePromise, RouteOperation } from "@authmodes/core";
import { noteGuard, type RouteAccess, routeGuards } from "@authmodes/core/adapter";
import type { ExtendableContext, Middleware } from "koa";
import { adapter, requestOf } from "./adapter.ts";
import { answering, hideIdentity, reject } from "./koa.ts";
import { passedOn } from "./refusals.ts";

/** The context of a route, as routers for Koa extend it. */
export interface AllowContext extends ExtendableContext {
  readonly params: Readonly<Record<string, string>>;
}

/** Options of a route that rules guard. */
export interface AllowOptions {
  /** Loads the record that a get, an update or a delete is about. */
  readonly load?: (ctx: AllowContext, context: CallContext) => MaybePromise<object | null | undefined>;
  /** Returns the input of a create or an update. Default: the parsed body. */
  readonly input?: (ctx: AllowContext, context: CallContext) => unknown;
  /** The handler loads the record and calls `getAccess(…).decide(record)`; without that call a good answer is a 500. Default false. */
  readonly handlerDecides?: boolean;
}

/** Guards a route by the rules; mounted after `authenticate` and before the handler. */
export type Allow = (
  operation: RouteOperation,
  model: string,
  options?: AllowOptions,
) => Middleware<object, { readonly params: Readonly<Record<string, string>> }>;

/**
 * Makes guards for routes from the `policy` of an auth. Handlers read the result by `getAccess(ctx)`. Rejections are thrown. A
 * list that is answered without its filter is a 500, unless `NODE_ENV` is `production`.
 * @throws TypeError if the auth has no policy; when a route is built, if an option is misspelt or undefined, or if the rules
 * depend on the record and there is no `load`
 * @example
 * import { apiKey, authenticate, createAllow, createAuth, getAccess } from "@authmodes/koa";
 * import { createPolicy } from "@authmodes/rules";
 * import { parseSchema } from "@authmodes/rules/sdl";
 * import { Router } from "@koa/router";
 *
 * const schema = parseSchema("type Book @model @auth(rules: [{ allow: public }]) { title: String }");
 * const keys = [{ id: "partner", hash: process.env["API_KEY_HASH"] ?? "", expiresAt: null }];
 * const auth = createAuth([apiKey({ keys })], { policy: createPolicy(schema) });
 * const allow = createAllow(auth);
 * const books = new Map([["1", { title: "Emma" }]]);
 *
 * const router = new Router().use(authenticate(auth));
 * router.get("/books/:id", allow("get", "Book", { load: ({ params }) => books.get(params["id"] ?? "") }), (ctx) => {
 *   const { record, mask } = getAccess(ctx);
 *   ctx.body = mask(record);
 * });
 */
export function createAllow<I extends IdentityBase>(auth: Auth<I>): Allow {
  const routeGuard = routeGuards(auth);
  return function allow(operation, model, options = {}) {
    const route = routeGuard(operation, model, options);
    const { load, input = bodyOf } = options;
    const middleware: ReturnType<Allow> = async function allow(ctx, next) {
      let access;
      try {
        access = await adapter.allow(requestOf(ctx), route, {
          input: (context) => input(ctx, context),
          load: load && ((context) => load(ctx, context)),
        });
      } catch (error) {
        hideIdentity(ctx, auth);
        return reject(error, ctx);
      }
      try {
        await next();
        refuseObjection(access, ctx);
      } catch (error) {
        throw passedOn(error, ctx);
      }
    };
    return noteGuard(middleware, { modes: auth.modes, decision: `${operation} ${model}` });
  };
}

/**
 * Returns what the rules let the caller do; see `createAllow`.
 * @throws {AuthError} `misconfigured` if no `allow` ran for this request
 * @example
 * import { getAccess } from "@authmodes/koa";
 * import { matches } from "@authmodes/rules";
 * import type { Context } from "koa";
 *
 * const books = [{ id: "1", title: "Emma" }];
 *
 * export function listBooks(ctx: Context) {
 *   const { filter, mask } = getAccess(ctx);
 *   return books.filter(matches(filter)).map(mask);
 * }
 */
export function getAccess(ctx: ExtendableContext): Access {
  return answering(ctx, () => adapter.access(requestOf(ctx)));
}

/** Koa sends the answer after all middlewares returned, so that it can still be replaced here. */
function refuseObjection(access: RouteAccess, ctx: AllowContext): void {
  const objection = access.isWatched && ctx.status < 400 ? access.objection() : undefined;
  if (objection !== undefined) throw objection;
}

/** @koa/bodyparser leaves an empty object if it read no body. */
function bodyOf({ request }: AllowContext): unknown {
  const { body, rawBody } = request as { readonly body?: unknown; readonly rawBody?: unknown };
  const isMadeUp =
    rawBody === undefined && typeof body === "object" && body !== null && Object.keys(body).length === 0;
  return isMadeUp ? undefined : body;
}
