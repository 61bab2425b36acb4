import type {
  Access,
  Auth,
  CallContext,
  IdentityBase,
  MaybePromise,
  RouteOperation,
  Values,
} from "@authmodes/core";
import { noteGuard, type RouteAccess, routeGuards } from "@authmodes/core/adapter";
import type { ExtendableContext, Middleware } from "koa";
import { adapter, answering, hideIdentity, reject, requestOf } from "./koa.ts";
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

/**
 * Routes by the rules that an auth was given: `router.patch("/orders/:id", allow("update", "Order", { load }), …)`.
 * The handler finds what it may do by `getAccess`. Refusals are thrown. A list that is answered without its filter is a
 * 500, unless `NODE_ENV` is `production`.
 * @throws TypeError if the auth has no policy; when a route is built, if an option is misspelt or undefined, or if its
 * rules look at the record and nothing loads it
 */
export function createAllow<I extends IdentityBase>(auth: Auth<I>): Allow {
  const routeGuard = routeGuards(auth);
  return function allow(operation, model, options = {}) {
    const route = routeGuard(operation, model, options);
    const { load, input = bodyOf } = options;
    const middleware: ReturnType<Allow> = async function allow(ctx, next) {
      answerRefusals(ctx);
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
  return answering(ctx, () => adapter.access(requestOf(ctx)));
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
