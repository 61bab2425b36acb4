import { InputError } from "./policy/access.ts";
import type { Auth } from "./auth/auth.ts";
import { isPreflight as isPreflightOf } from "./auth/cors.ts";
import { AuthError } from "./refusal/error.ts";
import { fetchView } from "./request/fetch-view.ts";
import { checkAuth } from "./auth/requirements.ts";
import type { IdentityBase, Requirements } from "./types.ts";

// For every server that hands on a Request and takes a Response: Hono, Bun, Deno, workers.

export { createAllow } from "./adapter/fetch-allow.ts";
export type { Allow, AllowedHandler, AllowOptions } from "./adapter/fetch-allow.ts";
export { fetchView } from "./request/fetch-view.ts";
export type { FetchViewOptions } from "./request/fetch-view.ts";
export { KeptViews } from "./request/kept-views.ts";

/**
 * Verifies the request and returns its caller. It is verified once; asking again, also of a narrowed auth, reuses what
 * was found. Answer CORS preflights before, with a CORS middleware: here they are never authenticated.
 * @throws AuthError, with the answer to send (see `refusal`): a rejection, or for a CORS preflight a 204 without a body,
 *   so that no handler runs. With `preflight: "pass"` ask `isPreflight` first; a preflight that comes here is then
 *   verified like any request. TypeError if `needs` would guard nothing.
 */
export async function authenticate<I extends IdentityBase>(
  auth: Auth<I>,
  request: Request,
  needs?: Requirements,
): Promise<I> {
  checkAuth("authenticate(auth, request): auth", auth);
  return auth.authenticate(fetchView(request, auth.publicUrl), needs);
}

/**
 * The caller that `authenticate` accepted for this request.
 * @throws AuthError `misconfigured` if no `authenticate` of this auth ran before; the rejection if it rejected the
 *   request
 */
export function getIdentity<I extends IdentityBase>(request: Request, auth: Auth<I>): I {
  return auth.requireIdentity(
    fetchView(request, auth.publicUrl),
    "getIdentity() was called, but no authenticate() of this auth ran: await authenticate(auth, request) before it",
  );
}

/** Tells a CORS preflight, which browsers send without credentials. Any client can send one. */
export function isPreflight(request: Request): boolean {
  return isPreflightOf(request.method, (name) => request.headers.get(name) ?? undefined);
}

/**
 * The answer to a rejection, in the format of the auth, to a CORS preflight, and to a body that is no input; undefined
 * for other errors.
 */
export function refusal(error: unknown): Response | undefined {
  if (error instanceof AuthError) {
    const { status, headers, body } = error.reply;
    return new Response(body === "" ? null : body, { status, headers: { ...headers } });
  }
  if (!(error instanceof InputError)) return undefined;
  const { status, message: detail } = error;
  const problem = { type: "about:blank", title: "Bad Request", status, detail };
  return new Response(JSON.stringify(problem), {
    status,
    headers: { "Content-Type": "application/problem+json", "Cache-Control": "no-store" },
  });
}
