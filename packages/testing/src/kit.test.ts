import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Auth, AuthError, createAuth, type IdentityBase, oidc, userPool } from "@authmodes/core";
import { fetchView } from "@authmodes/core/fetch";
import { createLocalJWKSet, decodeProtectedHeader, type JWTVerifyOptions, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import type { WrongToken } from "./forge.ts";
import { createTestKit, type TestIssuer, type TestKit } from "./index.ts";

const noon = Date.UTC(2031, 4, 17, 12);

function call<I extends IdentityBase>(
  auth: Auth<I>,
  headers: Record<string, string>,
  init: RequestInit = {},
): Promise<I> {
  auth.onEvent(() => {});
  return auth.authenticate(fetchView(new Request("http://app.test/books?a=1", { ...init, headers })));
}

async function reasonOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "accepted",
    (error: unknown) => (error instanceof AuthError ? error.reason : String(error)),
  );
}

/** jose is the judge: it knows nothing of this package. */
async function judged(issuer: TestIssuer, token: string, options: JWTVerifyOptions) {
  return jwtVerify(token, createLocalJWKSet(issuer.jwks()), { issuer: issuer.issuer, ...options });
}

describe("the clock", () => {
  it("stands, moves and is set", async () => {
    const { clock } = await createTestKit({ now: noon });
    expect(clock.now()).toBe(noon);
    clock.advance(90);
    expect(clock.now()).toBe(noon + 90_000);
    clock.set(new Date(noon));
    expect(clock.now()).toBe(noon);
    expect(() => clock.set(Number.NaN)).toThrow(TypeError);
    expect(() => clock.advance(Number.NaN)).toThrow(TypeError);
  });

  it("follows a clock that ticks", async () => {
    let time = 1000;
    const { clock } = await createTestKit({ now: () => time });
    clock.advance(10);
    time = 2000;
    expect(clock.now()).toBe(12_000);
  });
});

describe("the user pool", () => {
  it("makes tokens that look like Amazon's", async () => {
    const { userPool: pool } = await createTestKit({
      now: noon,
      userPoolId: "eu-west-1_Shop",
      userPoolClientId: "web",
    });
    expect(pool.issuer).toBe("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Shop");
    const currentDate = new Date(noon);
    const seconds = noon / 1000;

    const access = await pool.token({ username: "libby", groups: ["Librarians"], scope: ["a", "b"] });
    expect((await judged(pool, access, { currentDate })).payload).toEqual({
      iss: pool.issuer,
      sub: pool.sub("libby"),
      client_id: "web",
      username: "libby",
      "cognito:groups": ["Librarians"],
      scope: "a b",
      token_use: "access",
      iat: seconds,
      auth_time: seconds,
      exp: seconds + 3600,
      jti: expect.any(String),
      origin_jti: expect.any(String),
      event_id: expect.any(String),
    });

    const id = await pool.token({
      use: "id",
      username: "libby",
      expiresInSeconds: 60,
      claims: { "custom:tier": "gold" },
    });
    const { payload } = await judged(pool, id, { currentDate, audience: "web" });
    expect(payload).toMatchObject({ "cognito:username": "libby", token_use: "id", "custom:tier": "gold" });
    expect(payload).not.toHaveProperty("cognito:groups");
    expect(payload).not.toHaveProperty("client_id");
    expect(payload.exp).toBe(seconds + 60);
    expect(decodeProtectedHeader(id).kid).not.toBe(decodeProtectedHeader(access).kid);
  });

  it("leaves out claims that are undefined", async () => {
    const { userPool: pool } = await createTestKit();
    const { payload } = await judged(pool, await pool.token({ claims: { jti: undefined } }), {});
    expect(payload).not.toHaveProperty("jti");
  });

  it("gives a user the same sub in every kit", async () => {
    const [a, b] = await Promise.all([createTestKit(), createTestKit()]);
    expect(a.userPool.sub("alice")).toBe(b.userPool.sub("alice"));
    expect(a.userPool.sub("alice")).not.toBe(a.userPool.sub("bob"));
    expect(a.userPool.sub("alice")).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
});

describe("wrong tokens", () => {
  const expected: Readonly<Record<WrongToken, string>> = {
    expired: "token_expired",
    notYetValid: "token_not_yet_valid",
    issuer: "issuer_unknown",
    audience: "client_refused",
    key: "signature_mismatch",
    tampered: "signature_mismatch",
    unknownKid: "kid_unknown",
    noKid: "kid_missing",
    algNone: "algorithm_refused",
    algHmac: "algorithm_refused",
  };

  it.each(Object.entries(expected))("are wrong in one way: %s", async (wrong, reason) => {
    const kit = await createTestKit();
    const token = await kit.userPool.token({ wrong: wrong as WrongToken });
    await expect(judged(kit.userPool, token, { audience: [] })).rejects.toThrow();
    expect(await reasonOf(call(kit.auth(), { authorization: token }))).toBe(reason);
    expect(await reasonOf(call(kit.auth(), { authorization: await kit.userPool.token() }))).toBe("accepted");
  });

  it("are never good because of a spelling", async () => {
    const kit = await createTestKit();
    await expect(kit.userPool.token({ wrong: "signature" as WrongToken })).rejects.toThrow(
      /^wrong is one of expired, .*, tampered, .*, not 'signature'$/,
    );
  });
});

describe("the OIDC issuer", () => {
  it.each(["RS256", "ES256"] as const)("signs with %s", async (algorithm) => {
    const { oidc: issuer } = await createTestKit();
    const token = await issuer.token({ sub: "otto", algorithm, groups: ["Staff"], scope: "books/read" });
    const { payload, protectedHeader } = await judged(issuer, token, { audience: issuer.audience });
    expect(payload).toMatchObject({ sub: "otto", groups: ["Staff"], scope: "books/read" });
    expect(protectedHeader.alg).toBe(algorithm);
  });

  it("gives tokens for client credentials, in the header or the form", async () => {
    const { oidc: issuer } = await createTestKit();
    const { token_endpoint: endpoint } = (await (
      await issuer.fetch(`${issuer.issuer}/.well-known/openid-configuration`)
    ).json()) as { token_endpoint: string };
    const ask = (form: Record<string, string>, headers: Record<string, string> = {}) =>
      issuer.fetch(endpoint, { method: "POST", body: new URLSearchParams(form), headers });
    const secret = { client_id: issuer.clientId, client_secret: issuer.clientSecret };
    const basic = Buffer.from(`${issuer.clientId}:${encodeURIComponent(issuer.clientSecret)}`).toString(
      "base64",
    );
    const grant = { grant_type: "client_credentials" };

    for (const response of [
      await ask({ ...grant, ...secret, scope: "books/read", resource: "https://supplier.example" }),
      await ask(
        { ...grant, scope: "books/read", resource: "https://supplier.example" },
        { authorization: `Basic ${basic}` },
      ),
    ]) {
      const answer = (await response.json()) as { access_token: string };
      expect(answer).toMatchObject({ token_type: "Bearer", expires_in: 3600, scope: "books/read" });
      const { payload } = await judged(issuer, answer.access_token, { audience: "https://supplier.example" });
      expect(payload).toMatchObject({ sub: issuer.clientId, scope: "books/read" });
    }
    const statuses = await Promise.all([
      ask({ ...grant, ...secret, client_secret: "wrong" }),
      ask({ ...grant }, { authorization: `Basic ${Buffer.from("somebody:else").toString("base64")}` }),
      ask({ ...secret, grant_type: "password" }),
      issuer.fetch(endpoint),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([401, 401, 400, 405]);
  });
});

describe("rotation", () => {
  async function accepts(kit: TestKit, token: string): Promise<string> {
    const { clock, userPool: pool } = kit;
    return reasonOf(
      call(createAuth([userPool(pool.options)], { clock: clock.now }), { authorization: token }),
    );
  }

  it("takes the old keys away at once", async () => {
    const kit = await createTestKit();
    const old = await kit.userPool.token();
    await kit.userPool.rotate();
    expect(await accepts(kit, old)).toBe("kid_unknown");
    expect(await accepts(kit, await kit.userPool.token())).toBe("accepted");
  });

  it("leaves them in the set where they overlap, until the next one", async () => {
    const kit = await createTestKit();
    const old = await kit.userPool.token();
    await kit.userPool.rotate({ overlap: true });
    expect(kit.userPool.jwks().keys).toHaveLength(4);
    expect(await accepts(kit, old)).toBe("accepted");
    await kit.userPool.rotate();
    expect(await accepts(kit, old)).toBe("kid_unknown");
  });
});

describe("an issuer that is served", () => {
  it("fails as a dead host does while the plug is pulled, and for other hosts", async () => {
    const { oidc: issuer } = await createTestKit();
    const url = `${issuer.issuer}/.well-known/jwks.json`;
    expect((await issuer.fetch(url)).status).toBe(200);
    await expect(issuer.fetch("https://elsewhere.example/keys")).rejects.toThrow("fetch failed");
    issuer.online = false;
    await expect(issuer.fetch(url)).rejects.toThrow("fetch failed");
    expect(issuer.fetches).toBe(3);
  });

  it("may end with a slash, as some providers' names do", async () => {
    const kit = await createTestKit({ oidc: { issuer: "https://tenant.example/" } });
    expect(await call(kit.auth(), await kit.headersFor("oidc"))).toMatchObject({
      issuer: "https://tenant.example/",
    });
  });

  it("answers 404 to what it does not have", async () => {
    const { oidc: issuer } = await createTestKit();
    expect((await issuer.fetch(`${issuer.issuer}/nothing`)).status).toBe(404);
    const { oidc: tenant } = await createTestKit({ oidc: { issuer: "https://id.example/tenant" } });
    const other = await tenant.handle(new Request("https://id.example/others/.well-known/jwks.json"));
    expect(other.status).toBe(404);
  });

  it("can be reached over HTTP", async () => {
    const kit = await createTestKit({ oidc: { issuer: "http://127.0.0.1:1/tenant" } });
    const { url, close } = await kit.listen();
    try {
      const jwksUri = `${url}/${kit.userPool.userPoolId}/.well-known/jwks.json`;
      const pool = userPool({
        userPoolId: kit.userPool.userPoolId,
        clientId: kit.userPool.clientId,
        jwksUri,
      });
      expect(await call(createAuth([pool]), await kit.headersFor("userPool"))).toMatchObject({
        mode: "userPool",
      });

      const metadata = await fetch(`${url}/tenant/.well-known/openid-configuration`);
      expect(await metadata.json()).toMatchObject({ issuer: "http://127.0.0.1:1/tenant" });
      const form = {
        grant_type: "client_credentials",
        client_id: kit.oidc.clientId,
        client_secret: kit.oidc.clientSecret,
      };
      const granted = await fetch(`${url}/tenant/token`, { method: "POST", body: new URLSearchParams(form) });
      expect(granted.status).toBe(200);
    } finally {
      await close();
    }
    await expect(fetch(url)).rejects.toThrow();
  });

  it("can be discovered at the port that it was made for", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const kit = await createTestKit({ oidc: { issuer: url } });
    const listening = await kit.listen(server);
    expect(listening.url).toBe(url);
    try {
      const mode = oidc({ issuer: url, audience: kit.oidc.audience });
      expect(await call(createAuth([mode]), await kit.headersFor("oidc"))).toMatchObject({
        mode: "oidc",
        sub: "otto",
      });
    } finally {
      await listening.close();
    }
    expect(server.listening).toBe(false);
  });
});

describe("API keys", () => {
  it("are valid, expired or added", async () => {
    const kit = await createTestKit({ now: noon });
    const auth = kit.auth();
    const extra = await kit.apiKeys.add({ id: "extra", scopes: ["books/read"], expiresInSeconds: 60 });
    expect(await call(auth, await kit.headersFor("apiKey"))).toMatchObject({
      keyId: "valid",
      expiresAt: null,
    });
    expect(await call(auth, { "x-api-key": extra.key })).toMatchObject({
      keyId: "extra",
      scopes: ["books/read"],
    });
    expect(await reasonOf(call(auth, { "x-api-key": kit.apiKeys.expired.key }))).toBe("api_key_expired");
    kit.clock.advance(60);
    expect(await reasonOf(call(auth, { "x-api-key": extra.key }))).toBe("api_key_expired");
  });
});

describe("access keys", () => {
  it("sign for a machine, a guest and a user", async () => {
    const kit = await createTestKit({ now: noon });
    const { machine, guest, user } = kit.accessKeys;
    const url = "http://app.test/books?a=1";
    const as = async (credentials: typeof machine) =>
      call(kit.auth(), await kit.headersFor("iam", { url, credentials }));
    expect(await as(machine)).toMatchObject({ mode: "iam", cognitoIdentityId: null, expiresAt: null });
    expect(await as(guest)).toMatchObject({
      id: guest.identityId,
      cognitoIdentityAuthType: "unauthenticated",
    });
    expect(await as(user)).toMatchObject({
      id: user.identityId,
      cognitoIdentityAuthType: "authenticated",
      cognitoIdentityAuthProvider: expect.stringContaining(`:CognitoSignIn:${kit.userPool.sub("alice")}`),
      expiresAt: noon / 1000 + 3600,
    });
  });

  it("end by the kit's clock", async () => {
    const kit = await createTestKit({ now: noon });
    const credentials = kit.accessKeys.issue({
      authType: "unauthenticated",
      identityId: "us-east-1:me",
      expiresInSeconds: 30,
    });
    expect(credentials).toMatchObject({ identityId: "us-east-1:me", expiration: new Date(noon + 30_000) });
    const headers = await kit.headersFor("iam", { url: "http://app.test/books?a=1", credentials });
    expect(await reasonOf(call(kit.auth(), headers))).toBe("accepted");
    kit.clock.advance(30);
    expect(await reasonOf(call(kit.auth(), headers))).toBe("session_expired");
  });

  it("sign method, headers and body", async () => {
    const kit = await createTestKit();
    const init = { method: "POST", body: '{"title":"Dune"}' };
    const headers = await kit.headersFor("iam", {
      ...init,
      url: "http://app.test/books?a=1",
      headers: { "content-type": "application/json" },
    });
    expect(headers["content-type"]).toBe("application/json");
    expect(await reasonOf(call(kit.auth(), headers, init))).toBe("accepted");
    expect(await reasonOf(call(kit.auth(), headers, { ...init, body: "{}" }))).not.toBe("accepted");
    expect(await reasonOf(call(kit.auth(), { ...headers, "content-type": "text/plain" }, init))).not.toBe(
      "accepted",
    );
  });
});

describe("the authorizer", () => {
  it("lets one token pass, denies, fails, and keeps what it was asked", async () => {
    const kit = await createTestKit();
    const { authorized, denied, failing } = kit.authorizer.tokens;
    expect(await call(kit.auth(), await kit.headersFor("lambda"))).toMatchObject({
      mode: "lambda",
      resolverContext: { tenant: "bookstore" },
      deniedFields: ["Report.profit"],
    });
    expect(await reasonOf(call(kit.auth(), { authorization: denied }))).toBe("authorizer_denied");
    expect(await reasonOf(call(kit.auth(), { authorization: failing }))).toBe("authorizer_failed");
    expect(kit.authorizer.calls.map((event) => event.authorizationToken)).toEqual([
      authorized,
      denied,
      failing,
    ]);
  });
});

describe("headersFor", () => {
  it("makes a request of every mode", async () => {
    const kit = await createTestKit({ now: noon });
    const auth = kit.auth();
    const all = {
      apiKey: await kit.headersFor("apiKey"),
      iam: await kit.headersFor("iam", { url: "http://app.test/books?a=1" }),
      userPool: await kit.headersFor("userPool", { username: "bob" }),
      oidc: await kit.headersFor("oidc"),
      lambda: await kit.headersFor("lambda"),
      none: await kit.headersFor("none"),
    };
    for (const [mode, headers] of Object.entries(all)) expect((await call(auth, headers)).mode).toBe(mode);
  });
});
