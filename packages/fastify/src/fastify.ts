import {
  type Auth,
  AuthError,
  type Identity,
  type IdentityBase,
  nodeView,
  type Requirements,
  type RequestView,
} from "@authmodes/core";
import { Adapter, createGuard, isPromise, noteGuard, stateOf } from "@authmodes/core/adapter";
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from "fastify";

export const adapter: Adapter<FastifyRequest> = new Adapter(
  ({ raw }, publicUrl) => nodeView(raw, publicUrl),
  {
    stateOf: ({ raw }) => stateOf(raw),
    corsAdvice: "register @fastify/cors before authModes, in the same scope or above it",
  },
);

/**
 * Verifies requests, as an `onRequest` hook of a route or a scope: Fastify has parsed no body yet. Further ones reuse what
 * the first found, so that a route narrows with `authenticate(auth.only("iam"))`. A rejection is answered in the format of
 * the auth, and a CORS preflight with 204: no later hook runs, and no handler.
 * @throws TypeError if `needs` would guard nothing: misspelt, undefined or empty
 */
export function authenticate<I extends IdentityBase>(
  auth: Auth<I>,
  needs?: Requirements,
): onRequestHookHandler {
  const guard = createGuard('app.addHook("onRequest", authenticate(auth))', auth, needs);
  const hook: onRequestHookHandler = function authenticate(request, reply, done) {
    let caller;
    try {
      caller = adapter.authenticate(request, guard);
    } catch (error) {
      return reject(error, reply);
    }
    // Fastify goes on when the promise resolves, unless the request was answered.
    if (isPromise(caller)) return caller.catch((error: unknown) => reject(error, reply));
    return done();
  };
  return noteGuard(hook, { modes: auth.modes });
}

/**
 * Answers a rejection or a preflight, with the headers that were set before, such as those of @fastify/cors. Other errors
 * are thrown.
 */
export function reject(error: unknown, reply: FastifyReply): FastifyReply {
  if (!(error instanceof AuthError)) throw error;
  const { status, headers, body } = error.reply;
  return reply.code(status).headers(headers).send(body);
}

/**
 * The caller that `authenticate` accepted: with an auth, a caller of its modes; without, of the last that ran.
 * @throws AuthError `misconfigured` if no `authenticate` ran for this request; the rejection if it was rejected
 */
export function getIdentity(request: FastifyRequest): Identity;
export function getIdentity<I extends IdentityBase>(request: FastifyRequest, auth: Auth<I>): I;
export function getIdentity(request: FastifyRequest, auth?: Auth): IdentityBase {
  return adapter.identity(request, auth);
}

/** The request as the modes saw it: what `outbound.forward` takes to call another service as the caller. */
export function getView(request: FastifyRequest): RequestView {
  return adapter.view(request);
}
