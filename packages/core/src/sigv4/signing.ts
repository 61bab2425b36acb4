import { crypto } from "#crypto";
import { Cache } from "../lib/cache.ts";
import { after } from "../lib/promises.ts";
import type { MaybePromise } from "../types.ts";

export const algorithm = "AWS4-HMAC-SHA256";
export const terminator = "aws4_request";
/** SHA-256 of an empty body. */
export const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** SHA-256 of a body in hexadecimal digits, without a promise for an empty one. */
export function bodyHash(body: Uint8Array | undefined): MaybePromise<string> {
  return body === undefined || body.byteLength === 0 ? emptyHash : crypto.sha256Hex(body);
}

/** A week, the longest that AWS gives a presigned request. */
export const maxPresignedSeconds = 604_800;

/** The credential scope: the day, region and service that a signature is valid for. */
export interface Scope {
  /** `YYYYMMDD`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly term: string;
}

export function scopeText({ date, region, service, term }: Scope): string {
  return `${date}/${region}/${service}/${term}`;
}

/**
 * Returns the string to sign.
 * @param date `YYYYMMDDTHHMMSSZ`
 * @param canonical see `canonicalText`
 */
export function stringToSign(date: string, scope: Scope, canonical: string): MaybePromise<string> {
  // A character is a byte here: in UTF-8 it would be other bytes than on the wire.
  return after(
    crypto.sha256HexOfLatin1(canonical),
    (hash) => `${algorithm}\n${date}\n${scopeText(scope)}\n${hash}`,
  );
}

export function deriveSigningKey(secretAccessKey: string, scope: Scope): MaybePromise<Uint8Array> {
  const { date, region, service, term } = scope;
  const derive = (key: MaybePromise<Uint8Array>, part: string) =>
    after(key, (bytes) => crypto.hmacSha256(bytes, part));
  return [region, service, term].reduce(derive, crypto.hmacSha256(`AWS4${secretAccessKey}`, date));
}

interface Entry {
  readonly secretAccessKey: string;
  readonly signingKey: Uint8Array;
}

/**
 * Caches derived keys: deriving one takes longer than the rest of a verification. It holds only known keys, in accepted
 * scopes, so callers cannot fill it.
 */
export class SigningKeys {
  readonly #entries: Cache<Entry>;

  /** @param limit how many are cached */
  constructor(limit: number) {
    this.#entries = new Cache(limit);
  }

  /** @param credential access key id, date, region, service: `AKID/20150830/us-east-1/execute-api/aws4_request` */
  get(credential: string, secretAccessKey: string, scope: Scope): MaybePromise<Uint8Array> {
    const entry = this.#entries.get(credential);
    // A secret may be rotated.
    if (entry?.secretAccessKey === secretAccessKey) return entry.signingKey;
    return after(deriveSigningKey(secretAccessKey, scope), (signingKey) => {
      this.#entries.set(credential, { secretAccessKey, signingKey });
      return signingKey;
    });
  }
}

/** `YYYYMMDDTHHMMSSZ`, the form of `X-Amz-Date`. @param time milliseconds since 1970 */
export function formatAmzDate(time: number): string {
  const iso = new Date(time).toISOString();
  return `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}Z`;
}

/**
 * Milliseconds since 1970; undefined unless the text has exactly that form and is a date of the calendar: `Date` would
 * read the 30th of February as a day in March.
 */
export function parseAmzDate(text: string): number | undefined {
  if (text.length !== 16 || text[8] !== "T" || text[15] !== "Z") return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 4, 6) - 1;
  const day = digits(text, 6, 8);
  const hour = digits(text, 9, 11);
  const minute = digits(text, 11, 13);
  const second = digits(text, 13, 15);
  const inYear = year >= 1970 && month >= 0 && month <= 11;
  const inMonth = day >= 1 && (day <= 28 || Date.UTC(year, month, day) < Date.UTC(year, month + 1, 1));
  const inDay = hour <= 23 && minute <= 59 && second <= 59;
  return inYear && inMonth && inDay ? Date.UTC(year, month, day, hour, minute, second) : undefined;
}

/** NaN if one is not a digit: then every comparison is false. */
function digits(text: string, from: number, to: number): number {
  let number = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48;
    number = digit >= 0 && digit <= 9 ? number * 10 + digit : Number.NaN;
  }
  return number;
}

/** Milliseconds since 1970 of a `Date` header (RFC 9110 §5.6.7, only the preferred form); undefined for other text. */
export function parseHttpDate(text: string): number | undefined {
  const time = Date.parse(text);
  return Number.isNaN(time) || new Date(time).toUTCString() !== text ? undefined : time;
}
