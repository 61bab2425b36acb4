import type { MaybePromise } from "../types.ts";

/** A public key, imported once for one algorithm. */
export interface VerifyKey {
  readonly algorithm: string;
}

/**
 * The cryptography that core needs. `node.ts` answers at once, `web.ts` by promise; package.json's `imports` picks
 * one as `#crypto`. Text is taken as UTF-8.
 */
export interface Primitives {
  sha256Hex(data: Uint8Array | string): MaybePromise<string>;
  /** @param text one byte a character: what servers make of header bytes */
  sha256HexOfLatin1(text: string): MaybePromise<string>;
  hmacSha256(key: Uint8Array | string, data: Uint8Array | string): MaybePromise<Uint8Array>;
  /**
   * Whether this is the HMAC, compared in constant time.
   * @param hmac 64 hexadecimal digits in lower case
   */
  verifyHmacSha256(key: Uint8Array, data: string, hmac: string): MaybePromise<boolean>;
  /** In constant time; false for different lengths. */
  equal(a: string, b: string): boolean;
  /** @param size in bytes: the text has two digits for each */
  randomHex(size: number): string;
  randomUUID(): string;
  /** @param text base64url without padding, which the caller has checked: other characters are not told */
  decodeBase64url(text: string): Uint8Array;
  /**
   * @param jwk the members that make a public key and no others: its use and operations have been checked
   * @param algorithm an asymmetric one of RFC 7518 or RFC 8037
   * @throws if the key is private, malformed, not on its curve, or not for the algorithm
   */
  importVerifyKey(jwk: Readonly<Record<string, unknown>>, algorithm: string): MaybePromise<VerifyKey>;
  /** Checks a JWS signature (RFC 7515 §5.2) over the signing input. */
  verifySignature(key: VerifyKey, signingInput: string, signature: Uint8Array): MaybePromise<boolean>;
}
