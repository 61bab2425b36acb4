import { crypto } from "#crypto";
import { type JsonObject, parseObject } from "../lib/json.ts";
import { memoized } from "../lib/cache.ts";
import { isJwtShaped } from "../auth/credentials.ts";
import type { Claims } from "../identity.ts";

/** A parsed token (RFC 7515 §3.1), not yet verified. */
export interface ParsedToken {
  readonly header: TokenHeader;
  readonly claims: Claims;
  readonly signingInput: string;
  readonly signature: Uint8Array;
}

export interface TokenHeader {
  readonly alg: string;
  readonly kid: string | undefined;
  readonly typ: string | undefined;
  /** The load balancer that signed the token, and its client at the issuer; undefined for tokens of an issuer. */
  readonly balanced?: { readonly url: string; readonly client: string };
}

/** Why a text is not a token that can be verified: the reason and detail of the rejection. */
export interface Flaw {
  readonly reason: string;
  readonly detail: string;
}

export type Reading = ParsedToken | Flaw;

/** Returns undefined for text without the shape of a token. */
export type ReadToken = (text: string, maxLength: number) => Reading | undefined;

/** In characters. Cognito's tokens are far below it, and so are the header limits of most servers. */
export const defaultTokenLength = 8192;

let last: { readonly text: string; readonly reading: Reading | undefined } | undefined;

/**
 * Parses a token, once for all modes of a request.
 * @returns undefined for text without the shape of a token
 */
export function readToken(text: string, maxLength: number = defaultTokenLength): Reading | undefined {
  if (text.length > maxLength) return isJwtShaped(text) ? tooLarge(text, maxLength) : undefined;
  if (last?.text !== text) {
    const reading = parseToken(text);
    // The shape is checked only if parsing failed.
    last = { text, reading: isFlaw(reading) && !isJwtShaped(text) ? undefined : reading };
  }
  return last.reading;
}

export function isFlaw(reading: object): reading is Flaw {
  return "reason" in reading;
}

export function malformed(what: string): Flaw {
  return { reason: "token_malformed", detail: `the token is malformed: ${what}` };
}

export function tooLarge({ length }: string, maxLength: number): Flaw {
  const detail = `the token has ${length} characters, more than ${maxLength}; maxTokenLength raises the limit`;
  return { reason: "token_too_large", detail };
}

function parseToken(text: string): Reading {
  const headerEnd = text.indexOf(".");
  const claimsEnd = text.lastIndexOf(".");
  if (headerEnd === claimsEnd) return malformed("it has fewer than three parts");
  const header = readHeader(text.slice(0, headerEnd));
  if (isFlaw(header)) return header;
  const claims = decodeObject(text.slice(headerEnd + 1, claimsEnd));
  if (claims === undefined) return malformed("its claims are not an object of JSON in base64url");
  const signature = decode(text.slice(claimsEnd + 1));
  if (signature === undefined) return malformed("its signature is not base64url");
  return { header, claims, signingInput: text.slice(0, claimsEnd), signature };
}

/** Cached, since the tokens of an issuer have the same few headers. */
const readHeader = memoized((part): TokenHeader | Flaw => {
  const header = decodeObject(part);
  if (header === undefined) return malformed("its header is not an object of JSON in base64url");
  const { alg, kid, typ, crit } = header;
  if (typeof alg !== "string") return malformed("its header names no algorithm");
  if (kid !== undefined && typeof kid !== "string") return malformed("its key id is not text");
  if (typ !== undefined && typeof typ !== "string") return malformed("its type is not text");
  // RFC 7515 §4.1.11: a critical extension must be understood, and we support none.
  if (crit !== undefined) {
    return { reason: "crit_unsupported", detail: "the token's header has critical extensions" };
  }
  return { alg, kid, typ };
});

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function decodeObject(part: string): JsonObject | undefined {
  const bytes = decode(part);
  if (bytes === undefined) return undefined;
  try {
    return parseObject(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}

/** The last characters whose bits beyond whole bytes are zero. */
const endsOfTwo = "AQgw";
const endsOfThree = "AEIMQUYcgkosw048";

/**
 * Decodes strictly (RFC 4648 §3.5, §5): no other characters, and zeros in the unused bits. Otherwise one signed token
 * could be written in several ways.
 */
export function decode(part: string): Uint8Array | undefined {
  const { length } = part;
  const end = part.slice(-1);
  if (length % 4 === 1) return undefined;
  if (length % 4 === 2 && !endsOfTwo.includes(end)) return undefined;
  if (length % 4 === 3 && !endsOfThree.includes(end)) return undefined;
  // Decoders accept the other alphabet too, and skip characters of neither.
  if (part.includes("+") || part.includes("/")) return undefined;
  const bytes = bytesOf(part);
  return bytes?.length === Math.floor((length * 3) / 4) ? bytes : undefined;
}

/** Decodes base64url; undefined for text that the runtime does not decode, and for other values. */
export function bytesOf(text: unknown): Uint8Array | undefined {
  try {
    return typeof text === "string" ? crypto.decodeBase64url(text) : undefined;
  } catch {
    return undefined;
  }
}
