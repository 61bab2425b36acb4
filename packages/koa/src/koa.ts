import {
  type Auth,
  type Identity,
  type IdentityBase,
  type IdentityOf,
  keepBody,
  type NodeRequest,
  nodeView,
  type Requirements,
  type RequestView,
} from "@authmodes/core";
import { Adapter, createGuard, isPromise, noteGuard, PreflightAnswer } from "@authmodes/core/adapter";
import type { ExtendableContext, Middleware } from "koa";
import { answerRefusals, assignable } from "./refusals.ts";

/** What `authenticate` adds to `ctx.state`, for `new Router<AuthState<typeof auth>>()`. */
export interface AuthState<A> {
  identity: IdentityOf<A>;
}

type StatefulContext = ExtendableContext & { readonly state: object };

export const adapter: Adapter<NodeRequest> = new Adapter(nodeView);

/**
 * Verifies requests and puts the identity into `ctx.state.identity`. Mount it for the whole app, a router or a route;
 * further ones reuse what the first found, so that a route narrows with `authenticate(auth.only("iam"))`, and so does
 * the type of its state. Rejections are thrown; if no middleware catches them, Koa answers them in the format of the
 * auth, and reading `ctx.state.identity` throws them again.
 * Mount it behind `cors()`: a CORS preflight that arrives is answered with 204, and no handler runs.
 * Put it before body parsers, or behind one that leaves `ctx.request.rawBody`, as @koa/bodyparser does.
 * @throws TypeError if `needs` would guard nothing: misspelt, undefined or empty
 */
export function authenticate<I extends IdentityBase>(
  auth: Auth<I>,
  needs?: Requirements,
): Middleware<{ identity: I }> {
  const guard = createGuard("app.use(authenticate(auth))", auth, needs);
  const middleware: Middleware<{ identity: I }> = async function authenticate(ctx, next) {
    answerRefusals(ctx);
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
      throw assignable(error);
    }
  };
  return noteGuard(middleware, { modes: auth.modes });
}

/** A preflight is answered with the headers that were set before, such as those of a CORS middleware. */
export function reject(error: unknown, ctx: ExtendableContext): void {
  if (!(error instanceof PreflightAnswer)) throw assignable(error);
  ctx.status = 204;
}

/**
 * The caller that `authenticate` accepted: with an auth, a caller of its modes; without, of the last that ran.
 * @throws AuthError `misconfigured` if no `authenticate` ran for this request; the rejection if it was rejected
 */
export function getIdentity(ctx: ExtendableContext): Identity;
export function getIdentity<I extends IdentityBase>(ctx: ExtendableContext, auth: Auth<I>): I;
export function getIdentity(ctx: ExtendableContext, auth?: Auth): IdentityBase {
  return answering(ctx, () => adapter.identity(requestOf(ctx), auth));
}

/** What a handler asks may throw for an app that did not mount a guard, which would have prepared the answer. */
export function answering<T>(ctx: ExtendableContext, ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    answerRefusals(ctx);
    throw assignable(error);
  }
}

/** The request as the modes saw it: what `outbound.forward` takes to call another service as the caller. */
export function getView(ctx: ExtendableContext): RequestView {
  return adapter.view(requestOf(ctx));
}

/** Mounted apps see a part of the path: what was signed is the whole. */
export function requestOf({ req, originalUrl }: ExtendableContext): NodeRequest {
  const request: NodeRequest = req;
  request.originalUrl ??= originalUrl;
  return request;
}

function keepRawBody({ req, request }: ExtendableContext): void {
  const { rawBody } = request as { readonly rawBody?: unknown };
  // A text that lost something of the bytes has another digest than they have, and is rejected.
  if (typeof rawBody === "string") keepBody(req, Buffer.from(rawBody));
  else if (rawBody instanceof Uint8Array) keepBody(req, rawBody);
}

/** Without a caller, as after a rejection, reading the identity throws: handlers could take undefined for a guest. */
export function hideIdentity<I extends IdentityBase>(ctx: StatefulContext, auth: Auth<I>): void {
  const mistake = "ctx.state.identity was read, but no authenticate() of this auth ran for the request";
  Object.defineProperty(ctx.state, "identity", {
    configurable: true,
    enumerable: false, // templates are given all that is enumerable
    get: () => answering(ctx, () => adapter.identity(requestOf(ctx), auth, mistake)),
    set(value: unknown) {
      Object.defineProperty(ctx.state, "identity", { value, writable: true, enumerable: true });
    },
  });
}
