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
import {
  Adapter,
  clearAnswer,
  createGuard,
  isPromise,
  letParsersRead,
  noteGuard,
  PreflightAnswer,
} from "@authmodes/core/adapter";
import type { ErrorRequestHandler, NextFunction, Request, RequestHandler, Response } from "express";

/** Groups and scopes that a route requires. */
export type AuthenticateOptions = Requirements;

export const adapter: Adapter<Request> = new Adapter(nodeView);

/**
 * Verifies the request. Mount it for the whole app, a router or a route. A request is verified once: a route can narrow by
 * `authenticate(auth.only("iam"))`. Rejections go to the error handlers. Mount it after `cors()`: a CORS preflight that arrives
 * is answered with 204, and no handler runs. Mount it before body parsers, or let them keep the bytes by `keepRawBody`.
 * @param needs groups and scopes that the caller must have
 * @throws TypeError if `needs` would guard nothing: misspelt, undefined or empty
 * @example
 * import { apiKey, authenticate, authErrorHandler, createAuth, getIdentity } from "@authmodes/express";
 * import express from "express";
 *
 * const auth = createAuth([apiKey({ keys: [{ id: "partner", hash: process.env["API_KEY_HASH"] ?? "", expiresAt: null }] })]);
 * const app = express();
 * app.use(authenticate(auth));
 * app.get("/me", (request, response) => response.json(getIdentity(request, auth).id));
 * app.use(authErrorHandler());
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
    if (isPromise(caller)) return nextAfter(caller, request, response, next);
    letParsersRead(request);
    next();
  };
  return noteGuard(handler, { modes: auth.modes });
}

// A function of its own, so that a request without a promise needs no closures.
function nextAfter(caller: Promise<unknown>, request: Request, response: Response, next: NextFunction): void {
  caller.then(
    () => {
      letParsersRead(request);
      next();
    },
    (error: unknown) => reject(error, response, next),
  );
}

/** Answers a preflight with the headers that are set already, such as those of a CORS middleware; passes other errors on. */
export function reject(error: unknown, response: Response, next: NextFunction): void {
  if (error instanceof PreflightAnswer) response.status(204).end();
  else next(error);
}

/**
 * Returns the caller that `authenticate` accepted.
 * @param auth types the identity, and has to accept its mode; default: the auth of the last `authenticate` that ran
 * @throws {AuthError} `misconfigured` if no `authenticate` ran for this request; the rejection if it was rejected
 * @example
 * import { type Auth, getIdentity } from "@authmodes/express";
 * import type { Request } from "express";
 *
 * export const modeOf = (request: Request, auth: Auth): string => getIdentity(request, auth).mode;
 */
export function getIdentity(request: Request): Identity;
export function getIdentity<I extends IdentityBase>(request: Request, auth: Auth<I>): I;
export function getIdentity(request: Request, auth?: Auth): IdentityBase {
  return adapter.identity(request, auth);
}

/**
 * Returns the request as the modes read it. `outbound.forward` takes it to call another service as the caller.
 * @example
 * import { getView } from "@authmodes/express";
 * import { createAuthFetch, outbound } from "@authmodes/express/outbound";
 * import type { Request } from "express";
 *
 * export const stockFor = (request: Request): typeof fetch =>
 *   createAuthFetch(outbound.forward(getView(request)), { origins: ["https://stock.example.com"] });
 */
export function getView(request: Request): RequestView {
  return adapter.view(request);
}

/**
 * Answers rejections in the auth's `errorFormat`, those too that handlers throw. Passes on other errors, and rejections after the
 * answer began. Mount it after the routes.
 * @example
 * import { authErrorHandler } from "@authmodes/express";
 * import express from "express";
 *
 * const app = express();
 * app.use(authErrorHandler());
 */
export function authErrorHandler(): ErrorRequestHandler {
  return function authErrorHandler(error, request, response, next) {
    if (!(error instanceof AuthError) || response.headersSent) return next(error);
    clearAnswer(response);
    const { status, headers, body } = adapter.rejection(request, error).reply;
    response.status(status).set(headers).send(body);
  };
}

/**
 * Options for a body parser that is mounted before `authenticate`, so that signatures can still be verified. Signed requests
 * with a compressed body are then rejected; if the parser is mounted after `authenticate`, they are accepted.
 * @example
 * import { keepRawBody } from "@authmodes/express";
 * import express from "express";
 *
 * const app = express();
 * app.use(express.json({ ...keepRawBody }));
 */
export const keepRawBody: { readonly verify: (request: Request, response: unknown, bytes: Buffer) => void } =
  {
    verify: (request, _response, bytes) => keepBody(request, bytes),
  };
