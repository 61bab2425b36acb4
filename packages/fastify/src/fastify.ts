import {
  type Auth,
  AuthError,
  type Identity,
  type IdentityBase,
  nodeView,
  type Requirements,
  type RequestView,
} from "@authmodes/core";
import { Adapter, clearAnswer, createGuard, isPromise, noteGuard, stateOf } from "@authmodes/core/adapter";
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from "fastify";

export const adapter: Adapter<FastifyRequest> = new Adapter(
  ({ raw }, publicUrl) => nodeView(raw, publicUrl),
  {
    stateOf: ({ raw }) => stateOf(raw),
    corsAdvice: "register @fastify/cors before authModes, in the same scope or above it",
  },
);

/**
 * Verifies the request, as an `onRequest` hook of a route or a scope, before Fastify parses the body. A request is verified
 * once: a route can narrow by `authenticate(auth.only("iam"))`. A rejection is answered in the auth's `errorFormat`, a CORS
 * preflight with 204: no later hook runs, and no handler.
 * @param needs groups and scopes that the caller must have
 * @throws TypeError if `needs` would guard nothing: misspelt, undefined or empty
 * @example
 * import { apiKey, authenticate, createAuth, getIdentity } from "@authmodes/fastify";
 * import Fastify from "fastify";
 *
 * const auth = createAuth([apiKey({ keys: [{ id: "partner", hash: process.env["API_KEY_HASH"] ?? "", expiresAt: null }] })]);
 * const app = Fastify();
 * app.get("/me", { onRequest: authenticate(auth) }, async (request) => getIdentity(request, auth).id);
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
    // Fastify continues when the promise resolves, unless the request was answered.
    if (isPromise(caller)) return caller.catch((error: unknown) => reject(error, reply));
    return done();
  };
  return noteGuard(hook, { modes: auth.modes });
}

/** Answers a rejection or a preflight with the headers that are set already, such as those of @fastify/cors; throws other errors. */
export function reject(error: unknown, reply: FastifyReply): FastifyReply {
  if (!(error instanceof AuthError)) throw error;
  clearAnswer(reply);
  const { status, headers, body } = adapter.rejection(reply.request, error).reply;
  return reply.code(status).headers(headers).send(body);
}

/**
 * Returns the caller that `authenticate` or the scope's guard accepted.
 * @param auth types the identity, and has to accept its mode; default: the auth of the last guard that ran
 * @throws {AuthError} `misconfigured` if no guard ran for this request; the rejection if it was rejected
 * @example
 * import { type Auth, getIdentity } from "@authmodes/fastify";
 * import type { FastifyRequest } from "fastify";
 *
 * export const modeOf = (request: FastifyRequest, auth: Auth): string => getIdentity(request, auth).mode;
 */
export function getIdentity(request: FastifyRequest): Identity;
export function getIdentity<I extends IdentityBase>(request: FastifyRequest, auth: Auth<I>): I;
export function getIdentity(request: FastifyRequest, auth?: Auth): IdentityBase {
  return adapter.identity(request, auth);
}

/**
 * Returns the request as the modes read it. `outbound.forward` takes it to call another service as the caller.
 * @example
 * import { getView } from "@authmodes/fastify";
 * import { createAuthFetch, outbound } from "@authmodes/fastify/outbound";
 * import type { FastifyRequest } from "fastify";
 *
 * export const stockFor = (request: FastifyRequest): typeof fetch =>
 *   createAuthFetch(outbound.forward(getView(request)), { origins: ["https://stock.example.com"] });
 */
export function getView(request: FastifyRequest): RequestView {
  return adapter.view(request);
}
