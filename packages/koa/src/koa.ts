import {
  type Auth,
  checkAuth,
  checkRequirements,
  firstNodeView,
  type Identity,
  type IdentityBase,
  type IdentityOf,
  keepBody,
  type NodeRequest,
  nodeView,
  type PublicUrl,
  type Requirements,
  type RequestView,
  unseenRequest,
} from "@authmodes/core";
import { noteGuard } from "@authmodes/core/inspect";
import type { ExtendableContext, Middleware } from "koa";
import { answerRefusals, assignable } from "./refusals.ts";

/** What `authenticate` adds to `ctx.state`, for `new Router<AuthState<typeof auth>>()`. */
export interface AuthState<A> {
  identity: IdentityOf<A>;
}

type StatefulContext = ExtendableContext & { readonly state: object };

const authKey: unique symbol = Symbol("auth");
type BegunView = RequestView & { [authKey]?: Auth };

function authOf({ req }: ExtendableContext): Auth | undefined {
  const begun: BegunView | undefined = firstNodeView(req);
  return begun?.[authKey];
}

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
  checkAuth("app.use(authenticate(auth)): auth", auth);
  const asked = checkRequirements("authenticate()", needs);
  const middleware: Middleware<{ identity: I }> = async function authenticate(ctx, next) {
    answerRefusals(ctx);
    try {
      const view = begin(ctx, auth);
      const preflight = auth.preflight(view);
      if (preflight !== undefined) hideIdentity(ctx, auth);
      if (preflight === "answer") return answerPreflight(ctx);
      if (preflight === undefined) ctx.state.identity = await auth.authenticate(view, asked);
    } catch (error) {
      hideIdentity(ctx, auth);
      throw assignable(error);
    }
    try {
      await next();
    } catch (error) {
      throw assignable(error);
    }
  };
  return noteGuard(middleware, { modes: auth.modes });
}

/** 204 with the headers that were set before, such as those of a CORS middleware. */
export function answerPreflight(ctx: ExtendableContext): void {
  ctx.status = 204;
}

/**
 * The caller that `authenticate` accepted: with an auth, a caller of its modes; without, of the last that ran.
 * @throws AuthError `misconfigured` if no `authenticate` ran for this request; the rejection if it was rejected
 */
export function getIdentity(ctx: ExtendableContext): Identity;
export function getIdentity<I extends IdentityBase>(ctx: ExtendableContext, auth: Auth<I>): I;
export function getIdentity(ctx: ExtendableContext, auth = authOf(ctx)): IdentityBase {
  const mistake =
    "getIdentity() was called, but no authenticate() of this auth ran: mount authenticate(auth) before the handler";
  if (auth === undefined) throw mistakeOf(ctx, "not_authenticated", mistake);
  return identityOf(ctx, auth, mistake);
}

function identityOf<I extends IdentityBase>(ctx: ExtendableContext, auth: Auth<I>, mistake: string): I {
  try {
    return auth.requireIdentity(viewOf(ctx, auth.publicUrl), mistake);
  } catch (error) {
    answerRefusals(ctx);
    throw assignable(error);
  }
}

/** What to throw if a handler asks for what no middleware before it has found. */
export function mistakeOf(ctx: ExtendableContext, reason: string, detail: string): unknown {
  answerRefusals(ctx);
  const auth = authOf(ctx);
  return assignable(
    auth === undefined
      ? unseenRequest(viewOf(ctx, undefined), reason, detail)
      : auth.mistake(viewOf(ctx, auth.publicUrl), reason, detail),
  );
}

/** The request as the modes saw it: what `outbound.forward` takes to call another service as the caller. */
export function getView(ctx: ExtendableContext): RequestView {
  return viewOf(ctx, authOf(ctx)?.publicUrl);
}

/** Mounted apps see a part of the path: what was signed is the whole. */
export function viewOf(
  { req, originalUrl }: ExtendableContext,
  publicUrl: PublicUrl | undefined,
): RequestView {
  const request: NodeRequest = req;
  request.originalUrl ??= originalUrl;
  return nodeView(request, publicUrl);
}

function begin(ctx: ExtendableContext, auth: Auth): RequestView {
  const { rawBody } = ctx.request as { readonly rawBody?: unknown };
  // A text that lost something of the bytes has another digest than they have, and is refused.
  if (typeof rawBody === "string") keepBody(ctx.req, Buffer.from(rawBody));
  else if (rawBody instanceof Uint8Array) keepBody(ctx.req, rawBody);
  const view = viewOf(ctx, auth.publicUrl);
  const begun: BegunView = firstNodeView(ctx.req) ?? view;
  begun[authKey] = auth;
  return view;
}

/** Without a caller, as after a rejection, reading the identity throws: handlers could take undefined for a guest. */
export function hideIdentity<I extends IdentityBase>(ctx: StatefulContext, auth: Auth<I>): void {
  const mistake = "ctx.state.identity was read, but no authenticate() of this auth ran for the request";
  Object.defineProperty(ctx.state, "identity", {
    configurable: true,
    enumerable: false, // templates are given all that is enumerable
    get: () => identityOf(ctx, auth, mistake),
    set(value: unknown) {
      Object.defineProperty(ctx.state, "identity", { value, writable: true, enumerable: true });
    },
  });
}
