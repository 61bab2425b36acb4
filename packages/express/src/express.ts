import {
  type Auth,
  AuthError,
  checkAuth,
  checkRequirements,
  firstNodeView,
  type Identity,
  type IdentityBase,
  isPromise,
  keepBody,
  nodeView,
  type Requirements,
  type RequestView,
  unseenRequest,
} from "@authmodes/core";
import { noteGuard } from "@authmodes/core/inspect";
import type { ErrorRequestHandler, Request, RequestHandler, Response } from "express";

/** What a route asks, besides the modes of its auth. */
export type AuthenticateOptions = Requirements;

/** On the view: a property more on a request of Express takes longer than verifying a remembered token. */
const authKey: unique symbol = Symbol("auth");
type BegunView = RequestView & { [authKey]?: Auth };

/**
 * Verifies requests. Mount it for the whole app, a router or a route; further ones reuse what the first found, so
 * that a route narrows with `authenticate(auth.only("iam"))`. Rejections go to the error handlers.
 * Mount it behind `cors()`: a CORS preflight that arrives is answered with 204, and no handler runs.
 * Put it before body parsers, or let them keep the bytes with `keepRawBody`.
 * @throws TypeError if `needs` would guard nothing: misspelt, undefined or empty
 */
export function authenticate<I extends IdentityBase>(
  auth: Auth<I>,
  needs?: AuthenticateOptions,
): RequestHandler {
  checkAuth("app.use(authenticate(auth)): auth", auth);
  const asked = checkRequirements("authenticate()", needs);
  const handler: RequestHandler = function authenticate(request, response, next) {
    const view = begin(request, auth);
    const preflight = auth.preflight(view);
    if (preflight !== undefined) return preflight === "pass" ? next() : answerPreflight(response);
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

/** 204 with the headers that were set before, such as those of a CORS middleware. */
export function answerPreflight(response: Response): void {
  response.status(204).end();
}

/**
 * The caller that `authenticate` accepted: with an auth, a caller of its modes; without, of the last that ran.
 * @throws AuthError `misconfigured` if no `authenticate` ran for this request; the rejection if it was rejected
 */
export function getIdentity(request: Request): Identity;
export function getIdentity<I extends IdentityBase>(request: Request, auth: Auth<I>): I;
export function getIdentity(request: Request, auth = authOf(request)): IdentityBase {
  const mistake =
    "getIdentity() was called, but no authenticate() of this auth ran: mount authenticate(auth) before the handler";
  if (auth === undefined) throw unseenRequest(nodeView(request), "not_authenticated", mistake);
  return auth.requireIdentity(nodeView(request, auth.publicUrl), mistake);
}

/** The request as the modes saw it: what `outbound.forward` takes to call another service as the caller. */
export function getView(request: Request): RequestView {
  return nodeView(request, authOf(request)?.publicUrl);
}

/** What to throw if a handler asks for what no middleware before it has found. */
export function mistakeOf(request: Request, reason: string, detail: string): AuthError {
  const auth = authOf(request);
  return auth === undefined
    ? unseenRequest(nodeView(request), reason, detail)
    : auth.mistake(nodeView(request, auth.publicUrl), reason, detail);
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
