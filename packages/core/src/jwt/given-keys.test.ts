import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createAuth } from "../auth/auth.ts";
import { oidc, type OidcIssuer, type OidcOptions } from "../modes/oidc.ts";
import { userPool } from "../modes/user-pool.ts";
import { AuthError } from "../refusal/error.ts";
import { newSigner, type Signer } from "../test/signer.ts";
import { viewOf } from "../test/view.ts";
import type { AuthMode } from "../types.ts";
import type { GivenKeys } from "./issuer-options.ts";

const now = 1_800_000_000;
const issuer = "https://id.example.com";
const rs = newSigner("RS256", "rs");
const stranger = newSigner("RS256", "rs");

function pemOf({ privateKey }: Signer): string {
  return createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();
}

const noFetch = async (): Promise<never> => {
  throw new Error("fetched");
};

function modeOf(keys: GivenKeys): AuthMode {
  return oidc({ issuer, audience: "api", keys });
}

async function ask(mode: AuthMode, by: Signer, header: Record<string, unknown> = {}): Promise<string> {
  const token = await by.sign({ iss: issuer, sub: "otto", aud: "api", exp: now + 60 }, header);
  try {
    await mode.detect(viewOf({ headers: [["Authorization", token]] }))?.verify(now * 1000);
    return "accepted";
  } catch (error) {
    return error instanceof AuthError ? `${error.status} ${error.reason}` : String(error);
  }
}

describe("keys", () => {
  it("are a JWK set", async () => {
    const mode = modeOf({ keys: [rs.jwk, newSigner("ES256", "es").jwk] });
    await mode.ready?.(now * 1000);
    expect(await ask(mode, rs)).toBe("accepted");
    expect(await ask(mode, stranger)).toBe("401 signature_mismatch");
    expect(await ask(mode, newSigner("RS256", "new"))).toBe("401 kid_unknown");
    expect(await ask(mode, rs, { kid: undefined })).toBe("accepted");
    expect(mode.describe?.(0).issuers[0]?.keys).toMatchObject({ count: 2, usable: true });
  });

  it.each(["RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"])(
    "are a key in PEM, for %s",
    async (algorithm) => {
      const signer = newSigner(algorithm);
      const mode = modeOf(pemOf(signer));
      expect(await ask(mode, signer)).toBe("accepted");
      expect(await ask(mode, signer, { kid: "any other" })).toBe("accepted");
      expect(await ask(mode, newSigner(algorithm))).toBe("401 signature_mismatch");
    },
  );

  it("are several keys in PEM, with other text, and as environment files write them", async () => {
    const others = [newSigner("RS256", "b"), newSigner("ES256", "c")];
    const text = `# keys\n${[rs, ...others].map(pemOf).join("\nnext\n")}`;
    for (const given of [text, text.replaceAll("\n", "\\n"), text.replaceAll("\n", "\r\n")]) {
      const mode = modeOf(given);
      for (const signer of [rs, ...others]) expect(await ask(mode, signer)).toBe("accepted");
      expect(await ask(mode, newSigner("ES384"))).toBe("401 kid_unknown");
    }
  });

  it("are tried a few at a time", async () => {
    const many = Array.from({ length: 5 }, () => newSigner("ES256"));
    const mode = modeOf(many.map(pemOf).join(""));
    expect(await ask(mode, many[0] ?? rs)).toBe("401 kid_ambiguous");
  });

  it("need no URL, and cause no fetch", async () => {
    const keys = { keys: [rs.jwk] };
    const google = oidc({ issuer: "accounts.google.com", clientId: "web", keys });
    const pool = userPool({ userPoolId: "us-east-1_Abc", clientId: "web", keys });
    const auth = createAuth([google, pool], { clock: () => now * 1000 });
    const fetch = globalThis.fetch;
    globalThis.fetch = noFetch;
    try {
      await auth.ready();
      for (const claims of [
        { iss: "accounts.google.com", aud: "web" },
        {
          iss: "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Abc",
          token_use: "access",
          client_id: "web",
        },
      ]) {
        const token = await rs.sign({ ...claims, sub: "otto", exp: now + 60 });
        expect((await auth.authenticate(viewOf({ headers: [["Authorization", token]] }))).id).toBe("otto");
      }
    } finally {
      globalThis.fetch = fetch;
    }
  });

  it("belong to a tenant too, and a change of them counts", async () => {
    let options: OidcIssuer = { audience: "api", keys: { keys: [rs.jwk] } };
    const mode = oidc({ issuers: () => options });
    expect(await ask(mode, rs)).toBe("accepted");
    options = { audience: "api", keys: { keys: [stranger.jwk] } };
    expect(await ask(mode, stranger)).toBe("accepted");
    options = { audience: "api", keys: "nonsense" };
    expect(await ask(mode, stranger, { typ: "JWT" })).toContain(
      "TypeError: oidc(): issuers: keys is a JWK set",
    );
  });
});

describe("keys are rejected when the mode is built", () => {
  const weak = newSigner("RS256", "weak", 1024);
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pkcs8 = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const mistakes: readonly (readonly [string, unknown, RegExp])[] = [
    ["weak", { keys: [weak.jwk] }, /others can sign with, 'weak': its RSA modulus has 1024 bits/],
    ["weak beside a good one", { keys: [rs.jwk, weak.jwk] }, /1024 bits/],
    ["weak, in PEM", pemOf(weak), /1024 bits/],
    ["a shared secret", { keys: [{ kty: "oct", k: "c2VjcmV0" }] }, /it is a shared secret/],
    ["private", { keys: [rs.privateKey.export({ format: "jwk" })] }, /published with its private part/],
    ["private, in PEM", pkcs8, /not a public key in PEM/],
    ["private beside a public one", `${pemOf(rs)}\n${pkcs8}`, /not a public key in PEM/],
    [
      "a certificate",
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
      /not a public key in PEM/,
    ],
    ["broken PEM", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", /not a public key in PEM/],
    ["none", { keys: [] }, /no key that can check signatures/],
    ["for encryption", { keys: [{ ...rs.jwk, use: "enc" }] }, /no key that can check signatures/],
    ["text", "secret", /keys is a JWK set, \{ keys: \[…\] \}, or text with public keys in PEM/],
    ["a list", [rs.jwk], /keys is a JWK set/],
    ["a single key", rs.jwk, /keys is a JWK set/],
    ["null", null, /keys is a JWK set/],
  ];
  it.each(mistakes)("if they are %s", (_name, keys, sentence) => {
    const build = () => oidc({ issuer, audience: "api", keys } as OidcOptions);
    expect(build).toThrow(TypeError);
    expect(build).toThrow(sentence);
  });

  it("without quoting them", () => {
    expect(() => modeOf(pkcs8)).not.toThrow(pkcs8.slice(40, 60));
  });
});
