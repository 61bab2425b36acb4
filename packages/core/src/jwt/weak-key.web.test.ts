import { generateKeyPairSync } from "node:crypto";
import { expect, it, vi } from "vitest";
import { crypto } from "#crypto";
import { signingKeyOf, weakKeysOf } from "./signing-key.ts";

// In runtimes without Node's crypto, such as edge runtimes.
vi.mock("../crypto/node.ts", () => import("../crypto/web.ts"));

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ format: "jwk" });

it.each([
  ["an RSA exponent", { ...rsa, e: "!Aw" }],
  ["an RSA modulus", { ...rsa, n: "!Aw" }],
  ["an Ed25519 point", { kty: "OKP", crv: "Ed25519", x: `!AQ${"A".repeat(41)}` }],
])("skips %s that is imported but cannot be checked", async (_what, jwk) => {
  await expect(crypto.importVerifyKey(jwk, jwk.kty === "RSA" ? "RS256" : "EdDSA")).resolves.toBeDefined();
  expect(signingKeyOf(jwk)).toBeUndefined();
  expect(weakKeysOf([jwk])).toEqual(["a key: it is not base64url, so its strength cannot be checked"]);
});
