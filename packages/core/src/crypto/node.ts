import {
  constants,
  createHash,
  createHmac,
  KeyObject,
  randomBytes,
  randomUUID,
  timingSafeEqual,
  verify,
  type VerifyKeyObjectInput,
} from "node:crypto";
import { importJWK } from "jose";
import type { Primitives, VerifyKey } from "./primitives.ts";

interface NodeVerifyKey extends VerifyKey {
  readonly digest: string | null;
  readonly input: VerifyKeyObjectInput;
}

export const crypto: Primitives = {
  sha256Hex: (data) => createHash("sha256").update(data).digest("hex"),
  hmacSha256: (key, data) => createHmac("sha256", key).update(data).digest(),
  equal: (a, b) =>
    a.length === b.length && timingSafeEqual(Buffer.from(a, "utf16le"), Buffer.from(b, "utf16le")),
  randomHex: (size) => randomBytes(size).toString("hex"),
  randomUUID: () => randomUUID(),
  async importVerifyKey(jwk, algorithm): Promise<NodeVerifyKey> {
    const imported = await importJWK(jwk, algorithm);
    if (imported instanceof Uint8Array) throw new TypeError("a symmetric key cannot verify tokens");
    return {
      algorithm,
      digest: digestOf(algorithm),
      input: verifyInput(KeyObject.from(imported), algorithm),
    };
  },
  verifySignature(key, signingInput, signature) {
    const { digest, input } = key as NodeVerifyKey;
    return verify(digest, Buffer.from(signingInput, "latin1"), input, signature);
  },
};

function digestOf(algorithm: string): string | null {
  return algorithm.startsWith("Ed") ? null : `sha${algorithm.slice(2)}`;
}

function verifyInput(key: KeyObject, algorithm: string): VerifyKeyObjectInput {
  if (algorithm.startsWith("ES")) return { key, dsaEncoding: "ieee-p1363" };
  if (algorithm.startsWith("PS")) {
    return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  }
  return { key };
}
