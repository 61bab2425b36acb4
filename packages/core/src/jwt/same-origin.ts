import type { RequestView } from "../types.ts";

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Whether credentials that a browser attached by itself may count. Reading needs no proof, since another site cannot
 * see the answer; anything else, and a WebSocket handshake, must come from a page of this server.
 */
export function mayCarryCookie(request: RequestView): boolean {
  const safe = safeMethods.has(request.method) && request.header("upgrade") === undefined;
  return safe || isSameOrigin(request);
}

/** What browsers say of where a request comes from; pages can change neither header. */
function isSameOrigin(request: RequestView): boolean {
  const site = request.header("sec-fetch-site");
  // It compares schemes too, which `Origin` beside `Host` cannot: where it is there, it decides.
  if (site !== undefined) return site === "same-origin";
  const origin = request.header("origin");
  if (origin === undefined || !URL.canParse(origin) || request.host === undefined) return false;
  const url = new URL(origin);
  if (url.protocol !== "https:" && url.protocol !== "http:") return false;
  const named = `${url.protocol}//${request.host}`;
  return URL.canParse(named) && new URL(named).host === url.host;
}
