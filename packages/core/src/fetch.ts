import { Adapter } from "./adapter/adapter.ts";
import type { Auth } from "./auth/auth.ts";
import { checkAuth } from "./auth/requirements.ts";
import { AuthError } from "./refusal/error.ts";
import { isPreflight as isPreflightOf } from "./refusal/preflight.ts";
import { fetchView } from "./request/fetch-view.ts";
import type { IdentityBase, Requirements } from "./types.ts";

// For servers whose handlers take a Request and return a Response: Hono, Bun, Deno, workers.

export { createAllow } from "./adapter/fetch-allow.ts";
export type { Allow, AllowedHandler, AllowOptions } from "./adapter/fetch-allow.ts";
export { fetchView } from "./request/fetch-view.ts";

const adapter = new Adapter<Request>(fetchView);
const identityMistake =
  "getIdentity() was called, but no authenticate() of this auth ran: await authenticate(auth, request) before it";

/**
 * Verifies the request and returns its caller. A request is verified once: later calls, also of a restricted copy of the
 * auth, reuse the result. CORS preflights are never authenticated; mount a CORS middleware before.
 * @throws AuthError, with the answer to send (see `refusal`): a rejection, or for a CORS preflight a 204 without a body,
 *   so that no handler runs. With `preflight: "pass"`, call `isPreflight` first: a preflight that comes here is then
 *   verified like any request
 * @throws TypeError if `needs` would guard nothing
 * @example
 * import { createAuth, oidc } from "@authmodes/core";
 * import { authenticate, refusal } from "@authmodes/core/fetch";
 *
 * const auth = createAuth([oidc({ issuer: "https://id.example.com", audience: "https://api.example.com" })]);
 * export async function handler(request: Request): Promise<Response> {
 *   try {
 *     const caller = await authenticate(auth, request, { scopes: ["orders/read"] });
 *     return Response.json({ hello: caller.sub });
 *   } catch (error) {
 *     return refusal(error) ?? new Response(null, { status: 500 });
 *   }
 * }
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
 * Returns the caller that `authenticate` accepted for this request.
 * @throws AuthError `misconfigured` if no `authenticate` of this auth ran before; the rejection if it rejected the
 *   request
 * @example
 * import { type Auth } from "@authmodes/core";
 * import { getIdentity } from "@authmodes/core/fetch";
 *
 * export function hello(request: Request, auth: Auth): Response {
 *   return new Response(`Hello ${getIdentity(request, auth).id ?? "stranger"}`);
 * }
 */
export function getIdentity<I extends IdentityBase>(request: Request, auth: Auth<I>): I {
  return adapter.identity(request, auth, identityMistake);
}

/**
 * Whether this is a CORS preflight, which browsers send without credentials. Any client can send one.
 * @example
 * import { isPreflight } from "@authmodes/core/fetch";
 *
 * const request = new Request("https://api.example.com/", { method: "OPTIONS" });
 * console.log(isPreflight(request)); // false: it has neither Origin nor Access-Control-Request-Method
 */
export function isPreflight(request: Request): boolean {
  return isPreflightOf(request.method, (name) => request.headers.get(name) ?? undefined);
}

/**
 * Returns the answer to a rejection, in the format of the auth, or to a CORS preflight; undefined for other errors.
 * @example
 * import { refusal } from "@authmodes/core/fetch";
 *
 * export function onError(error: unknown): Response {
 *   return refusal(error) ?? new Response("Internal Server Error", { status: 500 });
 * }
 */
export function refusal(error: unknown): Response | undefined {
  if (!(error instanceof AuthError)) return undefined;
  const { status, headers, body } = error.reply;
  return new Response(body === "" ? null : body, { status, headers: { ...headers } });
}
