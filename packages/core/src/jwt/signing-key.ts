import { crypto } from "#crypto";
import type { VerifyKey } from "../crypto/primitives.ts";
import { printable } from "../auth/events.ts";
import type { MaybePromise } from "../types.ts";
import { algorithmsOf } from "./algorithms.ts";
import { isObject, type JsonObject } from "./json.ts";
import { weaknessOf } from "./weak-key.ts";

/** The members that make a public key (RFC 7518 §6, RFC 8037 §2). No other is ever looked at. */
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
 * What a JWK (RFC 7517 §4) can be used for here; undefined for keys that others may be able to sign with, for keys of
 * other purposes, such as encryption, and for whatever else cannot check a signature.
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
