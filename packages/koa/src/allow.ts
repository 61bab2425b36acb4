import type { IncomingMessage } from "node:http";
import {
  type Access,
  type Auth,
  type CallContext,
  checkAuth,
  type GuardedRoute,
  guardedRoute,
  type IdentityBase,
  type MaybePromise,
  type RequestView,
  RouteAccess,
  type RouteOperation,
  type Values,
} from "@authmodes/core";
import { noteGuard } from "@authmodes/core/inspect";
import type { ExtendableContext, Middleware } from "koa";
import { answerPreflight, hideIdentity, mistakeOf, viewOf } from "./koa.ts";
import { answerRefusals, assignable } from "./refusals.ts";

/** The context of a route, as routers for Koa extend it. */
export interface AllowContext extends ExtendableContext {
  readonly params: Readonly<Record<string, string>>;
}

export interface AllowOptions {
  /** Finds the record that a get, an update or a delete is about. */
  readonly load?: (ctx: AllowContext, context: CallContext) => MaybePromise<Values | null | undefined>;
  /** What a create or an update wants to write. Default: the body, as a parser before it left it. */
  readonly input?: (ctx: AllowContext, context: CallContext) => unknown;
  /** The handler loads the record and calls `decide` of its access. Until then no good answer leaves. */
  readonly handlerDecides?: boolean;
}

/** Guards a route by the rules; stands behind `authenticate` and in front of the handler. */
export type Allow = (
  operation: RouteOperation,
  model: string,
  options?: AllowOptions,
) => Middleware<object, { readonly params: Readonly<Record<string, string>> }>;

const accesses = new WeakMap<IncomingMessage, RouteAccess>();

/**
 * Routes by the rules that an auth was given: `router.patch("/orders/:id", allow("update", "Order", { load }), …)`.
 * The handler finds what it may do by `getAccess`. Refusals are thrown. A list that is answered without its filter is a
 * 500, unless `NODE_ENV` is `production`.
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
    const middleware: ReturnType<Allow> = async function allow(ctx, next) {
      answerRefusals(ctx);
      let access;
      try {
        const view = viewOf(ctx, auth.publicUrl);
        if (auth.preflight(view) !== undefined) return answerPreflight(ctx);
        access = await admit(route, options, ctx, view);
        accesses.set(ctx.req, access);
      } catch (error) {
        hideIdentity(ctx, auth);
        throw assignable(error);
      }
      try {
        await next();
        refuseObjection(access, ctx);
      } catch (error) {
        throw assignable(error);
      }
    };
    return noteGuard(middleware, { modes: auth.modes, decision: `${operation} ${model}` });
  };
}

/**
 * What the rules let the caller do.
 * @throws AuthError `misconfigured` if no `allow` ran for this request
 */
export function getAccess(ctx: ExtendableContext): Access {
  const access = accesses.get(ctx.req);
  if (access !== undefined) return access;
  const mistake =
    "getAccess() was called, but no allow() ran: mount allow(operation, model) before the handler";
  throw mistakeOf(ctx, "allow_missing", mistake);
}

async function admit(
  route: GuardedRoute,
  { load, input = bodyOf }: AllowOptions,
  ctx: AllowContext,
  view: RequestView,
): Promise<RouteAccess> {
  const access = new RouteAccess(route, view, (context) => input(ctx, context));
  await access.admit(load && ((context) => load(ctx, context)));
  return access;
}

/** Koa sends the answer when all have returned: here it can still be replaced. */
function refuseObjection(access: RouteAccess, ctx: AllowContext): void {
  const objection = access.isWatched && ctx.status < 400 ? access.objection() : undefined;
  if (objection !== undefined) throw objection;
}

/** @koa/bodyparser leaves an empty object where it read nothing. */
function bodyOf({ request }: AllowContext): unknown {
  const { body, rawBody } = request as { readonly body?: unknown; readonly rawBody?: unknown };
  const isMadeUp =
    rawBody === undefined && typeof body === "object" && body !== null && Object.keys(body).length === 0;
  return isMadeUp ? undefined : body;
}
