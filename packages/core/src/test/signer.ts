import {
  createPrivateKey,
  createPublicKey,
  type ED25519KeyPairOptions,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { CompactSign, type JWK } from "jose";

/** An issuer's key pair: signs with jose, shows its public half. */
export interface Signer {
  readonly kid: string;
  readonly algorithm: string;
  readonly jwk: JWK;
  readonly privateKey: KeyObject;
  /** Signs claims as they are, or any text, under this header and the key's algorithm. */
  readonly sign: (
    claims: Readonly<Record<string, unknown>> | string,
    header?: Readonly<Record<string, unknown>>,
  ) => Promise<string>;
}

export function newSigner(algorithm = "RS256", kid: string = `${algorithm}-1`, rsaBits = 2048): Signer {
  return signerOf(createPrivateKey(generatePrivateKey(algorithm, rsaBits)), algorithm, kid);
}

export function signerOf(privateKey: KeyObject, algorithm: string, kid: string): Signer {
  const jwk: JWK = {
    ...createPublicKey(privateKey).export({ format: "jwk" }),
    kid,
    alg: algorithm,
    use: "sig",
  };
  return {
    kid,
    algorithm,
    jwk,
    privateKey,
    sign(claims, header = {}) {
      const text = typeof claims === "string" ? claims : JSON.stringify(claims);
      // JSON leaves out what is undefined: `{ kid: undefined }` makes a token that names no key.
      return new CompactSign(new TextEncoder().encode(text))
        .setProtectedHeader({ alg: algorithm, kid, ...header })
        .sign(privateKey);
    },
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
function generatePrivateKey(algorithm: string, modulusLength: number): string {
  const namedCurve = { ES256: "P-256", ES384: "P-384", ES512: "P-521" }[algorithm];
  if (namedCurve !== undefined) return generateKeyPairSync("ec", { namedCurve, ...pem }).privateKey;
  if (algorithm.startsWith("Ed")) return generateKeyPairSync("ed25519", pem).privateKey;
  return generateKeyPairSync("rsa", { modulusLength, ...pem }).privateKey;
}

/** The parts of a token by hand, for what no honest library would sign. */
export function unsigned(header: unknown, claims: unknown, signature = ""): string {
  return `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}.${signature}`;
}

export function base64url(data: string | Uint8Array): string {
  return Buffer.from(data).toString("base64url");
}
