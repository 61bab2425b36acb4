import { type HttpHosts, mayLead, httpUrl } from "../lib/insecure-http.ts";

/** What travels, one of these a hop. The headers are the caller's own: credentials are added when it is sent. */
export interface Outgoing {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** Bytes can be sent again, a stream cannot. */
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | undefined;
}

/**
 * Reads a request, its body into bytes unless it is a stream: once, so that every hop and retry sends the same.
 * @param given the body that the request was made with; without one it is that of another `Request`, of which nobody
 *   can tell what it was made from
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

/**
 * Reads a stream to its end.
 * @param aborted rejects when the caller loses interest
 * @throws TypeError over `maxBytes`, having read no further
 */
export async function readAhead(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  aborted: Promise<never>,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), aborted]);
      if (done) return concat(chunks, size);
      chunks.push(value);
      size += value.byteLength;
      if (size > maxBytes) {
        throw new TypeError(
          `createAuthFetch(): a streamed body to be signed is over ${maxBytes} bytes ('buffer')`,
        );
      }
    }
  } catch (error) {
    reader.cancel(error).catch(() => undefined);
    throw error;
  }
}

function concat(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return all;
}

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
  const url = httpUrl(location, base);
  if (url === undefined) {
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
