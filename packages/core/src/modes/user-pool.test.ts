import { describe, expect, it } from "vitest";
import { createAuth } from "../auth/auth.ts";
import { AuthError } from "../refusal/error.ts";
import { viewState } from "../request/state.ts";
import { newSigner } from "../test/signer.ts";
import { viewOf } from "../test/view.ts";
import { userPool, type UserPoolOptions } from "./user-pool.ts";

const now = 1_800_000_000;
const signer = newSigner("RS256");
const userPoolId = "eu-central-1_AbC123xyz";
const issuers = [
  `https://cognito-idp.eu-central-1.amazonaws.com/${userPoolId}`,
  `https://issuer-cognito-idp.eu-central-1.amazonaws.com/${userPoolId}`,
] as const;

/** Answers for the URLs that it was given, as an issuer would. */
function issuerAt(...urls: readonly string[]) {
  const asked: string[] = [];
  const fetch = async (input: string | URL | Request) => {
    const url = input instanceof Request ? input.url : String(input);
    asked.push(url);
    return urls.includes(url) ? Response.json({ keys: [signer.jwk] }) : new Response("", { status: 403 });
  };
  return { asked, fetch };
}

const jwksOf = (issuer: string) => `${issuer}/.well-known/jwks.json`;
const allKeys = issuerAt(...issuers.map(jwksOf));

function claimsOf(more: object = {}) {
  return {
    iss: issuers[0],
    sub: "1f2e",
    token_use: "access",
    client_id: "web",
    username: "alice",
    iat: now,
    exp: now + 600,
    ...more,
  };
}

function pool(options: Partial<UserPoolOptions> = {}) {
  return userPool({ userPoolId, clientId: "web", keySet: { fetch: allKeys.fetch }, ...options });
}

async function ask(mode: ReturnType<typeof pool>, claims: object, header: Record<string, unknown> = {}) {
  const detection = mode.detect(
    viewOf({ headers: [["Authorization", await signer.sign({ ...claims }, header)]] }),
  );
  if (detection === undefined) throw new Error("not detected");
  return detection.verify(now * 1000);
}

async function reasonOf(identity: Promise<unknown>): Promise<string> {
  const error: unknown = await identity.catch((thrown: unknown) => thrown);
  return error instanceof AuthError ? error.reason : "accepted";
}

describe("the identity", () => {
  it("of an access token", async () => {
    const claims = claimsOf({ scope: "openid profile", "cognito:groups": ["Librarians", "Poets"] });
    expect(await ask(pool(), claims)).toEqual({
      mode: "userPool",
      id: "1f2e",
      sub: "1f2e",
      username: "alice",
      issuer: issuers[0],
      tokenUse: "access",
      groups: ["Librarians", "Poets"],
      scopes: ["openid", "profile"],
      expiresAt: now + 600,
      claims,
    });
  });

  it("of an id token", async () => {
    const claims = claimsOf({ token_use: "id", aud: "web", "cognito:username": "al", client_id: undefined });
    expect(await ask(pool({ tokenUse: "id" }), claims)).toMatchObject({
      username: "al",
      tokenUse: "id",
      groups: [],
      scopes: [],
    });
  });

  it("of client credentials, which name no user", async () => {
    expect(await ask(pool(), claimsOf({ username: undefined, sub: "web" }))).toMatchObject({
      username: "web",
    });
  });

  it.each(["Librarians", { 0: "Librarians" }, [["Librarians"]], ["Librarians", 1], null])(
    "has no groups where the claim is %j",
    async (groups) => {
      expect(await ask(pool(), claimsOf({ "cognito:groups": groups }))).toHaveProperty("groups", []);
    },
  );

  it("is frozen all the way down", async () => {
    const identity = await ask(
      pool(),
      claimsOf({ "cognito:groups": ["a"], address: { city: "x", list: [{}] } }),
    );
    const frozen: unknown[] = [];
    const visit = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      frozen.push(Object.isFrozen(value));
      Object.values(value).forEach(visit);
    };
    visit(identity);
    expect(frozen.length).toBeGreaterThan(5);
    expect(frozen).not.toContain(false);
  });

  it("holds a claim named __proto__ as what it is: a claim", async () => {
    const text = JSON.stringify(claimsOf()).replace(
      "{",
      '{"__proto__":{"cognito:groups":["Admins"],"sub":"root"},',
    );
    const mode = pool();
    const view = viewOf({ headers: [["Authorization", await signer.sign(text)]] });
    const identity = await mode.detect(view)?.verify(now * 1000);
    expect(identity).toMatchObject({ sub: "1f2e", groups: [] });
    expect(Object.getPrototypeOf(identity?.claims)).toBe(Object.prototype);
  });
});

describe("detection", () => {
  const tokenView = async (claims: object) =>
    viewOf({ headers: [["Authorization", `Bearer ${await signer.sign({ ...claims })}`]] });

  it("knows its own, and leaves what has not the shape of a token alone", async () => {
    const mode = pool();
    expect(mode.detect(await tokenView(claimsOf()))).toMatchObject({ place: "authorization", fit: "own" });
    expect(mode.detect(await tokenView(claimsOf({ iss: "https://x" })))).toMatchObject({ fit: "foreign" });
    for (const value of ["Basic YTpi", "AWS4-HMAC-SHA256 Credential=…", "custom", ""]) {
      expect(mode.detect(viewOf({ headers: [["Authorization", value]] }))).toBeUndefined();
    }
    expect(mode.detect(viewOf())).toBeUndefined();
  });

  it("fetches and proves nothing", async () => {
    const { asked, fetch } = issuerAt();
    pool({ keySet: { fetch } }).detect(await tokenView(claimsOf()));
    expect(asked).toEqual([]);
  });

  it("tells what may be forwarded: the header as it came", async () => {
    const view = await tokenView(claimsOf());
    const auth = createAuth([pool()], { clock: () => now * 1000 });
    auth.onEvent(() => {});
    await auth.authenticate(view);
    expect(viewState(view).decisions.forwardable(view)?.credential).toEqual({
      name: "authorization",
      value: view.header("authorization"),
    });
  });

  it("names its issuers and headers", () => {
    expect(pool()).toMatchObject({
      name: "userPool",
      scheme: "Bearer",
      issuers,
      requestHeaders: ["authorization", "x-amz-user-agent"],
    });
    expect(pool({ from: { cookie: "t" } }).requestHeaders).toEqual([]);
  });
});

describe("a token that was good", () => {
  async function repeated(claims: object = claimsOf()) {
    const { asked, fetch } = issuerAt(...issuers.map(jwksOf));
    const mode = pool({ keySet: { fetch } });
    const view = viewOf({ headers: [["Authorization", await signer.sign({ ...claims })]] });
    const verify = (seconds: number) => mode.detect(view)?.verify(seconds * 1000);
    return { asked, verify, first: await verify(now) };
  }

  it("is not proven again, nor even decoded, for five minutes", async () => {
    const { verify, first } = await repeated(claimsOf({ exp: now + 3600 }));
    expect(verify(now + 1)).toBe(first);
    expect(verify(now + 299)).toBe(first);
    const again = await verify(now + 300);
    expect(again).toEqual(first);
    expect(again).not.toBe(first);
  });

  it("is verified again when it expires, and if the clock was set back", async () => {
    const { verify, first } = await repeated(claimsOf({ exp: now + 60 }));
    expect(verify(now + 59)).toBe(first);
    expect(await verify(now - 1)).not.toBe(first);
    expect(await reasonOf((async () => verify(now + 60))())).toBe("token_expired");
  });

  it("is proven again when an age ends", async () => {
    const mode = pool({ maxTokenAgeSeconds: 100, maxAuthAgeSeconds: 50 });
    const token = await signer.sign(claimsOf({ auth_time: now }));
    const view = viewOf({ headers: [["Authorization", token]] });
    const verify = (seconds: number) => mode.detect(view)?.verify(seconds * 1000);
    const first = await verify(now);
    expect(verify(now + 49)).toBe(first);
    expect(await reasonOf((async () => verify(now + 50))())).toBe("sign_in_too_old");
  });
});

describe("issuers", () => {
  it("are both forms that AWS writes, each with keys of its own", async () => {
    for (const issuer of issuers) {
      const { asked, fetch } = issuerAt(...issuers.map(jwksOf));
      const identity = await ask(pool({ keySet: { fetch } }), claimsOf({ iss: issuer }));
      expect(identity).toHaveProperty("issuer", issuer);
      expect(asked).toEqual([jwksOf(issuer)]);
    }
  });

  it("need not all exist to be ready, but one of them has to", async () => {
    const { fetch } = issuerAt(jwksOf(issuers[0]));
    await expect(pool({ keySet: { fetch } }).ready?.(now * 1000)).resolves.toBeUndefined();
    await expect(pool({ keySet: { fetch: issuerAt().fetch } }).ready?.(now * 1000)).rejects.toThrow(
      AuthError,
    );
  });

  it("stay the same if the keys are elsewhere", async () => {
    const { asked, fetch } = issuerAt("http://127.0.0.1:9229/keys");
    const mode = pool({ jwksUri: "http://127.0.0.1:9229/keys", keySet: { fetch } });
    expect(await ask(mode, claimsOf({ iss: issuers[1] }))).toHaveProperty("issuer", issuers[1]);
    expect(await reasonOf(Promise.resolve(ask(mode, claimsOf({ iss: "http://127.0.0.1:9229" }))))).toBe(
      "issuer_unknown",
    );
    expect(asked).toEqual(["http://127.0.0.1:9229/keys"]);
  });

  it("of emulators are named, instead of those of AWS", async () => {
    const issuer = "http://localhost:9229/local_1";
    const mode = pool({ userPoolId: "local_1", issuer, keySet: { fetch: issuerAt(jwksOf(issuer)).fetch } });
    expect(await ask(mode, claimsOf({ iss: issuer }))).toHaveProperty("issuer", issuer);
    expect(mode.issuers).toEqual([issuer]);
  });

  it("of several pools have clients of their own", async () => {
    const other = "us-east-1_Other";
    const iss = `https://cognito-idp.us-east-1.amazonaws.com/${other}`;
    const { fetch } = issuerAt(...issuers.map(jwksOf), jwksOf(iss));
    const keySet = { fetch };
    const mode = userPool([
      { userPoolId, clientId: "web", keySet },
      { userPoolId: other, clientId: /mobile-\d/, tokenUse: "both", keySet },
    ]);
    expect(await ask(mode, claimsOf({ iss, client_id: "mobile-1" }))).toHaveProperty("issuer", iss);
    expect(await reasonOf(Promise.resolve(ask(mode, claimsOf({ iss }))))).toBe("client_refused");
    expect(await reasonOf(Promise.resolve(ask(mode, claimsOf({ client_id: "mobile-1" }))))).toBe(
      "client_refused",
    );
  });
});

describe("options", () => {
  it("accept any client only in words", async () => {
    expect(await ask(pool({ clientId: null }), claimsOf({ client_id: "whoever" }))).toHaveProperty(
      "id",
      "1f2e",
    );
    expect(await ask(pool({ clientId: ["mobile", "web"] }), claimsOf())).toHaveProperty("id", "1f2e");
    expect(await reasonOf(Promise.resolve(ask(pool({ clientId: /we/ }), claimsOf())))).toBe("client_refused");
  });

  it("bind access tokens that name an audience", async () => {
    const api = "https://api.example/mcp";
    const other = "https://other.example/mcp";
    const anyClient = { clientId: null };
    const bound = { audience: api };
    const rows: readonly (readonly [Partial<UserPoolOptions>, unknown, string])[] = [
      [{}, undefined, "accepted"],
      [{}, other, "audience_refused"],
      [{}, [other], "audience_refused"],
      [{}, [], "audience_refused"],
      [{}, null, "audience_refused"],
      [{}, "web", "accepted"],
      [{}, [other, "web"], "accepted"],
      [anyClient, undefined, "accepted"],
      [anyClient, other, "audience_refused"],
      [bound, api, "accepted"],
      [bound, [other, api], "accepted"],
      [bound, other, "audience_refused"],
      [bound, `${api}/`, "audience_refused"],
      [bound, { 0: api }, "audience_refused"],
      [bound, undefined, "audience_refused"],
      [bound, "web", "audience_refused"],
      [{ audience: [api, other] }, other, "accepted"],
      [{ audience: /https:\/\/api\.example\/.*/ }, api, "accepted"],
      [{ audience: /api/ }, api, "audience_refused"],
      [{ audience: null }, other, "accepted"],
      [{ audience: null }, undefined, "accepted"],
    ];
    for (const [options, aud, expected] of rows) {
      const outcome = await reasonOf(Promise.resolve(ask(pool(options), claimsOf({ aud }))));
      expect([options, aud, outcome]).toEqual([options, aud, expected]);
    }
    const both = pool({ ...bound, tokenUse: "both" });
    const idToken = claimsOf({ token_use: "id", aud: "web", client_id: undefined });
    expect(await reasonOf(Promise.resolve(ask(both, idToken)))).toBe("accepted");
    expect(await reasonOf(Promise.resolve(ask(both, claimsOf())))).toBe("audience_refused");
    expect(both.describe?.(0).issuers[0]?.settings).toMatchObject({ audience: api });
  });

  it("limit ages", async () => {
    const mode = pool({ maxTokenAgeSeconds: 60 });
    expect(await reasonOf(Promise.resolve(ask(mode, claimsOf({ iat: now - 60 }))))).toBe("token_too_old");
    expect(await reasonOf(Promise.resolve(ask(mode, claimsOf({ iat: undefined }))))).toBe(
      "issue_time_missing",
    );
  });

  it("do not compile if a check would be left out by accident", () => {
    // @ts-expect-error: no clientId
    expect(() => userPool({ userPoolId })).toThrow(TypeError);
    // @ts-expect-error: undefined is not null
    expect(() => userPool({ userPoolId, clientId: undefined })).toThrow(TypeError);
    expect(userPool({ userPoolId, clientId: null }).name).toBe("userPool");
  });

  const misuse: readonly (readonly [string, unknown, RegExp])[] = [
    ["nothing", undefined, /takes an object with options: userPoolId, clientId/],
    ["a pool id alone", userPoolId, /takes an object with options/],
    ["an empty list", [], /list is empty/],
    ["no client", { userPoolId }, /clientId is missing.*null to accept any client/],
    [
      "an undefined client",
      { userPoolId, clientId: undefined },
      /clientId is undefined. Is an environment variable missing/,
    ],
    ["no clients", { userPoolId, clientId: [] }, /empty list/],
    ["an empty client", { userPoolId, clientId: "" }, /clientId is text/],
    ["no pool", { clientId: "web" }, /userPoolId is a region and a name/],
    ["a pool without region", { userPoolId: "AbCdEf", clientId: "web" }, /such as us-east-1_AbCdEfGhI/],
    ["a placeholder", { userPoolId: "YOUR_USER_POOL_ID", clientId: "web" }, /userPoolId is a region/],
    ["an emulator's pool", { userPoolId: "local_1", clientId: "web" }, /also give its 'issuer'/],
    ["poolId", { poolId: userPoolId, clientId: "web" }, /no option 'poolId'. Write 'userPoolId'/],
    ["clientID", { userPoolId, clientID: "web" }, /Write 'clientId'/],
    ["appIdClientRegex", { userPoolId, appIdClientRegex: "web" }, /Write 'clientId'/],
    ["audiences", { userPoolId, clientId: "web", audiences: "web" }, /Write 'audience'/],
    [
      "an audience for id tokens",
      { userPoolId, clientId: "web", tokenUse: "id", audience: "web" },
      /id tokens have the client in aud/,
    ],
    ["no audiences", { userPoolId, clientId: "web", audience: [] }, /audience is an empty list/],
    [
      "an emulator over plain http",
      { userPoolId: "local_1", clientId: "web", issuer: "http://emulator:9229/local_1" },
      /write allowInsecureHttp: \["emulator:9229"\]/,
    ],
    [
      "an exception for Amazon's own issuer",
      { userPoolId, clientId: "web", allowInsecureHttp: ["emulator:9229"] },
      /remove it/,
    ],
    ["jwksUrl", { userPoolId, clientId: "web", jwksUrl: "x" }, /Write 'jwksUri'/],
    ["graceSeconds", { userPoolId, clientId: "web", graceSeconds: 1 }, /Write 'clockToleranceSeconds'/],
    [
      "authTTL",
      { userPoolId, clientId: "web", authTTL: 1 },
      /authTTL is in milliseconds in AppSync; write maxAuthAgeSeconds/,
    ],
    [
      "iatTTL",
      { userPoolId, clientId: "web", iatTTL: 1 },
      /iatTTL is in milliseconds in AppSync; write maxTokenAgeSeconds/,
    ],
    [
      "a token use of its own",
      { userPoolId, clientId: "web", tokenUse: "refresh" },
      /tokenUse is 'access', 'id' or 'both'/,
    ],
    [
      "a key set without scheme",
      { userPoolId, clientId: "web", jwksUri: "127.0.0.1/keys" },
      /jwksUri is a URL/,
    ],
    ["a key set with a password", { userPoolId, clientId: "web", jwksUri: "https://a:b@x" }, /neither user/],
    ["an issuer that is no URL", { userPoolId: "x", clientId: "web", issuer: "x" }, /issuer is a URL/],
    ["too much tolerance", { userPoolId, clientId: "web", clockToleranceSeconds: 3600 }, /from 0 to 300/],
    [
      "a key set of another shape",
      { userPoolId, clientId: "web", keySet: { ttl: 1 } },
      /keySet has no option 'ttl'/,
    ],
    ["a source of another shape", { userPoolId, clientId: "web", from: "query" }, /from is 'header'/],
    [
      "a pool twice",
      [
        { userPoolId, clientId: "web" },
        { userPoolId, clientId: "mobile" },
      ],
      /is there twice/,
    ],
    [
      "sources that differ",
      [
        { userPoolId, clientId: "web" },
        { userPoolId: "us-east-1_Other", clientId: "web", from: { cookie: "t" } },
      ],
      /same 'from'/,
    ],
  ];
  it.each(misuse)("throw for %s", (_name, options, sentence) => {
    const build = () => userPool(options as UserPoolOptions);
    expect(build).toThrow(TypeError);
    expect(build).toThrow(sentence);
  });
});
