import type { MaybePromise } from "../types.ts";

/** A public key, imported once for one algorithm. */
export interface VerifyKey {
  readonly algorithm: string;
}

/**
 * The cryptography that core needs. `node.ts` is synchronous, `web.ts` returns promises; `imports` of package.json picks
 * one of them as `#crypto`. Text is encoded as UTF-8.
 */
export interface Primitives {
  sha256Hex(data: Uint8Array | string): MaybePromise<string>;
  /**
   * @param text with one character for each byte, as servers decode headers. Text with others, which code that builds
   *   requests by hand may set, is hashed as UTF-8: cut to bytes it would pass for another text.
   */
  sha256HexOfLatin1(text: string): MaybePromise<string>;
  hmacSha256(key: Uint8Array | string, data: Uint8Array | string): MaybePromise<Uint8Array>;
  /**
   * Whether this is the HMAC, compared in constant time.
   * @param hmac 64 hexadecimal digits in lower case
   */
  verifyHmacSha256(key: Uint8Array, data: string, hmac: string): MaybePromise<boolean>;
  /** Compares in constant time; false for different lengths. */
  equal(a: string, b: string): boolean;
  /** @param size in bytes; the text has twice as many digits */
  randomHex(size: number): string;
  randomUUID(): string;
  /** @param text base64url without padding; check it before, since other characters are ignored */
  decodeBase64url(text: string): Uint8Array;
  /**
   * @param jwk the members of a public key only; its use and operations have been checked
   * @param algorithm an asymmetric one of RFC 7518 or RFC 8037
   * @throws if the key is private, malformed, not on its curve, or not for the algorithm
   */
  importVerifyKey(jwk: Readonly<Record<string, unknown>>, algorithm: string): MaybePromise<VerifyKey>;
  /**
   * Returns the JWK of a public key in PEM (SubjectPublicKeyInfo, RFC 7468 §13).
   * @throws if it is none, or of a type without a JWK
   */
  publicJwk(pem: string): MaybePromise<Readonly<Record<string, unknown>>>;
  /** Checks a JWS signature (RFC 7515 §5.2) over the signing input. */
  verifySignature(key: VerifyKey, signingInput: string, signature: Uint8Array): MaybePromise<boolean>;
}

export function isPublicPem(text: string): boolean {
  return /^\s*-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----\s*$/.test(text);
}

export const notPublicPem = "it is not a public key in PEM: -----BEGIN PUBLIC KEY-----";

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
