import {
  type Auth,
  AuthError,
  type Identity,
  type IdentityBase,
  keepBody,
  nodeView,
  type Requirements,
  type RequestView,
} from "@authmodes/core";
import { Adapter, createGuard, isPromise, noteGuard, PreflightAnswer } from "@authmodes/core/adapter";
import type { ErrorRequestHandler, NextFunction, Request, RequestHandler, Response } from "express";

/** What a route asks, besides the modes of its auth. */
export type AuthenticateOptions = Requirements;

export const adapter: Adapter<Request> = new Adapter(nodeView);

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
  const guard = createGuard("app.use(authenticate(auth))", auth, needs);
  const handler: RequestHandler = function authenticate(request, response, next) {
    let caller;
    try {
      caller = adapter.authenticate(request, guard);
    } catch (error) {
      return reject(error, response, next);
    }
    if (!isPromise(caller)) return next();
    caller.then(
      () => next(),
      (error: unknown) => reject(error, response, next),
    );
  };
  return noteGuard(handler, { modes: auth.modes });
}

/** A preflight is answered with the headers that were set before, such as those of a CORS middleware. */
export function reject(error: unknown, response: Response, next: NextFunction): void {
  if (error instanceof PreflightAnswer) response.status(204).end();
  else next(error);
}

/**
 * The caller that `authenticate` accepted: with an auth, a caller of its modes; without, of the last that ran.
 * @throws AuthError `misconfigured` if no `authenticate` ran for this request; the rejection if it was rejected
 */
export function getIdentity(request: Request): Identity;
export function getIdentity<I extends IdentityBase>(request: Request, auth: Auth<I>): I;
export function getIdentity(request: Request, auth?: Auth): IdentityBase {
  return adapter.identity(request, auth);
}

/** The request as the modes saw it: what `outbound.forward` takes to call another service as the caller. */
export function getView(request: Request): RequestView {
  return adapter.view(request);
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
