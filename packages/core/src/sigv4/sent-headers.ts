import type { RequestView } from "../types.ts";
import { canonicalValue } from "./canonical.ts";
import { malformed } from "./refusals.ts";

/** Canonical values by lower-case name, repeats joined as they are signed. */
export type SentHeaders = ReadonlyMap<string, string>;

/** Of these Node's `headers` keep the first: repeated, the application would see another value than the signed one. */
const keptOnce: ReadonlySet<string> = new Set([
  "age",
  "content-length",
  "content-type",
  "etag",
  "expires",
  "from",
  "if-modified-since",
  "if-unmodified-since",
  "last-modified",
  "location",
  "max-forwards",
  "proxy-authorization",
  "referer",
  "retry-after",
  "server",
  "user-agent",
]);

/**
 * Reads the headers that matter to a signature: those that it names, all of its protocol, and others by name.
 * @throws AuthError `credentials_malformed` where one is repeated that has to be one
 */
export function readHeaders(
  { rawHeaders, host }: RequestView,
  signedHeaders: readonly string[],
  others: readonly string[],
): SentHeaders {
  const sent = new Map<string, string>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const lower = (rawHeaders[i] ?? "").toLowerCase();
    const name = lower === ":authority" ? "host" : lower;
    if (!isProtocol(name) && !signedHeaders.includes(name) && !others.includes(name)) continue;
    const value = canonicalValue(rawHeaders[i + 1] ?? "");
    const before = sent.get(name);
    if (before !== undefined && (isProtocol(name) || keptOnce.has(name))) {
      throw malformed("header_repeated", "A header of the signature is repeated.", `${name} is repeated`);
    }
    sent.set(name, before === undefined ? value : `${before},${value}`);
  }
  // What the client was told to use: behind a proxy it may differ from what arrived.
  if (host !== undefined) sent.set("host", canonicalValue(host));
  return sent;
}

/** What a signature is read from. */
function isProtocol(name: string): boolean {
  return name.startsWith("x-amz-") || name === "host" || name === "authorization" || name === "date";
}
