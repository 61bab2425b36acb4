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
import type { FastifyReply, FastifyRequest, RouteGenericInterface } from "fastify";
import { adapter, reject } from "./fastify.ts";

export interface AllowOptions<Route extends RouteGenericInterface = RouteGenericInterface> {
  /** Finds the record that a get, an update or a delete is about. */
  readonly load?: (
    request: FastifyRequest<Route>,
    context: CallContext,
  ) => MaybePromise<Values | null | undefined>;
  /** What a create or an update wants to write. Default: the body, as Fastify parsed it. */
  readonly input?: (request: FastifyRequest<Route>, context: CallContext) => unknown;
  /** The handler loads the record and calls `decide` of its access. Until then no good answer leaves. */
  readonly handlerDecides?: boolean;
}

/** A `preHandler`. */
type AllowHook<Route extends RouteGenericInterface> = (
  request: FastifyRequest<Route>,
  reply: FastifyReply,
) => Promise<unknown>;

/** Guards a route by the rules, as its `preHandler`. */
export type Allow = <Route extends RouteGenericInterface = RouteGenericInterface>(
  operation: RouteOperation,
  model: string,
  options?: AllowOptions<Route>,
) => AllowHook<Route>;

/**
 * Routes by the rules that an auth was given:
 * `app.patch("/orders/:id", { preHandler: allow("update", "Order", { load }) }, …)`. The handler finds what it may do by
 * `getAccess`. Rejections are answered as those of `authenticate`. A list that is answered without its filter is a 500,
 * unless `NODE_ENV` is `production`.
 * @throws TypeError if the auth has no policy; when a route is built, if an option is misspelt or undefined, or if its
 * rules look at the record and nothing loads it
 */
export function createAllow<I extends IdentityBase>(auth: Auth<I>): Allow {
  const routeGuard = routeGuards(auth);
  return function allow<Route extends RouteGenericInterface>(
    operation: RouteOperation,
    model: string,
    options: AllowOptions<Route> = {},
  ): AllowHook<Route> {
    const route = routeGuard(operation, model, options);
    const { load, input = bodyOf } = options;
    const hook: AllowHook<Route> = async function allow(request, reply) {
      try {
        const access = await adapter.allow(request, route, {
          input: (context) => input(request, context),
          load: load && ((context) => load(request, context)),
        });
        if (access.isWatched) guardAnswer(reply.raw, () => access.objection());
      } catch (error) {
        return reject(error, reply);
      }
    };
    return noteGuard(hook, { modes: auth.modes, decision: `${operation} ${model}` });
  };
}

/**
 * What the rules let the caller do.
 * @throws AuthError `misconfigured` if no `allow` ran for this request
 */
export function getAccess(request: FastifyRequest): Access {
  return adapter.access(request);
}

function bodyOf({ body }: FastifyRequest): unknown {
  return body;
}
