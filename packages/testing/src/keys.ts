import { type ED25519KeyPairOptions, generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { calculateJwkThumbprint, type CryptoKey, exportJWK, importPKCS8, importSPKI, type JWK } from "jose";

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
  const { privateKey, publicKey: publicPem } = await makePems(algorithm);
  const jwk = await exportJWK(await importSPKI(publicPem, algorithm, { extractable: true }));
  const kid = await calculateJwkThumbprint(jwk);
  return {
    algorithm,
    privateKey: await importPKCS8(privateKey, algorithm, { extractable: true }),
    publicJwk: { ...jwk, kid, alg: algorithm, use: "sig" },
    publicPem,
  };
}

const pem: ED25519KeyPairOptions<"pem", "pem"> = {
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
};

/**
 * As text, since Node 20 hangs now and then if a generated key itself is exported as JWK: should the garbage
 * collector come meanwhile and find the finished generation, both want the same lock.
 */
function makePems(
  algorithm: SigningAlgorithm,
): Promise<{ readonly privateKey: string; readonly publicKey: string }> {
  const generate = promisify(generateKeyPair);
  return algorithm === "RS256"
    ? generate("rsa", { modulusLength: 2048, ...pem })
    : generate("ec", { namedCurve: "P-256", ...pem });
}
