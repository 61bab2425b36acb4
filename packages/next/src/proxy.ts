import type { IdentityBase } from "@authmodes/core";
import { carriesCredentials } from "@authmodes/core/adapter";
import { isPreflight, refusal } from "@authmodes/core/fetch";
import type { NextRequest } from "next/server.js";
import type { LazyAuth } from "./source.ts";
import { nextView } from "./view.ts";

/** For `proxy.ts`: the answer to a request without credentials, undefined for requests that may go on. */
export type OptimisticCheck = (request: NextRequest) => Promise<Response | undefined>;

/**
 * Rejects requests without any credentials before a page is rendered: visitors are redirected to `signIn`, other clients
 * get the rejection. It verifies nothing: `withAuth`, `allow`, `identity` and `access` guard.
 */
export function createProxy<I extends IdentityBase>(
  source: LazyAuth<I>,
  signIn: string | undefined,
): OptimisticCheck {
  return async function proxy(request) {
    const auth = source.get();
    const { pathname } = request.nextUrl;
    const view = nextView(request, auth.publicUrl);
    const passes = auth.modes.includes("none") || isPreflight(request) || pathname === signIn;
    if (passes || carriesCredentials(auth, view)) return undefined;
    if (signIn !== undefined && isVisit(request)) {
      const url = request.nextUrl.clone();
      url.pathname = signIn;
      url.search = new URLSearchParams({ next: pathname + request.nextUrl.search }).toString();
      return new Response(null, { status: 307, headers: { Location: url.href } });
    }
    return auth.authenticate(view).then(() => undefined, refused);
  };
}

function refused(error: unknown): Response {
  const response = refusal(error);
  if (response === undefined) throw error;
  return response;
}

/** Whether a browser asks for a page. */
function isVisit({ method, headers }: NextRequest): boolean {
  const isRead = method === "GET" || method === "HEAD";
  return isRead && (headers.get("accept")?.includes("text/html") === true || headers.has("rsc"));
}
