import { type HttpHosts, mayLead, httpUrl } from "../lib/urls.ts";
import { must } from "../lib/options.ts";

/** The call, in errors. */
export const where = "createAuthFetch()";

/** A request of one hop. Credentials are added when it is sent. */
export interface Outgoing {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** Bytes can be sent again, a stream cannot. */
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | undefined;
}

/**
 * Reads a request once, so that every hop and retry sends the same. Its body becomes bytes, unless it is a stream.
 * @param given the body that the request was made with; undefined for the body of another `Request`, which may be a stream
 */
export async function outgoing(request: Request, given: RequestInit["body"]): Promise<Outgoing> {
  const { method, headers, body } = request;
  const url = new URL(request.url);
  if (body === null) return { method, url, headers, body: undefined };
  if (given === undefined || given === null || isStream(given)) return { method, url, headers, body };
  return { method, url, headers, body: new Uint8Array(await request.arrayBuffer()) };
}

function isStream(given: NonNullable<RequestInit["body"]>): boolean {
  return given instanceof ReadableStream || (typeof given === "object" && Symbol.asyncIterator in given);
}

// Redirects by "HTTP-redirect fetch" of the Fetch standard, with one more rule: another origin gets none of the secret
// headers, not just no `Authorization`.

export const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** They describe the body, and are dropped with it. */
const bodyHeaders: readonly string[] = [
  "content-encoding",
  "content-language",
  "content-length",
  "content-location",
  "content-type",
];

/**
 * Returns the next hop.
 * @param secretHeaders names of headers that another origin must not see
 * @throws TypeError, as fetch does, if the redirect cannot be followed; it does not quote the location
 */
export function redirected(
  hop: Outgoing,
  status: number,
  location: string,
  secretHeaders: Iterable<string>,
  allowInsecureHttp: HttpHosts,
): Outgoing {
  const url = locationUrl(location, hop.url);
  must(
    mayLead(hop.url, url, allowInsecureHttp),
    `${where}: a redirect leads from a protected connection to plain http`,
  );
  must(
    status === 303 || !(hop.body instanceof ReadableStream),
    `${where}: a redirect (${status}) asks for a streamed body to be sent again`,
  );
  const toGet = becomesGet(status, hop.method);
  const headers = new Headers(hop.headers);
  if (toGet) for (const name of bodyHeaders) headers.delete(name);
  if (url.origin !== hop.url.origin) for (const name of secretHeaders) headers.delete(name);
  return toGet ? { method: "GET", url, headers, body: undefined } : { ...hop, url, headers };
}

function locationUrl(location: string, base: URL): URL {
  const url = httpUrl(location, base);
  must(url !== undefined, `${where}: a redirect leads to something other than an http or https URL`);
  must(
    url.username === "" && url.password === "",
    `${where}: a redirect leads to a URL with a user name or password`,
  );
  return url;
}

function becomesGet(status: number, method: string): boolean {
  if (status === 303) return method !== "GET" && method !== "HEAD";
  return (status === 301 || status === 302) && method === "POST";
}
