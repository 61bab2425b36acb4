import type { IdentityBase, PublicUrl, RequestView } from "@authmodes/core";
import { carriesCredentials } from "@authmodes/core/adapter";
import { isPreflight } from "@authmodes/core/fetch";
import type { NextRequest } from "next/server.js";
import type { LazyAuth } from "./next-auth.ts";
import { answered } from "./route.ts";
import { nextView } from "./view.ts";

/** For `proxy.ts`: the answer to a request without credentials, undefined for requests that may go on. */
export type OptimisticCheck = (request: NextRequest) => Promise<Response | undefined>;

/**
 * Rejects requests without any credentials before a page is rendered: visitors are redirected to `signIn`, other clients
 * get the rejection. It verifies nothing: `withAuth`, `withApiAuth`, `allow`, `identity` and `access` guard.
 */
export function createProxy<I extends IdentityBase>(
  source: LazyAuth<I>,
  signIn: string | undefined,
): OptimisticCheck {
  return async function proxy(request) {
    const auth = source.get();
    const { pathname } = request.nextUrl;
    const view = nextView(request, auth.publicUrl);
    // With `trailingSlash` in next.config.
    const isSignIn = signIn !== undefined && (pathname === signIn || pathname === `${signIn}/`);
    const passes = auth.modes.includes("none") || isPreflight(request) || isSignIn;
    if (passes || carriesCredentials(auth, view)) return undefined;
    if (signIn !== undefined && isVisit(view)) {
      const url = request.nextUrl.clone();
      url.pathname = signIn;
      // Two slashes would lead a page that redirects to `next` to another site. Next merges them before, other hosts may not.
      const next = pathname.replace(/^[/\\]+/, "/") + request.nextUrl.search;
      url.search = new URLSearchParams({ next }).toString();
      return new Response(null, { status: 307, headers: { Location: publicHref(url, auth.publicUrl) } });
    }
    return auth.authenticate(view).then(
      () => undefined,
      (error: unknown) => answered(request, error),
    );
  };
}

/** Behind a proxy, Next's URL has the host by which the proxy calls this server. Next accepts no relative redirect. */
function publicHref({ href, origin }: NextRequest["nextUrl"], publicUrl: PublicUrl | undefined): string {
  return publicUrl === undefined ? href : publicUrl.origin + publicUrl.prefix + href.slice(origin.length);
}

/** Sent by Next's router in a browser, which asks for the parts of a page. */
const ofRouter = new Set(["rsc", "next-url", "x-nextjs-data"]);

/** Whether a browser asks for a page. Next hides `rsc` from a proxy, so it is looked for in what the client sent. */
function isVisit(view: RequestView): boolean {
  if (view.method !== "GET" && view.method !== "HEAD") return false;
  if (view.header("accept")?.includes("text/html") === true) return true;
  return view.rawHeaders.some((name, at) => at % 2 === 0 && ofRouter.has(name.toLowerCase()));
}
