import {
  type Auth,
  AuthError,
  checkAuth,
  checkRequirements,
  firstNodeView,
  type Identity,
  type IdentityBase,
  type IdentityOf,
  isPreflight,
  keepBody,
  type NodeRequest,
  nodeView,
  type PublicUrl,
  type Requirements,
  type RequestView,
} from "@authmodes/core";
import { noteGuard } from "@authmodes/core/explain";
import type { ExtendableContext, Middleware } from "koa";
import { answerRefusals, assignable } from "./refusals.ts";

/** What `authenticate` adds to `ctx.state`, for `new Router<AuthState<typeof auth>>()`. */
export interface AuthState<A> {
  identity: IdentityOf<A>;
}

const authKey: unique symbol = Symbol("auth");
type BegunView = RequestView & { [authKey]?: Auth };

function authOf({ req }: ExtendableContext): Auth | undefined {
  const begun: BegunView | undefined = firstNodeView(req);
  return begun?.[authKey];
}

/**
 * Verifies requests and puts the identity into `ctx.state.identity`. Mount it for the whole app, a router or a route;
 * further ones reuse what the first found, so that a route narrows with `authenticate(auth.only("iam"))`, and so does
 * the type of its state. Refusals are thrown; where nobody catches them Koa answers them in the format of the auth.
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
      if (isPreflight(ctx.method, (name) => ctx.headers[name])) hideIdentity(ctx);
      else ctx.state.identity = await auth.authenticate(begin(ctx, auth), asked);
      await next();
    } catch (error) {
      throw assignable(error);
    }
  };
  return noteGuard(middleware, { modes: auth.modes });
}

/**
 * Who calls. With an auth, of the modes that it accepts; without, of whichever `authenticate` let pass.
 * @throws AuthError `credentials_missing` where no `authenticate` ran for this request: it never returns nobody
 */
export function getIdentity(ctx: ExtendableContext): Identity;
export function getIdentity<I extends IdentityBase>(ctx: ExtendableContext, auth: Auth<I>): I;
export function getIdentity(ctx: ExtendableContext, auth = authOf(ctx)): IdentityBase {
  const identity = auth?.identity(viewOf(ctx, auth.publicUrl));
  if (identity === undefined) throw nobody("getIdentity()");
  return identity;
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

/** Preflights have no credentials: whoever asks them for an identity all the same must not find nobody. */
function hideIdentity(ctx: { readonly state: object }): void {
  Object.defineProperty(ctx.state, "identity", {
    configurable: true,
    get() {
      throw nobody("ctx.state.identity");
    },
  });
}

function nobody(asked: string): unknown {
  return assignable(
    new AuthError("credentials_missing", "not_authenticated", {
      detail: `${asked} was asked for in a request that no authenticate() of this auth let pass`,
    }),
  );
}
