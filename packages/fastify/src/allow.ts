import type { Access, Auth, CallContext, IdentityBase, MaybePromise, RouteOperation } from "@authmodes/core";
import { guardAnswer, noteGuard, routeGuards } from "@authmodes/core/adapter";
import type { FastifyReply, FastifyRequest, RouteGenericInterface } from "fastify";
import { adapter, reject } from "./fastify.ts";

/** Options of a route that rules guard. */
export interface AllowOptions<Route extends RouteGenericInterface = RouteGenericInterface> {
  /** Loads the record that a get, an update or a delete is about. */
  readonly load?: (
    request: FastifyRequest<Route>,
    context: CallContext,
  ) => MaybePromise<object | null | undefined>;
  /** Returns the input of a create or an update. Default: the parsed body. */
  readonly input?: (request: FastifyRequest<Route>, context: CallContext) => unknown;
  /** The handler loads the record and calls `getAccess(…).decide(record)`; without that call a good answer is a 500. Default false. */
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
 * Makes guards for routes from the `policy` of an auth, as `preHandler` hooks. Handlers read the result by
 * `getAccess(request)`. Rejections are answered as those of `authenticate`. A list that is answered without its filter is a
 * 500, unless `NODE_ENV` is `production`.
 * @throws TypeError if the auth has no policy; when a route is built, if an option is misspelt or undefined, or if the rules
 * depend on the record and there is no `load`
 * @example
 * import { apiKey, authModes, createAllow, createAuth, getAccess } from "@authmodes/fastify";
 * import { createPolicy } from "@authmodes/rules";
 * import { parseSchema } from "@authmodes/rules/sdl";
 * import Fastify from "fastify";
 *
 * const schema = parseSchema("type Book @model @auth(rules: [{ allow: public }]) { title: String }");
 * const keys = [{ id: "partner", hash: process.env["API_KEY_HASH"] ?? "", expiresAt: null }];
 * const auth = createAuth([apiKey({ keys })], { policy: createPolicy(schema) });
 * const allow = createAllow(auth);
 * const load = () => ({ title: "Emma" });
 *
 * const app = Fastify();
 * await app.register(authModes, { auth });
 * app.get("/books/1", { preHandler: allow("get", "Book", { load }) }, async (request) => {
 *   const { record, mask } = getAccess(request);
 *   return mask(record);
 * });
 */
export function createAllow<I extends IdentityBase>(auth: Auth<I>): Allow {
  const routeGuard = routeGuards(auth);
  return function allow<Route extends RouteGenericInterface>(
    operation: RouteOperation,
    model: string,
    options: AllowOptions<Route> = {},
  ): AllowHook<Route> {
    const route = routeGuard(operation, model, options);
    const { load, input = ({ body }: FastifyRequest<Route>) => body } = options;
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
 * Returns what the rules let the caller do; see `createAllow`.
 * @throws {AuthError} `misconfigured` if no `allow` ran for this request
 * @example
 * import { getAccess } from "@authmodes/fastify";
 * import { matches } from "@authmodes/rules";
 * import type { FastifyRequest } from "fastify";
 *
 * const books = [{ id: "1", title: "Emma" }];
 *
 * export function listBooks(request: FastifyRequest) {
 *   const { filter, mask } = getAccess(request);
 *   return books.filter(matches(filter)).map(mask);
 * }
 */
export function getAccess(request: FastifyRequest): Access {
  return adapter.access(request);
}
