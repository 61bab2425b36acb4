import { Adapter } from "./adapter/adapter.ts";
import type { Auth } from "./auth/auth.ts";
import { checkAuth } from "./auth/requirements.ts";
import { AuthError } from "./refusal/error.ts";
import { isPreflight as isPreflightOf } from "./refusal/preflight.ts";
import { fetchView } from "./request/fetch-view.ts";
import type { IdentityBase, Requirements } from "./types.ts";

// For every server that passes a Request to handlers and takes a Response: Hono, Bun, Deno, workers.

export { createAllow } from "./adapter/fetch-allow.ts";
export type { Allow, AllowedHandler, AllowOptions } from "./adapter/fetch-allow.ts";
export { fetchView } from "./request/fetch-view.ts";

const adapter = new Adapter<Request>(fetchView);
const identityMistake =
  "getIdentity() was called, but no authenticate() of this auth ran: await authenticate(auth, request) before it";

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
  return adapter.identity(request, auth, identityMistake);
}

/** Tells a CORS preflight, which browsers send without credentials. Any client can send one. */
export function isPreflight(request: Request): boolean {
  return isPreflightOf(request.method, (name) => request.headers.get(name) ?? undefined);
}

/** The answer to a rejection, in the format of the auth, and to a CORS preflight; undefined for other errors. */
export function refusal(error: unknown): Response | undefined {
  if (!(error instanceof AuthError)) return undefined;
  const { status, headers, body } = error.reply;
  return new Response(body === "" ? null : body, { status, headers: { ...headers } });
}
