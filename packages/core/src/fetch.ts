import { Adapter, admitRoute, readJson } from "./adapter/adapter.ts";
import type { Auth } from "./auth/auth.ts";
import { checkAuth } from "./auth/requirements.ts";
import { AuthError } from "./refusal/error.ts";
import { isPreflight as isPreflightOf } from "./refusal/preflight.ts";
import { fetchView } from "./request/fetch-view.ts";
import { stateOf } from "./request/state.ts";
import type { IdentityBase, Requirements, CallContext, MaybePromise, RequestView } from "./types.ts";
import { must } from "./lib/options.ts";
import type { Access } from "./policy/access.ts";
import { type RouteOperation, routeGuards } from "./policy/guarded-route.ts";

// For servers whose handlers take a Request and return a Response: Hono, Bun, Deno, workers.

export { fetchView } from "./request/fetch-view.ts";

const adapter = new Adapter<Request>(fetchView);
const identityMistake =
  "getIdentity() was called, but no authenticate() of this auth ran: await authenticate(auth, request) before it";

/**
 * Verifies the request and returns its caller. A request is verified once: later calls, also of a restricted copy of the
 * auth, reuse the result. CORS preflights are never authenticated; mount a CORS middleware before.
 * @throws AuthError, with the answer to send (see `refusal`): a rejection, or for a CORS preflight a 204 without a body,
 *   so that no handler runs. With `preflight: "pass"`, call `isPreflight` first: a preflight that comes here is then
 *   verified like any request
 * @throws TypeError if `needs` would guard nothing
 * @example
 * import { createAuth, oidc } from "@authmodes/core";
 * import { authenticate, refusal } from "@authmodes/core/fetch";
 *
 * const auth = createAuth([oidc({ issuer: "https://id.example.com", audience: "https://api.example.com" })]);
 * export async function handler(request: Request): Promise<Response> {
 *   try {
 *     const caller = await authenticate(auth, request, { scopes: ["orders/read"] });
 *     return Response.json({ hello: caller.sub });
 *   } catch (error) {
 *     return refusal(error, request) ?? new Response(null, { status: 500 });
 *   }
 * }
 */
export async function authenticate<I extends IdentityBase>(
  auth: Auth<I>,
  request: Request,
  needs?: Requirements,
): Promise<I> {
  checkAuth("authenticate(auth, request): auth", auth);
  const view = fetchView(request, auth.publicUrl);
  stateOf(request).auth = auth;
  return auth.authenticate(view, needs);
}

/**
 * Returns the caller that `authenticate` accepted for this request.
 * @throws AuthError `misconfigured` if no `authenticate` of this auth ran before; the rejection if it rejected the
 *   request
 * @example
 * import { type Auth } from "@authmodes/core";
 * import { getIdentity } from "@authmodes/core/fetch";
 *
 * export function hello(request: Request, auth: Auth): Response {
 *   return new Response(`Hello ${getIdentity(request, auth).id ?? "stranger"}`);
 * }
 */
export function getIdentity<I extends IdentityBase>(request: Request, auth: Auth<I>): I {
  return adapter.identity(request, auth, identityMistake);
}

/**
 * Whether this is a CORS preflight, which browsers send without credentials. Any client can send one.
 * @example
 * import { isPreflight } from "@authmodes/core/fetch";
 *
 * const request = new Request("https://api.example.com/", { method: "OPTIONS" });
 * console.log(isPreflight(request)); // false: it has neither Origin nor Access-Control-Request-Method
 */
export function isPreflight(request: Request): boolean {
  const { method, headers } = request;
  return isPreflightOf({ method, header: (name) => headers.get(name) ?? undefined });
}

/**
 * Returns the answer to a rejection, in the format of the auth, or to a CORS preflight; undefined for other errors.
 * @param request gives the format of its auth and an id to an AuthError that a handler threw, and reports it. Default: such an error
 *   is answered in the format `problem`, unreported
 * @example
 * import { refusal } from "@authmodes/core/fetch";
 *
 * export function onError(error: unknown, request: Request): Response {
 *   return refusal(error, request) ?? new Response("Internal Server Error", { status: 500 });
 * }
 */
export function refusal(error: AuthError, request?: Request): Response;
export function refusal(error: unknown, request?: Request): Response | undefined;
export function refusal(error: unknown, request?: Request): Response | undefined {
  if (!(error instanceof AuthError)) return undefined;
  const { status, headers, body } = (request === undefined ? error : adapter.rejection(request, error)).reply;
  return new Response(body === "" ? null : body, { status, headers: { ...headers } });
}

/** Options of `allow`, for a route whose handlers take the arguments `A`. */
export interface AllowOptions<A extends readonly unknown[]> {
  /** Loads the record that a get, an update or a delete is about. */
  readonly load?: (...args: readonly [...A, CallContext]) => MaybePromise<object | null | undefined>;
  /** Returns the input of a create or an update. Default: the body as JSON, up to 1 MiB. */
  readonly input?: (...args: readonly [...A, CallContext]) => unknown;
  /**
   * Whether the handler loads the record itself and calls `decide` of its access. An answer below 400 that is sent before
   * is replaced by a 500. Default false.
   */
  readonly handlerDecides?: boolean;
}

/** A handler behind the rules: takes what they let the caller do, then the arguments of the server's handlers. */
export type AllowedHandler<A extends readonly unknown[], R extends Response> = (
  access: Access,
  ...args: A
) => MaybePromise<R>;

/** Puts the rules in front of a handler. See `createAllow`. */
export type Allow<A extends readonly unknown[]> = <R extends Response>(
  operation: RouteOperation,
  model: string,
  options: AllowOptions<A>,
  handler: AllowedHandler<A, R>,
) => (...args: A) => Promise<R>;

/**
 * Creates `allow`, which guards routes by the rules of an auth. The handler runs only if the rules allow the request, and
 * its first argument says what they allow. Authenticate the request before. Rejections are thrown, and for a CORS
 * preflight a 204 (see `authenticate`). A list that is answered without its filter is a 500, unless `NODE_ENV` is
 * `production`.
 * @param requestOf returns the request, or its view, from the arguments of the server's handlers; `load` and `input` get
 *   as many of them as it names. Default: the first argument
 * @throws TypeError if the auth has no policy; when a route is built, if an option is misspelt or undefined, or if its
 *   rules look at the record and nothing loads it
 * @example
 * import { type Auth } from "@authmodes/core";
 * import { createAllow } from "@authmodes/core/fetch";
 * import type { Context } from "hono";
 *
 * const orders = new Map([["1", { id: "1", owner: "alice" }]]);
 * export function orderRoute(auth: Auth) {
 *   const allow = createAllow(auth, (c: Context) => c.req.raw);
 *   const load = (c: Context) => orders.get(c.req.param("id") ?? "");
 *   return allow("get", "Order", { load }, ({ record, mask }, c) => c.json(mask(record)));
 * }
 */
export function createAllow<I extends IdentityBase>(auth: Auth<I>): Allow<readonly [request: Request]>;
export function createAllow<I extends IdentityBase, A extends readonly unknown[]>(
  auth: Auth<I>,
  requestOf: (...args: A) => Request | RequestView,
): Allow<A>;
export function createAllow(
  auth: Auth,
  requestOf: (...args: readonly Request[]) => Request | RequestView = first,
): Allow<readonly Request[]> {
  const routeGuard = routeGuards(auth);
  must(
    requestOf.length > 0,
    "createAllow(auth, requestOf): requestOf names the arguments that load and input get, such as (c) => c.req.raw",
  );
  return function allow(operation, model, options, handler) {
    const route = routeGuard(operation, model, options);
    const { load, input } = options;
    must(
      typeof handler === "function",
      `allow("${operation}", "${model}"): the fourth argument is the handler`,
    );
    return async function allowed(...all) {
      const request = requestOf(...all);
      // Servers may pass more arguments than the handler's type has: Hono passes `next`.
      const args = all.slice(0, requestOf.length);
      const view = "rawHeaders" in request ? request : fetchView(request, auth.publicUrl);
      const access = await admitRoute(route, view, {
        input: (context) => (input === undefined ? readJson(view) : input(...args, context)),
        load: load && ((context) => load(...args, context)),
      });
      const response = await handler(access, ...all);
      const objection = access.isWatched && response.status < 400 ? access.objection() : undefined;
      if (objection !== undefined) throw objection;
      return response;
    };
  };
}

function first(request?: Request): Request {
  if (request !== undefined) return request;
  throw new TypeError("createAllow(): say where the request is: createAllow(auth, (…) => request)");
}
