import { createPublicKey } from "node:crypto";
import { importJWK, type JWK } from "jose";
import { describe, expect, it } from "vitest";
import { base64url, newSigner, signerOf } from "../test/signer.ts";
import { algorithmNames } from "../jwt/algorithms.ts";
import { crypto as node } from "./node.ts";
import type { Primitives } from "./primitives.ts";
import { crypto as web } from "./web.ts";

// On Node keys are imported without jose. It stays the oracle: what it refuses must be refused here too.

const implementations: readonly (readonly [string, Primitives])[] = [
  ["node", node],
  ["web", web],
];

const rsaSigner = newSigner("RS256");
const ecSigner = newSigner("ES256");
const edSigner = newSigner("Ed25519");
const otherRsa = publicMembers(newSigner("RS256").jwk);
const rsa = publicMembers(rsaSigner.jwk);
const ec = publicMembers(ecSigner.jwk);
const ec384 = publicMembers(newSigner("ES384").jwk);
const ec521 = publicMembers(newSigner("ES512").jwk);
const ed = publicMembers(edSigner.jwk);

function publicMembers({ kid: _kid, alg: _alg, use: _use, ...members }: JWK): JWK {
  return members;
}

function bytes(text: string | undefined): Buffer {
  return Buffer.from(text ?? "", "base64url");
}

function flipped(data: string | Uint8Array | undefined): string {
  const changed = typeof data === "string" ? bytes(data) : Buffer.from(data ?? []);
  changed[5] = (changed[5] ?? 0) ^ 1;
  return base64url(changed);
}

function without(jwk: JWK, name: keyof JWK): JWK {
  const { [name]: _left, ...others } = jwk;
  return others;
}

const x25519: JWK = { kty: "OKP", crv: "X25519", x: base64url(Buffer.alloc(32, 9)) };
const ed448: JWK = { kty: "OKP", crv: "Ed448", x: base64url(Buffer.alloc(57, 9)) };
/** The curve's generator (SEC 2, §2.4.1). */
const onSecp256k1: JWK = {
  kty: "EC",
  crv: "secp256k1",
  x: hex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
  y: hex("483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"),
};

function hex(digits: string): string {
  return base64url(Buffer.from(digits, "hex"));
}

const accepted: readonly (readonly [what: string, jwk: JWK, algorithm: string])[] = [
  ["an RSA key", rsa, "RS256"],
  ["an RSA key for PSS", rsa, "PS512"],
  ["a key on P-256", ec, "ES256"],
  ["a key on P-384", ec384, "ES384"],
  ["a key on P-521", ec521, "ES512"],
  ["an Ed25519 key", ed, "EdDSA"],
  ["an Ed25519 key by its newer name", ed, "Ed25519"],
  // Readers of base64url on Node skip what it does not have. What is imported is the same key.
  ["base64 with padding in an RSA key", { ...rsa, n: `${rsa.n}==` }, "RS256"],
  ["base64 with padding in an EC key", { ...ec, x: bytes(ec.x).toString("base64") }, "ES256"],
  ["base64 with padding in an Ed25519 key", { ...ed, x: `${ed.x}=` }, "EdDSA"],
  [
    "zeros in front of a modulus",
    { ...rsa, n: base64url(Buffer.concat([Buffer.alloc(4), bytes(rsa.n)])) },
    "RS256",
  ],
];

const refused: readonly (readonly [what: string, jwk: JWK, algorithm: string])[] = [
  ["an RSA key for ECDSA", rsa, "ES256"],
  ["an RSA key for Ed25519", rsa, "EdDSA"],
  ["an RSA key for a shared secret", rsa, "HS256"],
  ["an RSA key for no signature", rsa, "none"],
  ["a key on P-256 for P-384", ec, "ES384"],
  ["a key on P-384 for P-256", ec384, "ES256"],
  ["a key on P-256 for RSA", ec, "RS256"],
  ["a key on secp256k1 for P-256", onSecp256k1, "ES256"],
  ["a key on secp256k1", onSecp256k1, "ES256K"],
  ["an Ed25519 key for ECDSA", ed, "ES256"],
  ["an X25519 key", x25519, "EdDSA"],
  ["an Ed448 key", ed448, "EdDSA"],
  ["a shared secret", { kty: "oct", k: "c2VjcmV0" }, "RS256"],
  ["a private RSA key", rsaSigner.privateKey.export({ format: "jwk" }), "RS256"],
  ["a private EC key", ecSigner.privateKey.export({ format: "jwk" }), "ES256"],
  ["a private Ed25519 key", edSigner.privateKey.export({ format: "jwk" }), "EdDSA"],
  ["a broken private exponent", { ...rsa, d: "AQ" }, "RS256"],
  ["an empty private scalar", { ...ec, d: "" }, "ES256"],
  ["a key without n", without(rsa, "n"), "RS256"],
  ["a key without e", without(rsa, "e"), "RS256"],
  ["a key without x", without(ec, "x"), "ES256"],
  ["a key without y", without(ec, "y"), "ES256"],
  ["a key without crv", without(ec, "crv"), "ES256"],
  ["a key without kty", without(rsa, "kty"), "RS256"],
  ["an Ed25519 key without x", without(ed, "x"), "EdDSA"],
  ["an empty point", { ...ed, x: "" }, "EdDSA"],
  ["a point off P-256", { ...ec, y: flipped(ec.y) }, "ES256"],
  ["a point off P-521", { ...ec521, y: flipped(ec521.y) }, "ES512"],
  [
    "the point at infinity",
    { ...ec, x: base64url(Buffer.alloc(32)), y: base64url(Buffer.alloc(32)) },
    "ES256",
  ],
  ["a coordinate that is too short", { ...ec, x: base64url(bytes(ec.x).subarray(1)) }, "ES256"],
  ["a coordinate beyond the field", { ...ec, y: base64url(Buffer.alloc(32, 255)) }, "ES256"],
  ["an Ed25519 point that is too short", { ...ed, x: base64url(bytes(ed.x).subarray(1)) }, "EdDSA"],
  ["an Ed25519 point that is too long", { ...ed, x: base64url(Buffer.alloc(33, 1)) }, "EdDSA"],
  ["a type in lower case", { ...rsa, kty: "rsa" }, "RS256"],
  ["a curve in lower case", { ...ec, crv: "p-256" }, "ES256"],
  ["a curve by OpenSSL's name", { ...ec, crv: "prime256v1" }, "ES256"],
  ["a curve of another type", { ...ec, crv: "Ed25519" }, "ES256"],
];

/** Whether jose imports it as a public key. */
async function joseTakes(jwk: JWK, algorithm: string): Promise<boolean> {
  const key = await importJWK(jwk, algorithm).catch(() => undefined);
  return key !== undefined && !(key instanceof Uint8Array) && key.type === "public";
}

it("the keys that no algorithm is for are keys", async () => {
  for (const jwk of [x25519, ed448, onSecp256k1])
    expect(createPublicKey({ key: jwk, format: "jwk" }).type).toBe("public");
});

describe.each(implementations)("the keys of %s", (_name, crypto) => {
  it.each(accepted)("include %s", async (_what, jwk, algorithm) => {
    expect(await joseTakes(jwk, algorithm)).toBe(true);
    expect(await crypto.importVerifyKey(jwk, algorithm)).toMatchObject({ algorithm });
  });

  it.each(refused)("do not include %s", async (_what, jwk, algorithm) => {
    expect(await joseTakes(jwk, algorithm)).toBe(false);
    await expect(async () => crypto.importVerifyKey(jwk, algorithm)).rejects.toThrow();
  });

  it.each(algorithmNames)("verify what jose signed with %s, and nothing else", async (algorithm) => {
    const isRsa = !algorithm.startsWith("E");
    const { jwk, sign } = isRsa ? signerOf(rsaSigner.privateKey, algorithm, "rsa") : newSigner(algorithm);
    const token = await sign({ sub: "alice" });
    const [input, signature] = [token.slice(0, token.lastIndexOf(".")), bytes(token.split(".")[2])];
    const key = await crypto.importVerifyKey(publicMembers(jwk), algorithm);
    expect(await crypto.verifySignature(key, input, signature)).toBe(true);
    expect(await crypto.verifySignature(key, `${input}A`, signature)).toBe(false);
    expect(await crypto.verifySignature(key, input, bytes(flipped(signature)))).toBe(false);
    const other = await crypto.importVerifyKey(
      isRsa ? otherRsa : publicMembers(newSigner(algorithm).jwk),
      algorithm,
    );
    expect(await crypto.verifySignature(other, input, signature)).toBe(false);
  });
});
