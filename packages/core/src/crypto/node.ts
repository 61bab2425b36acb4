import nodeCrypto, {
  constants,
  createHash,
  createHmac,
  createPublicKey,
  createVerify,
  type KeyObject,
  randomBytes,
  randomUUID,
  timingSafeEqual,
  verify,
  type VerifyKeyObjectInput,
} from "node:crypto";
import { isPublicPem, notPublicPem, type Primitives, type VerifyKey } from "./primitives.ts";

interface NodeVerifyKey extends VerifyKey {
  readonly digest: string | null;
  readonly input: VerifyKeyObjectInput;
  /** Of ECDSA, in bytes. */
  readonly signatureLength: number | undefined;
}

// `hash` takes half the time of a `Hash` object. Other runtimes that load this file may not have it.
const hasHash = typeof nodeCrypto.hash === "function";
const sha256Hex: (data: Uint8Array | string) => string = hasHash
  ? (data) => nodeCrypto.hash("sha256", data, "hex")
  : (data) => createHash("sha256").update(data).digest("hex");

const beyondLatin1 = /[\u0100-\uffff]/;

// Reused, since a comparison is synchronous: two new buffers take longer than the HMAC's hashes.
const hashDigits = 64;
const first = Buffer.alloc(hashDigits);
const second = Buffer.alloc(hashDigits);

/** For two texts of 64 hexadecimal digits, in constant time. */
function isSameHash(a: string, b: string): boolean {
  first.write(a, "latin1");
  second.write(b, "latin1");
  // Other text can have the same low bytes.
  return timingSafeEqual(first, second) && a === b;
}

export const crypto: Primitives = {
  sha256Hex,
  sha256HexOfLatin1: (text) =>
    // ASCII is the same bytes in UTF-8, and needs no copy. Nearly every text is.
    sha256Hex(
      Buffer.byteLength(text) === text.length || beyondLatin1.test(text) ? text : Buffer.from(text, "latin1"),
    ),
  hmacSha256: (key, data) => createHmac("sha256", key).update(data).digest(),
  verifyHmacSha256(key, data, hmac) {
    return hmac.length === hashDigits && isSameHash(hmacHex(key, data), hmac);
  },
  equal(a, b) {
    if (a.length === hashDigits && b.length === hashDigits) return isSameHash(a, b);
    const [left, right] = [Buffer.from(a), Buffer.from(b)];
    return left.length === right.length && timingSafeEqual(left, right);
  },
  randomHex: (size) => randomBytes(size).toString("hex"),
  randomUUID: () => randomUUID(),
  decodeBase64url: (text) => Buffer.from(text, "base64url"),
  importVerifyKey(jwk, algorithm): NodeVerifyKey {
    if (Object.hasOwn(jwk, "d")) throw new TypeError("only a public key verifies tokens");
    const key = createPublicKey({ key: jwk, format: "jwk" });
    // Node imports keys of other algorithms too, and from version 24 on curves by OpenSSL's names.
    const kind = key.asymmetricKeyType === "ec" ? String(jwk["crv"]) : key.asymmetricKeyType;
    if (kind !== keyKinds.get(algorithm))
      throw new TypeError(`a key of type ${kind} is not for ${algorithm}`);
    const signatureLength = signatureLengths.get(algorithm);
    return { algorithm, digest: digestOf(algorithm), input: verifyInput(key, algorithm), signatureLength };
  },
  publicJwk(pem) {
    // Node would derive the public half of a private key, and read certificates.
    if (!isPublicPem(pem)) throw new TypeError(notPublicPem);
    return { ...createPublicKey(pem).export({ format: "jwk" }) };
  },
  verifySignature(key, signingInput, signature) {
    const { digest, input, signatureLength } = key as NodeVerifyKey;
    if (digest === null) return verify(null, Buffer.from(signingInput, "latin1"), input, signature);
    // It takes less time than `verify`, but for ECDSA throws if the signature has another length.
    const hasLength = signatureLength === undefined || signature.length === signatureLength;
    return hasLength && createVerify(digest).update(signingInput).verify(input, signature);
  },
};

/** In bytes (FIPS 180-4). */
const blockSize = 64;
const digestSize = 32;
const maxDataSize = 1024;
// Reused, and not of the pool, in which other code would see the key.
const innerText = Buffer.alloc(blockSize + maxDataSize);
const outerText = Buffer.alloc(blockSize + digestSize);

/** HMAC (RFC 2104 §2) by its two hashes, in half the time of an `Hmac` object. */
function hmacHex(key: Uint8Array, data: string): string {
  // Ours are a key of 32 bytes and a text of about 150.
  if (!hasHash || key.length > blockSize || data.length > maxDataSize / 3)
    return createHmac("sha256", key).update(data).digest("hex");
  for (let i = 0; i < blockSize; i++) {
    const byte = key[i] ?? 0;
    innerText[i] = byte ^ 0x36;
    outerText[i] = byte ^ 0x5c;
  }
  const end = blockSize + innerText.write(data, blockSize);
  outerText.write(nodeCrypto.hash("sha256", innerText.subarray(0, end), "hex"), blockSize, "hex");
  return nodeCrypto.hash("sha256", outerText, "hex");
}

/** The key that an algorithm needs: its curve, by the name of RFC 7518 §6.2.1.1, or its type, by Node's. */
const keyKinds: ReadonlyMap<string, string> = new Map([
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"].map((name) => [name, "rsa"] as const),
  ["ES256", "P-256"],
  ["ES384", "P-384"],
  ["ES512", "P-521"],
  ["EdDSA", "ed25519"],
  ["Ed25519", "ed25519"],
]);

/** RFC 7518 §3.4. */
const signatureLengths: ReadonlyMap<string, number> = new Map([
  ["ES256", 64],
  ["ES384", 96],
  ["ES512", 132],
]);

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
