import { crypto } from "#crypto";
import { after } from "../lib/is-promise.ts";
import type { MaybePromise } from "../types.ts";
import type { SignedNames } from "./claim.ts";

export const algorithm = "AWS4-HMAC-SHA256";
export const terminator = "aws4_request";
/** SHA-256 of no bytes. */
export const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/** A week, the longest that AWS gives a presigned request. */
export const maxPresignedSeconds = 604_800;

/** What the credential scope says: where and when a signature is good. */
export interface Scope {
  /** `YYYYMMDD`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly term: string;
}

/** A request in the one spelling that both sides hash; each part already canonical. */
export interface CanonicalRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly signed: Pick<SignedNames, "names" | "text">;
  /** Their values in the same order, as `canonicalValue` makes them. */
  readonly values: readonly (string | undefined)[];
  /** SHA-256 of the body, or a word in its place. */
  readonly payload: string;
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html "Create a canonical request" */
export function canonicalText(request: CanonicalRequest): string {
  const { method, path, query, signed, values, payload } = request;
  const { names, text } = signed;
  let lines = "";
  for (let i = 0; i < names.length; i++) lines += `${names[i]}:${values[i] ?? ""}\n`;
  return `${method}\n${path}\n${query}\n${lines}\n${text}\n${payload}`;
}

/** A header's value: trimmed, runs of spaces made one, inside quotes too. */
export function canonicalValue(value: string): string {
  return isPlain(value) ? value : value.replace(/[\t-\r ]+/g, " ").replace(/^ | $/g, "");
}

/** Nearly every value; tokens are long, and looking for a pattern is ten times as dear as looking for a letter. */
function isPlain(value: string): boolean {
  return !(
    value.startsWith(" ") ||
    value.endsWith(" ") ||
    value.includes("  ") ||
    value.includes("\t") ||
    value.includes("\n")
  );
}

export function scopeText({ date, region, service, term }: Scope): string {
  return `${date}/${region}/${service}/${term}`;
}

/**
 * What is signed.
 * @param date `YYYYMMDDTHHMMSSZ`
 * @param canonical see `canonicalText`
 */
export function stringToSign(date: string, scope: Scope, canonical: string): MaybePromise<string> {
  // Header bytes are characters here: as UTF-8 they would be others than those on the wire.
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
