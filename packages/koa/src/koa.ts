import {
  type Auth,
  type Identity,
  type IdentityBase,
  type IdentityOf,
  keepBody,
  type Requirements,
  type RequestView,
} from "@authmodes/core";
import { createGuard, isPromise, noteGuard, PreflightAnswer } from "@authmodes/core/adapter";
import type { ExtendableContext, Middleware } from "koa";
import { adapter, requestOf } from "./adapter.ts";
import { passedOn } from "./refusals.ts";

/** The state that `authenticate` adds to `ctx.state`, for `new Router<AuthState<typeof auth>>()`. */
export interface AuthState<A> {
  identity: IdentityOf<A>;
}

type StatefulContext = ExtendableContext & { readonly state: object };

/**
 * Verifies the request and attaches the identity as `ctx.state.identity`. Mount it for the whole app, a router or a route. A
 * request is verified once: a route can narrow by `authenticate(auth.only("iam"))`, which narrows the type too. Rejections are
 * thrown; if no middleware catches them, Koa answers in the auth's `errorFormat`. Reading `ctx.state.identity` then throws them
 * again. Mount it after `cors()`: a CORS preflight that arrives is answered with 204, and no handler runs. Mount it before
 * body parsers, or after one that leaves `ctx.request.rawBody`, as @koa/bodyparser does.
 * @param needs groups and scopes that the caller must have
 * @throws TypeError if `needs` would guard nothing: misspelt, undefined or empty
 * @example
 * import { apiKey, authenticate, createAuth } from "@authmodes/koa";
 * import Koa from "koa";
 *
 * const keys = [{ id: "partner", hash: process.env["API_KEY_HASH"] ?? "", expiresAt: null }];
 * const app = new Koa();
 * app.use(authenticate(createAuth([apiKey({ keys })]))).use((ctx) => {
 *   ctx.body = ctx.state.identity.id;
 * });
 */
export function authenticate<I extends IdentityBase>(
  auth: Auth<I>,
  needs?: Requirements,
): Middleware<{ identity: I }> {
  const guard = createGuard("app.use(authenticate(auth))", auth, needs);
  const middleware: Middleware<{ identity: I }> = async function authenticate(ctx, next) {
    try {
      keepRawBody(ctx);
      const proven = adapter.authenticate(requestOf(ctx), guard);
      const identity = isPromise(proven) ? await proven : proven;
      if (identity === undefined) hideIdentity(ctx, auth);
      else ctx.state.identity = identity;
    } catch (error) {
      hideIdentity(ctx, auth);
      return reject(error, ctx);
    }
    try {
      await next();
    } catch (error) {
      throw passedOn(error, ctx);
    }
  };
  return noteGuard(middleware, { modes: auth.modes });
}

/** Answers a preflight with the headers that are set already, such as those of a CORS middleware; throws other errors. */
export function reject(error: unknown, ctx: ExtendableContext): void {
  if (!(error instanceof PreflightAnswer)) throw passedOn(error, ctx);
  ctx.status = 204;
}

/**
 * Returns the caller that `authenticate` accepted, for code without a typed `ctx.state`.
 * @param auth types the identity, and has to accept its mode; default: the auth of the last `authenticate` that ran
 * @throws {AuthError} `misconfigured` if no `authenticate` ran for this request; the rejection if it was rejected
 * @example
 * import { type Auth, getIdentity } from "@authmodes/koa";
 * import type { Context } from "koa";
 *
 * export const modeOf = (ctx: Context, auth: Auth): string => getIdentity(ctx, auth).mode;
 */
export function getIdentity(ctx: ExtendableContext): Identity;
export function getIdentity<I extends IdentityBase>(ctx: ExtendableContext, auth: Auth<I>): I;
export function getIdentity(ctx: ExtendableContext, auth?: Auth): IdentityBase {
  return answering(ctx, () => adapter.identity(requestOf(ctx), auth));
}

/** Prepares the answer to an error of `ask` too: without a mounted guard nothing else did. */
export function answering<T>(ctx: ExtendableContext, ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    throw passedOn(error, ctx);
  }
}

/**
 * Returns the request as the modes read it. `outbound.forward` takes it to call another service as the caller.
 * @example
 * import { getView } from "@authmodes/koa";
 * import { createAuthFetch, outbound } from "@authmodes/koa/outbound";
 * import type { Context } from "koa";
 *
 * export const stockFor = (ctx: Context): typeof fetch =>
 *   createAuthFetch(outbound.forward(getView(ctx)), { origins: ["https://stock.example.com"] });
 */
export function getView(ctx: ExtendableContext): RequestView {
  return adapter.view(requestOf(ctx));
}

function keepRawBody({ req, request }: ExtendableContext): void {
  const { rawBody } = request as { readonly rawBody?: unknown };
  // A string that lost bytes has another digest, and is rejected.
  if (typeof rawBody === "string") keepBody(req, Buffer.from(rawBody));
  else if (rawBody instanceof Uint8Array) keepBody(req, rawBody);
}

/** Makes reading the identity throw if there is no caller: a handler could take undefined for a guest. */
export function hideIdentity<I extends IdentityBase>(ctx: StatefulContext, auth: Auth<I>): void {
  const mistake = "ctx.state.identity was read, but no authenticate() of this auth ran for the request";
  Object.defineProperty(ctx.state, "identity", {
    configurable: true,
    enumerable: false, // templates get all enumerable members
    get: () => answering(ctx, () => adapter.identity(requestOf(ctx), auth, mistake)),
    set(value: unknown) {
      Object.defineProperty(ctx.state, "identity", { value, writable: true, enumerable: true });
    },
  });
}
