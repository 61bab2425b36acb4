import type { RequestView } from "../types.ts";

// Whether a request may use credentials that its sender did not add itself: a browser adds cookies, and proxies add the
// token of a session that they keep in a cookie.

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Whether credentials that a browser attached by itself may be used. Reading needs no proof, since another site cannot
 * see the answer; any other request, and a WebSocket handshake, must come from a page of this server.
 */
export function mayCarryCookie(request: RequestView): boolean {
  const safe = safeMethods.has(request.method) && request.header("upgrade") === undefined;
  return safe || isSameOrigin(request);
}

/**
 * Whether a browser says that a page of another site caused the request. Other clients say nothing. Reading is excepted as
 * for cookies.
 */
export function isFromOtherSite(request: RequestView): boolean {
  if (mayCarryCookie(request)) return false;
  return request.header("sec-fetch-site") !== undefined || request.header("origin") !== undefined;
}

/** By the headers that browsers set and pages cannot change. */
function isSameOrigin(request: RequestView): boolean {
  const site = request.header("sec-fetch-site");
  // If present, it decides: it compares schemes too, which we cannot do with `Origin` and `Host`.
  if (site !== undefined) return site === "same-origin";
  const origin = request.header("origin");
  if (origin === undefined || !URL.canParse(origin) || request.host === undefined) return false;
  const url = new URL(origin);
  if (url.protocol !== "https:" && url.protocol !== "http:") return false;
  const named = `${url.protocol}//${request.host}`;
  return URL.canParse(named) && new URL(named).host === url.host;
}
