import {
  calculateJwkThumbprint,
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWK,
} from "jose";

export type SigningAlgorithm = "RS256" | "ES256";

export interface SigningKey {
  readonly algorithm: SigningAlgorithm;
  readonly privateKey: CryptoKey;
  /** As it stands in a key set: with `kid`, `alg` and `use`. */
  readonly publicJwk: JWK & { readonly kid: string };
  /** For forging tokens whose HMAC secret is the public key. */
  readonly publicPem: string;
}

const keys = new Map<string, Promise<SigningKey>>();

/**
 * The key of this name. Making an RSA key takes a tenth of a second, so a process makes each key once, however many
 * kits it has.
 */
export function signingKey(name: string, algorithm: SigningAlgorithm): Promise<SigningKey> {
  const id = `${algorithm} ${name}`;
  let key = keys.get(id);
  if (key === undefined) keys.set(id, (key = makeKey(algorithm)));
  return key;
}

async function makeKey(algorithm: SigningAlgorithm): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, {
    modulusLength: 2048,
    extractable: true,
  });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return {
    algorithm,
    privateKey,
    publicJwk: { ...jwk, kid, alg: algorithm, use: "sig" },
    publicPem: await exportSPKI(publicKey),
  };
}
