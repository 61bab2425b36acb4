import type { RequestView } from "../types.ts";
import { canonicalValue } from "./canonical.ts";
import type { SignedNames } from "./claim.ts";
import { malformed } from "./refusals.ts";

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

/** The headers that matter to a signature, read once: canonical values, repeats joined as they are signed. */
export class SentHeaders {
  /** In the order of the signed headers; undefined for one that was not sent. */
  readonly values: readonly (string | undefined)[];
  /** By name, as received: those of the protocol, and others that were asked for, that are not signed. */
  readonly unsigned: ReadonlyMap<string, string>;
  /** The place of each signed header in `values`. */
  readonly #places: ReadonlyMap<string, number>;

  /**
   * @param others names of headers that matter too
   * @throws AuthError `credentials_malformed` where one is repeated that has to be one
   */
  constructor(
    { rawHeaders, host }: RequestView,
    { names, places }: Pick<SignedNames, "names" | "places">,
    others: readonly string[],
  ) {
    const values = names.map((): string | undefined => undefined);
    const unsigned = new Map<string, string>();
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      const lower = (rawHeaders[i] ?? "").toLowerCase();
      const name = lower === ":authority" ? "host" : lower;
      const place = places.get(name);
      if (place === undefined && !isProtocol(name) && !others.includes(name)) continue;
      const before = place === undefined ? unsigned.get(name) : values[place];
      const value = rawHeaders[i + 1] ?? "";
      if (place === undefined) unsigned.set(name, before === undefined ? value : join(name, before, value));
      else
        values[place] =
          before === undefined ? canonicalValue(value) : join(name, before, canonicalValue(value));
    }
    // What the client was told to use: behind a proxy it may differ from what arrived.
    const place = places.get("host");
    if (place !== undefined && host !== undefined) values[place] = canonicalValue(host);
    this.values = values;
    this.unsigned = unsigned;
    this.#places = places;
  }

  get(name: string): string | undefined {
    const place = this.#places.get(name);
    if (place !== undefined) return this.values[place];
    const value = this.unsigned.get(name);
    return value === undefined ? undefined : canonicalValue(value);
  }
}

function join(name: string, before: string, value: string): string {
  if (isProtocol(name) || keptOnce.has(name)) {
    throw malformed("header_repeated", "A header of the signature is repeated.", `${name} is repeated`);
  }
  return `${before},${value}`;
}

/** What a signature is read from. */
function isProtocol(name: string): boolean {
  if (name.length === 4) return name === "host" || name === "date";
  return name.startsWith("x-amz-") || name === "authorization";
}
