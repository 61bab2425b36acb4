import { type HttpHosts, mayLead } from "../lib/insecure-http.ts";
import type { Outgoing } from "./outgoing.ts";

// Redirects by "HTTP-redirect fetch" of the Fetch standard, with one more rule: on the way to another origin all of
// the caller's own secrets stay behind, not `Authorization` alone.

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** They tell about a body and go with it. */
const bodyHeaders: readonly string[] = [
  "content-encoding",
  "content-language",
  "content-length",
  "content-location",
  "content-type",
];

export function isRedirect(status: number): boolean {
  return redirectStatuses.has(status);
}

/**
 * The next hop.
 * @param secretHeaders names of headers that belong to this origin alone
 * @throws TypeError, as fetch rejects with, for what cannot be followed; it does not quote the location
 */
export function redirected(
  hop: Outgoing,
  status: number,
  location: string,
  secretHeaders: Iterable<string>,
  allowInsecureHttp: HttpHosts,
): Outgoing {
  const url = locationUrl(location, hop.url);
  if (!mayLead(hop.url, url, allowInsecureHttp)) {
    throw new TypeError("createAuthFetch(): a redirect leads from a protected connection to plain http");
  }
  if (status !== 303 && hop.body instanceof ReadableStream) {
    throw new TypeError(
      `createAuthFetch(): a redirect (${status}) asks for a streamed body to be sent again`,
    );
  }
  const toGet = becomesGet(status, hop.method);
  const headers = new Headers(hop.headers);
  if (toGet) for (const name of bodyHeaders) headers.delete(name);
  if (url.origin !== hop.url.origin) for (const name of secretHeaders) headers.delete(name);
  return toGet ? { method: "GET", url, headers, body: undefined } : { ...hop, url, headers };
}

function locationUrl(location: string, base: URL): URL {
  const url = URL.canParse(location, base.href) ? new URL(location, base) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new TypeError("createAuthFetch(): a redirect leads to what is no http or https URL");
  }
  if (url.username !== "" || url.password !== "") {
    throw new TypeError("createAuthFetch(): a redirect leads to a URL with a user name or password");
  }
  return url;
}

function becomesGet(status: number, method: string): boolean {
  if (status === 303) return method !== "GET" && method !== "HEAD";
  return (status === 301 || status === 302) && method === "POST";
}
