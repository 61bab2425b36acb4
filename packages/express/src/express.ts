import {
  type Auth,
  AuthError,
  checkAuth,
  checkRequirements,
  firstNodeView,
  type Identity,
  type IdentityBase,
  isPreflight,
  isPromise,
  keepBody,
  nodeView,
  type Requirements,
  type RequestView,
} from "@authmodes/core";
import { noteGuard } from "@authmodes/core/explain";
import type { ErrorRequestHandler, Request, RequestHandler } from "express";

/** What a route asks, besides the modes of its auth. */
export type AuthenticateOptions = Requirements;

/** On the view: a property more on a request of Express takes longer than verifying a remembered token. */
const authKey: unique symbol = Symbol("auth");
type BegunView = RequestView & { [authKey]?: Auth };

/**
 * Verifies requests. Mount it for the whole app, a router or a route; further ones reuse what the first found, so
 * that a route narrows with `authenticate(auth.only("iam"))`. Refusals go to the error handlers.
 * Put it before body parsers, or let them keep the bytes with `keepRawBody`.
 * @throws TypeError if `needs` would guard nothing: misspelt, undefined or empty
 */
export function authenticate<I extends IdentityBase>(
  auth: Auth<I>,
  needs?: AuthenticateOptions,
): RequestHandler {
  checkAuth("app.use(authenticate(auth)): auth", auth);
  const asked = checkRequirements("authenticate()", needs);
  const handler: RequestHandler = function authenticate(request, _response, next) {
    const view = begin(request, auth);
    if (isPreflight(view.method, (name) => view.header(name))) return next();
    let caller;
    try {
      caller = auth.authenticateAtOnce(view, asked);
    } catch (error) {
      return next(error);
    }
    if (isPromise(caller)) caller.then(() => next(), next);
    else next();
  };
  return noteGuard(handler, { modes: auth.modes });
}

/**
 * Who calls. With an auth, of the modes that it accepts; without, of whichever `authenticate` let pass.
 * @throws AuthError `credentials_missing` where no `authenticate` ran for this request: it never returns nobody
 */
export function getIdentity(request: Request): Identity;
export function getIdentity<I extends IdentityBase>(request: Request, auth: Auth<I>): I;
export function getIdentity(request: Request, auth = authOf(request)): IdentityBase {
  const identity = auth?.identity(nodeView(request, auth.publicUrl));
  if (identity !== undefined) return identity;
  throw new AuthError("credentials_missing", "not_authenticated", {
    detail: "getIdentity() was called for a request that no authenticate() of this auth let pass",
  });
}

/** The request as the modes saw it: what `outbound.forward` takes to call another service as the caller. */
export function getView(request: Request): RequestView {
  return nodeView(request, authOf(request)?.publicUrl);
}

function begin(request: Request, auth: Auth): RequestView {
  const view = nodeView(request, auth.publicUrl);
  const begun: BegunView = firstNodeView(request) ?? view;
  begun[authKey] = auth;
  return view;
}

function authOf(request: Request): Auth | undefined {
  const begun: BegunView | undefined = firstNodeView(request);
  return begun?.[authKey];
}

/** Answers refusals in the format of the auth. Other errors, and refusals after the answer began, are passed on. */
export function authErrorHandler(): ErrorRequestHandler {
  return function authErrorHandler(error, _request, response, next) {
    if (!(error instanceof AuthError) || response.headersSent) return next(error);
    const { status, headers, body } = error.reply;
    response.status(status).set(headers).send(body);
  };
}

/**
 * Options for a body parser that runs before `authenticate`, so that signatures can still be verified:
 * `express.json({ ...keepRawBody })`. Compressed bodies then cannot be signed; behind `authenticate` they can.
 */
export const keepRawBody: { readonly verify: (request: Request, response: unknown, bytes: Buffer) => void } =
  {
    verify: (request, _response, bytes) => keepBody(request, bytes),
  };
