import { InputError } from "./access.ts";
import type { Auth } from "./auth.ts";
import { isPreflight as isPreflightOf } from "./cors.ts";
import { AuthError } from "./error.ts";
import { fetchView } from "./fetch-view.ts";
import { checkAuth } from "./requirements.ts";
import type { IdentityBase, Requirements } from "./types.ts";

// For every server that hands on a Request and takes a Response: Hono, Bun, Deno, workers.

export { createAllow } from "./fetch-allow.ts";
export type { Allow, AllowedHandler, AllowOptions } from "./fetch-allow.ts";
export { fetchView } from "./fetch-view.ts";
export type { FetchViewOptions } from "./fetch-view.ts";
export { KeptViews } from "./kept-views.ts";

/**
 * Who calls. The request is verified once: asking again, also of a narrowed auth, reuses what was found.
 * CORS preflights carry no credentials, so they have to be answered, or let pass with `isPreflight`, before.
 * @throws AuthError, with the answer to send: see `refusal`; TypeError if `needs` would guard nothing
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
 * Who calls, where `authenticate` let this request pass before.
 * @throws AuthError `credentials_missing` where none did: it never returns nobody
 */
export function getIdentity<I extends IdentityBase>(request: Request, auth: Auth<I>): I {
  const identity = auth.identity(fetchView(request, auth.publicUrl));
  if (identity !== undefined) return identity;
  throw new AuthError("credentials_missing", "not_authenticated", {
    detail: "getIdentity() was called for a request that no authenticate() of this auth let pass",
  });
}

/** A CORS preflight: browsers send it without credentials. */
export function isPreflight(request: Request): boolean {
  return isPreflightOf(request.method, (name) => request.headers.get(name) ?? undefined);
}

/** The answer to a refusal, in the format of the auth, and to a body that is no input; undefined for other errors. */
export function refusal(error: unknown): Response | undefined {
  if (error instanceof AuthError) {
    const { status, headers, body } = error.reply;
    return new Response(body, { status, headers: { ...headers } });
  }
  if (!(error instanceof InputError)) return undefined;
  const { status, message: detail } = error;
  const problem = { type: "about:blank", title: "Bad Request", status, detail };
  return new Response(JSON.stringify(problem), {
    status,
    headers: { "Content-Type": "application/problem+json", "Cache-Control": "no-store" },
  });
}
