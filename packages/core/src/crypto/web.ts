import type { webcrypto } from "node:crypto";
import { base64url, exportJWK, importJWK, importSPKI } from "jose";
import { hex, isPublicPem, notPublicPem, type Primitives, type VerifyKey } from "./primitives.ts";

interface WebVerifyKey extends VerifyKey {
  readonly key: webcrypto.CryptoKey;
}

const { subtle } = globalThis.crypto;
const encoder = new TextEncoder();
const beyondLatin1 = /[\u0100-\uffff]/;

export const crypto: Primitives = {
  async sha256Hex(data) {
    return hex(new Uint8Array(await subtle.digest("SHA-256", bytes(data))));
  },
  sha256HexOfLatin1: (text) => crypto.sha256Hex(beyondLatin1.test(text) ? text : latin1Bytes(text)),
  async hmacSha256(key, data) {
    return new Uint8Array(await subtle.sign("HMAC", await hmacKey(key), bytes(data)));
  },
  async verifyHmacSha256(key, data, hmac) {
    return subtle.verify("HMAC", await hmacKey(key), fromHex(hmac), bytes(data));
  },
  equal(a, b) {
    if (a.length !== b.length) return false;
    let difference = 0;
    for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
    return difference === 0;
  },
  randomHex: (size) => hex(globalThis.crypto.getRandomValues(new Uint8Array(size))),
  randomUUID: () => globalThis.crypto.randomUUID(),
  decodeBase64url: (text) => base64url.decode(text),
  async importVerifyKey(jwk, algorithm): Promise<WebVerifyKey> {
    const key = await importJWK(jwk, algorithm);
    if (key instanceof Uint8Array || key.type !== "public") {
      throw new TypeError("only a public key verifies tokens");
    }
    return { algorithm, key };
  },
  async publicJwk(pem) {
    if (!isPublicPem(pem)) throw new TypeError(notPublicPem);
    for (const algorithm of ["RS256", "ES256", "ES384", "ES512", "Ed25519"]) {
      const key = await importSPKI(pem, algorithm, { extractable: true }).catch(() => undefined);
      if (key !== undefined) return { ...(await exportJWK(key)) };
    }
    throw new TypeError("the key is of a type that signs no tokens");
  },
  verifySignature(key, signingInput, signature) {
    const parameters = verifyParameters(key.algorithm);
    return subtle.verify(parameters, (key as WebVerifyKey).key, copy(signature), bytes(signingInput));
  },
};

function hmacKey(key: Uint8Array | string): Promise<webcrypto.CryptoKey> {
  return subtle.importKey("raw", bytes(key), { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
}

function verifyParameters(algorithm: string): Parameters<typeof subtle.verify>[0] {
  if (algorithm.startsWith("ES")) return { name: "ECDSA", hash: `SHA-${algorithm.slice(2)}` };
  if (algorithm.startsWith("PS")) return { name: "RSA-PSS", saltLength: Number(algorithm.slice(2)) / 8 };
  if (algorithm.startsWith("RS")) return { name: "RSASSA-PKCS1-v1_5" };
  return { name: "Ed25519" };
}

function bytes(data: Uint8Array | string): Uint8Array<ArrayBuffer> {
  return typeof data === "string" ? encoder.encode(data) : copy(data);
}

function latin1Bytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** WebCrypto takes no shared memory. */
function copy(data: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(data);
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}
