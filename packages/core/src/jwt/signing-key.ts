import { crypto } from "#crypto";
import { hex, type VerifyKey } from "../crypto/primitives.ts";
import { printable } from "../lib/log.ts";
import type { MaybePromise } from "../types.ts";
import { algorithmsOf } from "./algorithms.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { refused } from "../refusal/error.ts";
import { bytesOf, type TokenHeader } from "./token.ts";

/** The members of a public key (RFC 7518 §6, RFC 8037 §2). No others are read. */
const publicMembers = { RSA: ["n", "e"], EC: ["crv", "x", "y"], OKP: ["crv", "x"] } as const;

/** A public key of a key set, for checking signatures. */
export class SigningKey {
  readonly kid: string | undefined;
  /** Two keys with the same fingerprint are the same key under the same name. */
  readonly fingerprint: string;
  readonly #algorithms: readonly string[];
  readonly #jwk: JsonObject;
  readonly #imported = new Map<string, MaybePromise<VerifyKey>>();

  constructor(jwk: JsonObject, kid: string | undefined, algorithms: readonly string[]) {
    this.kid = kid;
    this.#jwk = jwk;
    this.#algorithms = algorithms;
    this.fingerprint = JSON.stringify([kid, algorithms, jwk]);
  }

  fits(algorithm: string): boolean {
    return this.#algorithms.includes(algorithm);
  }

  /** Imports the key on first use, once for each algorithm. */
  imported(algorithm: string): MaybePromise<VerifyKey> {
    const known = this.#imported.get(algorithm) ?? crypto.importVerifyKey(this.#jwk, algorithm);
    this.#imported.set(algorithm, known);
    return known;
  }
}

/**
 * Reads a JWK (RFC 7517 §4); undefined for keys that others may be able to sign with, for keys with another purpose, such
 * as encryption, and for anything else that cannot verify a signature.
 */
export function signingKeyOf(jwk: unknown): SigningKey | undefined {
  if (!isObject(jwk) || !isForSignatures(jwk) || weaknessOf(jwk) !== undefined) return undefined;
  const { kty, alg, kid } = jwk;
  if (kid !== undefined && typeof kid !== "string") return undefined;
  if (kty !== "RSA" && kty !== "EC" && kty !== "OKP") return undefined;
  const members = publicMembers[kty];
  if (members.some((name) => typeof jwk[name] !== "string")) return undefined;
  const algorithms = algorithmsOf(kty, jwk["crv"]).filter((name) => alg === undefined || alg === name);
  if (algorithms.length === 0) return undefined;
  const publicJwk = Object.fromEntries([["kty", kty], ...members.map((name) => [name, jwk[name]])]);
  return new SigningKey(publicJwk, kid, algorithms);
}

/** The keys for signatures of a set that are skipped for a weakness, with the reason, for people. */
export function weakKeysOf(jwks: readonly unknown[]): readonly string[] {
  return jwks.filter(isObject).flatMap((jwk) => {
    const weakness = isForSignatures(jwk) ? weaknessOf(jwk) : undefined;
    if (weakness === undefined) return [];
    const { kid } = jwk;
    return [`${typeof kid === "string" ? `'${printable(kid, 80)}'` : "a key"}: ${weakness}`];
  });
}

function isForSignatures({ use, key_ops: operations }: JsonObject): boolean {
  if (use !== undefined && use !== "sig") return false;
  return operations === undefined || (Array.isArray(operations) && operations.includes("verify"));
}

/** Under one `kid`, for one algorithm: each costs a verification. */
export const maxTwins = 4;

/**
 * Returns the keys that a header can mean; none if a newer set may have one.
 * @throws AuthError if no newer set would help
 */
export function pickKeys(keys: readonly SigningKey[], { kid, alg }: TokenHeader): readonly SigningKey[] {
  const fitting = keys.filter((key) => (kid === undefined || key.kid === kid) && key.fits(alg));
  if (fitting.length <= 1) return fitting;
  if (kid === undefined) {
    throw refused("kid_missing", `the token names no key, and the set has ${fitting.length} for ${alg}`);
  }
  if (fitting.length > maxTwins) {
    throw refused("kid_ambiguous", `the key set has ${fitting.length} keys '${kid}' for ${alg}`);
  }
  return fitting;
}

/** RFC 7518 §3.3 and NIST SP 800-131A: shorter RSA keys can be factored. */
const minRsaBits = 2048;
/** OpenSSL's limit. */
const maxRsaBits = 16_384;
/** NIST SP 800-56B §6.2.1: below it, forging a signature can be a matter of taking a root. */
const minExponent = 65_537n;
/** OpenSSL's limit for a modulus over 3072 bits. */
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

/** Some runtimes import such a key. */
const undecodable = "it is not base64url, so its strength cannot be checked";

/** The length of a big-endian number. */
function bitLength(bytes: Uint8Array): number {
  const first = bytes.findIndex((byte) => byte !== 0);
  if (first === -1) return 0;
  return (bytes.length - first) * 8 - Math.clz32(bytes[first] ?? 0) + 24;
}
