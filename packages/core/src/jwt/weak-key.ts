import { crypto } from "#crypto";
import type { JsonObject } from "./json.ts";

/** RFC 7518 §3.3 and NIST SP 800-131A: shorter RSA keys can be factored. */
const minRsaBits = 2048;
/** OpenSSL verifies with none larger. */
const maxRsaBits = 16_384;
/** NIST SP 800-56B §6.2.1: below it, forging a signature can be a matter of taking a root. */
const minExponent = 65_537n;
/** OpenSSL verifies with none larger if the modulus is over 3072 bits. */
const maxExponentBits = 64;

/** The members of RFC 7518 §6.2.2, §6.3.2 and §6.4 and RFC 8037 §2 that are secret, and `priv` of newer types. */
const privateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] as const;

/**
 * The y coordinates, as hexadecimal digits with the sign of x cleared, of all encodings of the eight points of small
 * order on edwards25519 (RFC 8032 §5.1.2): 0, 1, -1, the two of order 8, and 0 and 1 written as p and p + 1. Signatures
 * of such a key can be made without its private half.
 */
const smallOrder: ReadonlySet<string> = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);

/**
 * Why others than the issuer may be able to sign with a key of its set; undefined if nothing is known against it.
 * The text holds no key material.
 */
export function weaknessOf(jwk: JsonObject): string | undefined {
  if (jwk["kty"] === "oct") return "it is a shared secret";
  const secret = privateMembers.find((name) => Object.hasOwn(jwk, name));
  if (secret !== undefined) return `it is published with its private part ('${secret}')`;
  if (jwk["kty"] === "RSA") return weakRsa(bytesOf(jwk["n"]), bytesOf(jwk["e"]));
  if (jwk["crv"] === "Ed25519") return weakEd25519(bytesOf(jwk["x"]));
  return undefined;
}

function weakRsa(modulus: Uint8Array | undefined, exponent: Uint8Array | undefined): string | undefined {
  if (modulus === undefined || exponent === undefined) return undecodable;
  const bits = bitLength(modulus);
  if (bits < minRsaBits) return `its RSA modulus has ${bits} bits, fewer than ${minRsaBits}`;
  if (bits > maxRsaBits) return `its RSA modulus has ${bits} bits, more than ${maxRsaBits}`;
  if (bitLength(exponent) > maxExponentBits) return `its RSA exponent has more than ${maxExponentBits} bits`;
  const value = BigInt(`0x0${hex(exponent)}`);
  if (value < minExponent || value % 2n === 0n)
    return `its RSA exponent is ${value}, not 65537 or an odd larger one`;
  return undefined;
}

function weakEd25519(point: Uint8Array | undefined): string | undefined {
  if (point === undefined) return undecodable;
  if (point.length !== 32) return undefined;
  const y = Uint8Array.from(point);
  y[31] = (y[31] ?? 0) & 0x7f;
  return smallOrder.has(hex(y)) ? "it is a point of small order" : undefined;
}

/** Some runtimes import a key although it has characters that base64url does not have. */
const undecodable = "it is not base64url, so its strength cannot be checked";

/** Undefined for what cannot be decoded. */
function bytesOf(text: unknown): Uint8Array | undefined {
  if (typeof text !== "string") return undefined;
  try {
    return crypto.decodeBase64url(text);
  } catch {
    return undefined;
  }
}

/** Of a big-endian number. */
function bitLength(bytes: Uint8Array): number {
  const first = bytes.findIndex((byte) => byte !== 0);
  if (first === -1) return 0;
  return (bytes.length - first) * 8 - Math.clz32(bytes[first] ?? 0) + 24;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
