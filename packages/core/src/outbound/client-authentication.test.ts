import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { type Origin, type Received, type Sent, startOrigin } from "../test/origin.ts";
import { failureOf } from "./test/calls.ts";
import type { ClientCredentialsOptions, PrivateKey } from "./client-credentials.ts";
import { oidc } from "./sources.ts";

// How a client authenticates at the token endpoint, besides the default client_secret_basic.

function tokenOf(options: ClientCredentialsOptions): Promise<string | undefined> {
  const request = { method: "GET", url: new URL("https://a.example/"), headers: new Headers() };
  return oidc(options)({ ...request, body: undefined, refused: undefined }).then(
    (all) => all["authorization"],
  );
}

function formOf({ body }: Received): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(body));
}

const granted: Sent = { body: { access_token: "t", token_type: "Bearer" } };
const unknown: Sent = { status: 401, body: { error: "invalid_client" } };

describe("client_secret_post", () => {
  const secret = { clientId: "c", clientSecret: "s-hidden&ü" };
  const wantsBody = (request: Received) =>
    formOf(request)["client_secret"] === secret.clientSecret ? granted : unknown;

  it("sends id and secret in the body, and no Authorization", async () => {
    const provider = await startOrigin(wantsBody);
    const options = {
      tokenEndpoint: provider.url,
      ...secret,
      authMethod: "client_secret_post",
      scope: "a",
    } as const;
    expect(await tokenOf(options)).toBe("Bearer t");
    const [request] = provider.received;
    expect(request && formOf(request)).toEqual({
      grant_type: "client_credentials",
      scope: "a",
      client_id: "c",
      client_secret: secret.clientSecret,
    });
    expect(request?.headers).not.toHaveProperty("authorization");
  });

  it("is named by the error of a provider that wants it, which shows no secret", async () => {
    const provider = await startOrigin(wantsBody);
    const said = await failureOf(tokenOf({ tokenEndpoint: provider.url, ...secret }));
    expect(said).toContain(
      "answered 401: invalid_client; if the provider reads the secret from the body, write",
    );
    expect(said).toContain("authMethod: 'client_secret_post'");
    expect(said).not.toContain("hidden");
  });

  it("has no secret in an error, however the provider repeats it", async () => {
    const echo = await startOrigin(({ body }) => ({ status: 400, body: { error: `${body} s-hidden&ü` } }));
    const options = { tokenEndpoint: echo.url, ...secret, authMethod: "client_secret_post" } as const;
    const said = await failureOf(tokenOf(options));
    expect(said).toContain("client_secret=[secret] [secret]");
    expect(said).not.toContain("hidden");
  });
});

describe("private_key_jwt", () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = (key: KeyObject): PrivateKey => key.export({ format: "jwk" });

  /** Gives a token for an assertion that the key signed for it, once for each. */
  async function startProvider(publicKey: KeyObject, audience?: string): Promise<Origin> {
    const used = new Set<unknown>();
    const origin: Origin = await startOrigin(async (request) => {
      if (request.path.endsWith("openid-configuration"))
        return { body: { issuer: origin.url, token_endpoint: `${origin.url}/token` } };
      const form = formOf(request);
      const { payload } = await jwtVerify(form["client_assertion"] ?? "", publicKey, {
        issuer: "orders",
        subject: "orders",
        audience: audience ?? `${origin.url}/token`,
        requiredClaims: ["exp", "iat", "jti"],
      });
      const life = (payload.exp ?? 0) - (payload.iat ?? 0);
      if (used.has(payload.jti) || life > 300) return unknown;
      used.add(payload.jti);
      return { body: { access_token: `t${used.size}`, expires_in: 0 } };
    });
    return origin;
  }

  it.each([
    ["RSA", rsa, "RS256"],
    ["P-256", generateKeyPairSync("ec", { namedCurve: "P-256" }), "ES256"],
    ["P-384", generateKeyPairSync("ec", { namedCurve: "P-384" }), "ES384"],
    ["P-521", generateKeyPairSync("ec", { namedCurve: "P-521" }), "ES512"],
    ["Ed25519", generateKeyPairSync("ed25519"), "EdDSA"],
  ])("sends an assertion by a key of %s, another for each request", async (_what, pair, alg) => {
    const provider = await startProvider(pair.publicKey);
    const privateKey = { ...jwk(pair.privateKey), kid: "k1", "x5t#S256": "dGh1bWI" };
    const source = oidc({ issuer: provider.url, clientId: "orders", privateKey });
    const request = { method: "GET", url: new URL("https://a.example/"), headers: new Headers() };
    const ask = () => source({ ...request, body: undefined, refused: undefined });
    expect([await ask(), await ask()]).toEqual([
      { authorization: "Bearer t1" },
      { authorization: "Bearer t2" },
    ]);
    const grant = provider.received[1];
    const { client_assertion: assertion = "", ...form } = grant === undefined ? {} : formOf(grant);
    expect(form).toEqual({
      grant_type: "client_credentials",
      client_id: "orders",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    });
    expect(grant?.headers).not.toHaveProperty("authorization");
    const header: unknown = JSON.parse(Buffer.from(assertion.split(".")[0] ?? "", "base64url").toString());
    expect(header).toEqual({ alg, typ: "JWT", kid: "k1", "x5t#S256": "dGh1bWI" });
  });

  it("signs by the key's own alg, for another audience, by a key that was a PEM text", async () => {
    const pem = rsa.privateKey.export({ type: "pkcs1", format: "pem" });
    const provider = await startProvider(rsa.publicKey, "https://tenant.example/");
    const privateKey = { ...createPrivateKey(pem).export({ format: "jwk" }), alg: "PS256" };
    const options = { clientId: "orders", privateKey, assertionAudience: "https://tenant.example/" };
    expect(await tokenOf({ tokenEndpoint: `${provider.url}/token`, ...options })).toBe("Bearer t1");
  });

  it("has neither the assertion nor the key in an error", async () => {
    const echo = await startOrigin((request) => ({
      status: 401,
      body: { error: "invalid_client", error_description: formOf(request)["client_assertion"] },
    }));
    const options = { tokenEndpoint: echo.url, clientId: "orders", privateKey: jwk(rsa.privateKey) };
    const said = await failureOf(tokenOf(options));
    expect(said).toContain("answered 401: invalid_client: [secret]");
    expect(said).not.toContain("client_secret_post");
    const weak = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
    const broken = { ...options, privateKey: jwk(weak) };
    const other = await failureOf(tokenOf(broken));
    expect(other).toContain("outbound.oidc(): privateKey cannot sign with RS256");
    for (const key of [rsa.privateKey, weak])
      expect(said + other).not.toContain(jwk(key).d?.slice(0, 20) ?? "no key");
  });

  it.each<[string, object, string]>([
    [
      "a PEM text",
      { privateKey: "-----BEGIN PRIVATE KEY-----" },
      'createPrivateKey(pem).export({ format: "jwk" })',
    ],
    ["a public key", { privateKey: rsa.publicKey.export({ format: "jwk" }) }, "is a private JWK"],
    ["a shared secret", { privateKey: { kty: "oct", k: "a", d: "a" } }, "privateKey is of RSA, on the curve"],
    [
      "an alg of another type",
      { privateKey: { ...jwk(rsa.privateKey), alg: "ES256" } },
      "alg is an algorithm of",
    ],
    ["HS256", { privateKey: { ...jwk(rsa.privateKey), alg: "HS256" } }, "alg is an algorithm of that type"],
    ["a key and a secret", { privateKey: jwk(rsa.privateKey), clientSecret: "s" }, "remove one of them"],
    [
      "a key and a method",
      { privateKey: jwk(rsa.privateKey), authMethod: "client_secret_post" },
      "remove one",
    ],
    [
      "an empty audience",
      { privateKey: jwk(rsa.privateKey), assertionAudience: "" },
      "assertionAudience is missing",
    ],
    [
      "an audience without a key",
      { clientSecret: "s", assertionAudience: "a" },
      "is for a privateKey; remove it",
    ],
    [
      "private_key_jwt as a method",
      { clientSecret: "s", authMethod: "private_key_jwt" },
      "give privateKey alone",
    ],
    ["the metadata's name", { clientSecret: "s", token_endpoint_auth_method: "x" }, "Write 'authMethod'"],
  ])("refuses %s when built", (_what, options, sentence) => {
    const build = () =>
      oidc({ issuer: "https://i.example", clientId: "a", ...options } as ClientCredentialsOptions);
    expect(build).toThrow(TypeError);
    expect(build).toThrow(sentence);
  });
});
