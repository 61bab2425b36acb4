import { createPublicKey } from "node:crypto";
import { expect, it, vi } from "vitest";
import { crypto } from "#crypto";
import { oidc } from "../modes/oidc.ts";
import { AuthError } from "../refusal/error.ts";
import { newSigner, type Signer } from "../test/signer.ts";
import { viewOf } from "../test/view.ts";

// In runtimes without Node's crypto, PEM is read asynchronously.
vi.mock("../crypto/node.ts", () => import("../crypto/web.ts"));

const now = 1_800_000_000;
const issuer = "https://id.example.com";

function pemOf({ privateKey }: Signer): string {
  return createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();
}

async function ask(keys: string, by: Signer): Promise<string> {
  const token = await by.sign({ iss: issuer, sub: "otto", aud: "api", exp: now + 60 });
  const mode = oidc({ issuer, audience: "api", keys });
  try {
    await mode.detect(viewOf({ headers: [["Authorization", token]] }))?.verify(now * 1000);
    return "accepted";
  } catch (error) {
    return error instanceof AuthError ? error.reason : String(error);
  }
}

it.each(["RS256", "ES256", "ES384", "ES512", "EdDSA"])("reads a key in PEM for %s", async (algorithm) => {
  const signer = newSigner(algorithm);
  const { kid: _kid, alg: _alg, use: _use, ...members } = signer.jwk;
  expect(await crypto.publicJwk(pemOf(signer))).toMatchObject(members);
  expect(await ask(pemOf(signer), signer)).toBe("accepted");
  expect(await ask(pemOf(signer), newSigner(algorithm))).toBe("signature_mismatch");
});

it("accepts no token by a key that is weak, private or broken", async () => {
  const signer = newSigner("RS256");
  const weak = newSigner("RS256", "weak", 1024);
  const pkcs8 = signer.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const broken = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----";
  for (const keys of [pemOf(weak), pkcs8, broken]) expect(await ask(keys, signer)).toMatch(/^TypeError/);
});
