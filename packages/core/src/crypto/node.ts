import nodeCrypto, {
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

// Without an object for each hash it takes half the time; other runtimes that load this file may not have it.
const sha256Hex: (data: Uint8Array | string) => string =
  typeof nodeCrypto.hash === "function"
    ? (data) => nodeCrypto.hash("sha256", data, "hex")
    : (data) => createHash("sha256").update(data).digest("hex");

export const crypto: Primitives = {
  sha256Hex,
  sha256HexOfLatin1: (text) =>
    // ASCII, which it nearly always is, needs no copy: as long in UTF-8 as in letters, it is the same bytes.
    sha256Hex(Buffer.byteLength(text) === text.length ? text : Buffer.from(text, "latin1")),
  hmacSha256: (key, data) => createHmac("sha256", key).update(data).digest(),
  verifyHmacSha256(key, data, hmac) {
    const [expected, given] = [createHmac("sha256", key).update(data).digest(), Buffer.from(hmac, "hex")];
    return given.length === expected.length && timingSafeEqual(given, expected);
  },
  equal(a, b) {
    const [first, second] = [Buffer.from(a), Buffer.from(b)];
    return first.length === second.length && timingSafeEqual(first, second);
  },
  randomHex: (size) => randomBytes(size).toString("hex"),
  randomUUID: () => randomUUID(),
  decodeBase64url: (text) => Buffer.from(text, "base64url"),
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
