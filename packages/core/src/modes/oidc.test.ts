import { describe, expect, it } from "vitest";
import { createAuth } from "../auth/auth.ts";
import { AuthError } from "../refusal/error.ts";
import { newSigner, type Signer, signerOf } from "../test/signer.ts";
import { viewOf } from "../test/view.ts";
import type { AuthMode } from "../types.ts";
import { oidc, type OidcIssuer, type OidcOptions, type OidcReceiver, type OidcTenants } from "./oidc.ts";
import { userPool } from "./user-pool.ts";

const now = 1_800_000_000;
const signer = newSigner("ES256");
const issuer = "https://id.example.com";

/** Every issuer below example.com, by discovery, all with one key. */
function internet() {
  const asked: string[] = [];
  const fetch = async (input: string | URL | Request) => {
    const url = input instanceof Request ? input.url : String(input);
    asked.push(url);
    const base = url.replace(/\/\.well-known\/.*|\/jwks$/, "");
    if (url.endsWith("/jwks")) return Response.json({ keys: [signer.jwk] });
    return Response.json({ issuer: base, jwks_uri: `${base}/jwks` });
  };
  return { asked, fetch };
}

const { fetch } = internet();

function claimsOf(more: object = {}) {
  return { iss: issuer, sub: "otto", aud: "api", azp: "cli", exp: now + 600, ...more };
}

const keySet = { fetch };

function mode(options: Partial<OidcOptions> = {}) {
  return oidc({ issuer, audience: "api", keySet, ...options });
}

async function ask(
  asked: AuthMode,
  claims: object,
  header: Record<string, unknown> = {},
  by: Signer = signer,
): Promise<unknown> {
  const view = viewOf({ headers: [["Authorization", await by.sign({ ...claims }, header)]] });
  return asked.detect(view)?.verify(now * 1000);
}

async function outcome(...asking: Parameters<typeof ask>): Promise<string> {
  try {
    return (await ask(...asking)) === undefined ? "not detected" : "accepted";
  } catch (error) {
    return error instanceof AuthError ? error.reason : String(error);
  }
}

describe("the identity", () => {
  it("has the claims, and no groups unless a claim for them is named", async () => {
    const claims = claimsOf({ groups: ["a"], scope: "read write" });
    const identity = await ask(mode(), claims);
    expect(identity).toEqual({
      mode: "oidc",
      id: "otto",
      sub: "otto",
      issuer,
      claims,
      groups: [],
      scopes: ["read", "write"],
      expiresAt: now + 600,
    });
    expect(Object.isFrozen(identity)).toBe(true);
  });

  it.each([
    [
      ["a", "b"],
      ["a", "b"],
    ],
    ["a", ["a"]],
    ["", []],
    [["a", 1], []],
    [{ a: true }, []],
    [undefined, []],
  ])("takes groups %j for %j", async (groups, expected) => {
    const named = mode({ groupsClaim: "https://example.com/groups" });
    const identity = await ask(named, claimsOf({ "https://example.com/groups": groups }));
    expect(identity).toHaveProperty("groups", expected);
  });

  it.each([
    [{ scope: "a  b" }, ["a", "b"]],
    [{ scope: ["a", "b"] }, ["a", "b"]],
    [{ scp: ["a b"] }, ["a b"]],
    [{ scp: "a b" }, ["a", "b"]],
    [{ scope: "", scp: "a" }, []],
    [{ scp: [1] }, []],
    [{}, []],
  ])("takes scopes from %j", async (claims, expected) => {
    expect(await ask(mode(), claimsOf(claims))).toHaveProperty("scopes", expected);
  });
});

describe("audience and client", () => {
  const cases: readonly (readonly [OidcReceiver, object, string])[] = [
    [{ audience: "api" }, { aud: "api" }, "accepted"],
    [{ audience: "api" }, { aud: ["x", "api"] }, "accepted"],
    [{ audience: ["a", "api"] }, { aud: "api" }, "accepted"],
    [{ audience: /api-.*/ }, { aud: "api-1" }, "accepted"],
    [{ audience: /api/ }, { aud: "api-1" }, "audience_refused"],
    [{ audience: "api" }, { aud: "API" }, "audience_refused"],
    [{ audience: "api" }, { aud: undefined }, "audience_refused"],
    [{ audience: "api" }, { aud: [] }, "audience_refused"],
    [{ audience: "api" }, { aud: [["api"]] }, "audience_refused"],
    [{ audience: "api" }, { aud: { 0: "api" } }, "audience_refused"],
    [{ audience: "api" }, { aud: "x", azp: "api" }, "audience_refused"],
    [{ audience: null }, { aud: "x" }, "accepted"],
    [{ clientId: "cli" }, { azp: "cli", aud: "x" }, "accepted"],
    [{ clientId: "cli" }, { azp: undefined, aud: "cli" }, "accepted"],
    [{ clientId: "cli" }, { azp: "x", aud: ["y", "z"] }, "client_refused"],
    [{ clientId: "cli" }, { azp: undefined, aud: undefined }, "client_refused"],
    [{ audience: "api", clientId: "cli" }, { aud: "api", azp: "x" }, "client_refused"],
    [{ audience: "api", clientId: "cli" }, { aud: "x", azp: "cli" }, "audience_refused"],
    [{ clientId: null }, { aud: "x", azp: "y" }, "accepted"],
  ];
  it.each(cases)("%o and %j: %s", async (options, claims, expected) => {
    expect(await outcome(oidc({ issuer, keySet, ...options }), claimsOf(claims))).toBe(expected);
  });
});

describe("the claim of the client", () => {
  it.each([
    ["client_id without azp", {}, { azp: undefined, client_id: "cli" }, "accepted"],
    ["client_id beside azp", {}, { azp: "x", client_id: "cli" }, "client_refused"],
    ["client_id beside an azp of another type", {}, { azp: null, client_id: "cli" }, "client_refused"],
    ["a list in client_id", {}, { azp: undefined, client_id: ["cli"] }, "client_refused"],
    ["Okta's cid, unless it is named", {}, { azp: undefined, cid: "cli" }, "client_refused"],
    ["Okta's cid", { clientIdClaim: "cid" }, { azp: undefined, cid: "cli" }, "accepted"],
    ["Entra's appid", { clientIdClaim: "appid" }, { azp: undefined, appid: "cli" }, "accepted"],
    ["azp, if another claim is named", { clientIdClaim: "cid" }, { azp: "cli", cid: "x" }, "client_refused"],
    ["aud, if another claim is named", { clientIdClaim: "cid" }, { aud: "cli" }, "client_refused"],
    ["a list in cid", { clientIdClaim: "cid" }, { cid: ["cli"] }, "client_refused"],
  ])("%s", async (_name, options, claims, expected) => {
    const asked = oidc({ issuer, keySet, clientId: "cli", ...options });
    expect(await outcome(asked, claimsOf({ aud: "x", ...claims }))).toBe(expected);
  });

  it("is named in the log if it is that of another issuer", async () => {
    const asked = oidc({ issuer, keySet, clientId: "cli" });
    const claims = claimsOf({ azp: undefined, aud: "x", appid: "cli" });
    await expect(ask(asked, claims)).rejects.toHaveProperty(
      "detail",
      expect.stringContaining('set clientIdClaim: "appid"'),
    );
  });
});

describe("ID tokens", () => {
  const byAudience: Partial<OidcOptions> = {};
  const both: Partial<OidcOptions> = { tokenUse: "both" };
  it.each([
    ["a nonce", byAudience, { nonce: "n" }, "token_use_refused"],
    ["an empty nonce", byAudience, { nonce: "" }, "token_use_refused"],
    ["at_hash", byAudience, { at_hash: "h" }, "token_use_refused"],
    ["c_hash", byAudience, { c_hash: "h" }, "token_use_refused"],
    ["Keycloak's type", byAudience, { typ: "ID" }, "token_use_refused"],
    ["an access token of an older Keycloak", byAudience, { typ: "Bearer", nonce: "n" }, "accepted"],
    ["at_hash beside that type", byAudience, { typ: "Bearer", at_hash: "h" }, "token_use_refused"],
    ["a nonce, if allowed", both, { nonce: "n" }, "accepted"],
    ["Keycloak's type, if allowed", both, { typ: "ID" }, "accepted"],
  ])("%s: with an audience", async (_name, options, claims, expected) => {
    expect(await outcome(mode(options), claimsOf(claims))).toBe(expected);
  });

  it.each([
    ["accepted by a client", {}, "accepted"],
    ["accepted by a client and any audience", { audience: null }, "accepted"],
    ["rejected by an audience too", { audience: "api" }, "token_use_refused"],
    ["rejected if access tokens are asked for", { tokenUse: "access" as const }, "token_use_refused"],
  ])("are %s", async (_name, options, expected) => {
    const asked = oidc({ issuer, keySet, clientId: "cli", ...options });
    expect(await outcome(asked, claimsOf({ nonce: "n" }))).toBe(expected);
  });
});

describe("the profile of RFC 9068", () => {
  const claims = claimsOf({ client_id: "cli", jti: "1", iat: now });
  const at = { typ: "at+jwt" };
  it.each([
    ["accepts its tokens", claims, at, "accepted"],
    ["accepts the whole media type", claims, { typ: "application/AT+JWT" }, "accepted"],
    ["rejects another type", claims, { typ: "JWT" }, "type_refused"],
    ["rejects no type", claims, { typ: undefined }, "type_refused"],
    ["needs client_id", { ...claims, client_id: undefined }, at, "claim_missing"],
    ["needs a text for client_id", { ...claims, client_id: 1 }, at, "claim_missing"],
    ["needs jti", { ...claims, jti: undefined }, at, "claim_missing"],
    ["needs a jti that is not empty", { ...claims, jti: "" }, at, "claim_missing"],
    ["needs iat", { ...claims, iat: undefined }, at, "claim_missing"],
    ["needs sub", { ...claims, sub: undefined }, at, "subject_missing"],
    ["needs the audience", { ...claims, aud: "x" }, at, "audience_refused"],
    ["rejects ID tokens of its type", { ...claims, nonce: "n" }, at, "token_use_refused"],
  ])("%s", async (_name, given, header, expected) => {
    expect(await outcome(mode({ profile: "at+jwt" }), given, header)).toBe(expected);
  });

  it("needs aud, whatever it is, if any audience is accepted", async () => {
    const any = mode({ profile: "at+jwt", audience: null });
    expect(await outcome(any, { ...claims, aud: "x" }, at)).toBe("accepted");
    expect(await outcome(any, { ...claims, aud: undefined }, at)).toBe("claim_missing");
    expect(await outcome(any, { ...claims, nonce: "n" }, at)).toBe("token_use_refused");
  });
});

describe("the length of a token", () => {
  const long = claimsOf({ padding: "x".repeat(9000) });
  it("is limited by an option", async () => {
    expect(await outcome(mode(), long)).toBe("token_too_large");
    expect(await outcome(mode({ maxTokenLength: 20_000 }), long)).toBe("accepted");
    expect(await outcome(mode({ maxTokenLength: 1024 }), claimsOf({ padding: "x".repeat(800) }))).toBe(
      "token_too_large",
    );
  });

  it("is that of the mode which the issuer picks, in any order", async () => {
    const pool = userPool({ userPoolId: "us-east-1_Abc", clientId: "web", keySet });
    const reader = mode({ maxTokenLength: 20_000 });
    for (const modes of [
      [pool, reader],
      [reader, pool],
    ]) {
      const auth = createAuth(modes, { clock: () => now * 1000 });
      const view = viewOf({ headers: [["Authorization", await signer.sign(long)]] });
      expect(await auth.authenticate(view)).toMatchObject({ mode: "oidc" });
    }
  });
});

describe("the header", () => {
  it.each([
    [undefined, undefined, "accepted"],
    [undefined, "JWT", "accepted"],
    [undefined, "at+jwt", "accepted"],
    [undefined, "application/AT+JWT", "accepted"],
    [undefined, "logout+jwt", "type_refused"],
    [undefined, "", "type_refused"],
    ["at+jwt", "at+jwt", "accepted"],
    ["at+jwt", "application/at+jwt", "accepted"],
    ["at+jwt", "JWT", "type_refused"],
    ["at+jwt", undefined, "type_refused"],
    ["secevent+jwt", "secevent+jwt", "accepted"],
  ])("with typ demanded as %s and given as %s: %s", async (demanded, typ, expected) => {
    const options = demanded === undefined ? {} : { typ: demanded };
    expect(await outcome(mode(options), claimsOf(), { typ })).toBe(expected);
  });

  it("names one of the algorithms that are accepted", async () => {
    expect(await outcome(mode({ algorithms: ["RS256"] }), claimsOf())).toBe("algorithm_refused");
    expect(await outcome(mode({ algorithms: ["RS256", "ES256"] }), claimsOf())).toBe("accepted");
  });
});

describe("issuers", () => {
  it("may have their key set elsewhere; what iss has to be stays the same", async () => {
    const { asked, fetch: fetchThere } = internet();
    const elsewhere = mode({
      jwksUri: "http://keys.internal/jwks",
      allowInsecureHttp: ["keys.internal"],
      keySet: { fetch: fetchThere },
    });
    expect(await outcome(elsewhere, claimsOf())).toBe("accepted");
    expect(await outcome(elsewhere, claimsOf({ iss: "http://keys.internal" }))).toBe("issuer_unknown");
    expect(asked).toEqual(["http://keys.internal/jwks"]);
  });

  it("are fetched ahead, all of them", async () => {
    const { asked, fetch: fetchThere } = internet();
    const keySet = { fetch: fetchThere };
    const both = oidc([
      { issuer: "https://a.example.com", audience: "api", keySet },
      { issuer: "https://b.example.com", audience: "api", keySet },
    ]);
    await both.ready?.(now * 1000);
    expect(asked.filter((url) => url.endsWith("/jwks")).toSorted()).toEqual([
      "https://a.example.com/jwks",
      "https://b.example.com/jwks",
    ]);
  });

  it("belong to one mode each", () => {
    const poolIssuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Abc";
    const pool = userPool({ userPoolId: "us-east-1_Abc", clientId: null });
    const same = oidc({ issuer: poolIssuer, audience: null });
    expect(() => createAuth([pool, same])).toThrow(/two modes accept the issuer/);
  });
});

describe("issuers that are known only at run time", () => {
  interface Setup {
    readonly lookUp: OidcTenants["issuers"];
    readonly fetch?: typeof globalThis.fetch;
  }
  const tenantsOf = ({ lookUp, fetch: fetchThere = fetch }: Setup) =>
    oidc({ issuers: lookUp, keySet: { fetch: fetchThere } });
  const tenant = (name: string) => `https://${name}.example.com`;

  it("are looked up by the issuer that a token names, and checked by their own options", async () => {
    const options: Record<string, OidcIssuer> = {
      [tenant("a")]: { audience: "api-a" },
      [tenant("b")]: { audience: "api-b", issuer: tenant("b") },
    };
    const tenants = tenantsOf({ lookUp: async (iss) => options[iss] });
    expect(await outcome(tenants, claimsOf({ iss: tenant("a"), aud: "api-a" }))).toBe("accepted");
    expect(await outcome(tenants, claimsOf({ iss: tenant("b"), aud: "api-b" }))).toBe("accepted");
    expect(await outcome(tenants, claimsOf({ iss: tenant("b"), aud: "api-a" }))).toBe("audience_refused");
  });

  it("are fetched only if they are known", async () => {
    const { asked, fetch: fetchThere } = internet();
    const tenants = tenantsOf({ lookUp: () => undefined, fetch: fetchThere });
    expect(await outcome(tenants, claimsOf({ iss: tenant("x") }))).toBe("issuer_unknown");
    expect(await outcome(tenants, claimsOf({ iss: undefined }))).toBe("issuer_unknown");
    expect(asked).toEqual([]);
  });

  it("keep their keys although the look-up returns a new object each time", async () => {
    const { asked, fetch: fetchThere } = internet();
    const tenants = tenantsOf({ lookUp: () => ({ audience: "api" }), fetch: fetchThere });
    for (let i = 0; i < 5; i++) await ask(tenants, claimsOf({ iss: tenant("a"), jti: i }));
    expect(asked.filter((url) => url.endsWith("/jwks"))).toHaveLength(1);
  });

  it("follow their options from one first-seen token to the next", async () => {
    let options: OidcIssuer | undefined = { audience: "api" };
    const tenants = tenantsOf({ lookUp: () => options });
    expect(await outcome(tenants, claimsOf())).toBe("accepted");
    options = { audience: "other" };
    expect(await outcome(tenants, claimsOf({ jti: "2" }))).toBe("audience_refused");
    options = undefined;
    expect(await outcome(tenants, claimsOf({ jti: "3", aud: "other" }))).toBe("issuer_unknown");
  });

  it("are not fetched over plain http, unless their options say where", async () => {
    const { asked, fetch: fetchThere } = internet();
    const named: Readonly<Record<string, OidcIssuer>> = {
      "http://named.example.com": { audience: "api", allowInsecureHttp: ["named.example.com"] },
      "http://keys.example.com": { audience: "api", jwksUri: "https://keys.example.com/jwks" },
      "http://wrong.example.com": { audience: "api", jwksUri: "http://wrong.example.com/jwks" },
      "http://port.example.com": { audience: "api", allowInsecureHttp: ["port.example.com:80"] },
    };
    const lookUp = (iss: string): OidcIssuer => named[iss] ?? { audience: "api" };
    const tenants = tenantsOf({ lookUp, fetch: fetchThere });
    const unsafe = [
      "http://a.example.com",
      "http://169.254.169.254",
      "file:///etc",
      "a",
      "https://u:p@a.example.com",
      "https://a.example.com?x",
    ];
    for (const iss of unsafe) expect(await outcome(tenants, claimsOf({ iss }))).toBe("issuer_unsafe");
    expect(asked).toEqual([]);
    expect(await outcome(tenants, claimsOf({ iss: "http://127.0.0.1:4444" }))).toBe("accepted");
    expect(await outcome(tenants, claimsOf({ iss: "http://named.example.com" }))).toBe("accepted");
    expect(await outcome(tenants, claimsOf({ iss: "http://keys.example.com" }))).toBe("accepted");
    const before = asked.length;
    for (const [iss, sentence] of [
      ["http://wrong.example.com", /write allowInsecureHttp: \["wrong.example.com"\]/],
      ["http://port.example.com", /write 'port.example.com'/],
    ] as const) {
      expect(await outcome(tenants, claimsOf({ iss }))).toMatch(sentence);
    }
    expect(asked).toHaveLength(before);
  });

  it("leave tokens to a user pool that knows them", async () => {
    const asked: string[] = [];
    const lookUp = (iss: string) => void asked.push(iss);
    const pool = userPool({
      userPoolId: "us-east-1_Abc",
      clientId: null,
      issuer,
      keySet: { fetch: async () => Response.json({ keys: [] }) },
    });
    const auth = createAuth([tenantsOf({ lookUp }), pool], { clock: () => now * 1000 });
    auth.onEvent(() => {});
    const ofPool = viewOf({ headers: [["Authorization", await signer.sign(claimsOf())]] });
    await expect(auth.authenticate(ofPool)).rejects.toMatchObject({ mode: "userPool" });
    expect(asked).toEqual([]);
    const ofNobody = viewOf({
      headers: [["Authorization", await signer.sign(claimsOf({ iss: "https://x" }))]],
    });
    await expect(auth.authenticate(ofNobody)).rejects.toMatchObject({
      mode: "oidc",
      reason: "issuer_unknown",
    });
    expect(asked).toEqual(["https://x"]);
  });

  it("are a 503 if the look-up throws or returns wrong options", async () => {
    const lookUps: readonly OidcTenants["issuers"][] = [
      () => {
        throw new Error("the database is down");
      },
      () => ({}) as OidcIssuer,
      () => ({ audiences: "api" }) as unknown as OidcIssuer,
      () => ({ audience: "api", issuer: tenant("other") }),
    ];
    for (const lookUp of lookUps) {
      const auth = createAuth([tenantsOf({ lookUp })], { clock: () => now * 1000 });
      auth.onEvent(() => {});
      const view = viewOf({ headers: [["Authorization", await signer.sign(claimsOf())]] });
      await expect(auth.authenticate(view)).rejects.toMatchObject({ code: "unavailable", status: 503 });
    }
  });
});

describe("options", () => {
  const good = { issuer, audience: "api" };
  const misuse: readonly (readonly [string, unknown, RegExp])[] = [
    ["nothing", undefined, /takes an object with options: issuer, audience, clientId/],
    ["an issuer alone", issuer, /takes an object with options/],
    ["an empty list", [], /list is empty/],
    ["no issuer", { audience: "api" }, /issuer is missing/],
    ["an issuer that is no URL", { issuer: "id.example.com", audience: "api" }, /issuer is a URL/],
    [
      "plain http",
      { issuer: "http://id.example.com", audience: "api" },
      /issuer http:\/\/id.example.com is plain http.*write allowInsecureHttp: \["id.example.com"\]/,
    ],
    [
      "plain http for the keys",
      { ...good, jwksUri: "http://keys.example.com/jwks" },
      /jwksUri http:\/\/keys.example.com is plain http/,
    ],
    ["a list for jwksUri", { ...good, jwksUri: ["https://keys.example.com/jwks"] }, /jwksUri is a URL/],
    ["an unused exception", { ...good, jwksUri: "https://k", allowInsecureHttp: ["k"] }, /remove it/],
    ["a confirmation of another shape", { ...good, confirmation: "ignored" }, /confirmation is a function/],
    ["dpop", { ...good, dpop: true }, /Write 'confirmation'/],
    ["an issuer of another scheme", { issuer: "ldap://x", audience: "api" }, /issuer is a URL/],
    ["an issuer with a query", { issuer: "https://x?y", audience: "api" }, /issuer has no query/],
    ["neither audience nor client", { issuer }, /write audience .* or clientId .*audience: null/],
    [
      "both undefined",
      { issuer, audience: undefined, clientId: undefined },
      /audience is undefined. Is an environment variable missing/,
    ],
    ["an empty audience", { issuer, audience: "" }, /audience is text/],
    ["no audiences", { issuer, audience: [] }, /audience is an empty list/],
    ["none", { ...good, algorithms: ["none"] }, /no signature/],
    ["HS256", { ...good, algorithms: ["RS256", "HS256"] }, /HS256 is a shared secret/],
    ["no algorithms", { ...good, algorithms: [] }, /empty list/],
    ["an empty claim", { ...good, groupsClaim: "" }, /groupsClaim is the name of a claim/],
    ["an empty type", { ...good, typ: "" }, /typ is text/],
    ["audiences", { issuer, audiences: "api" }, /no option 'audiences'. Write 'audience'/],
    ["aud", { issuer, aud: "api" }, /Write 'audience'/],
    ["clientID", { issuer, clientID: "cli" }, /Write 'clientId'/],
    ["jwksUrl", { ...good, jwksUrl: "x" }, /Write 'jwksUri'/],
    ["groupClaim", { ...good, groupClaim: "x" }, /Write 'groupsClaim'/],
    [
      "iatTTL",
      { ...good, iatTTL: 3_600_000 },
      /iatTTL is in milliseconds in AppSync; write maxTokenAgeSeconds/,
    ],
    [
      "authTTL",
      { ...good, authTTL: 3_600_000 },
      /authTTL is in milliseconds in AppSync; write maxAuthAgeSeconds/,
    ],
    ["an ID token alone", { ...good, tokenUse: "id" }, /tokenUse is 'access' or 'both'.*no claim proves/],
    [
      "an empty path",
      { ...good, groupsClaim: [] },
      /groupsClaim is the name of a claim, or for a nested one/,
    ],
    ["a path with a hole", { ...good, scopesClaim: ["a", ""] }, /scopesClaim is the name of a claim/],
    ["rights and a claim", { ...good, rights: () => ({}), groupsClaim: "x" }, /remove groupsClaim/],
    ["rights that are no function", { ...good, rights: "roles" }, /rights is a function/],
    ["permissionsClaim", { ...good, permissionsClaim: "x" }, /Write 'scopesClaim'/],
    ["a client's claim without a client", { ...good, clientIdClaim: "cid" }, /write clientId too/],
    [
      "a client's claim and any client",
      { ...good, clientId: null, clientIdClaim: "cid" },
      /clientIdClaim is compared with clientId/,
    ],
    ["an unknown profile", { ...good, profile: "rfc9068" }, /profile is 'at\+jwt'/],
    ["a profile and a type", { ...good, profile: "at+jwt", typ: "at+jwt" }, /remove typ/],
    ["a profile for no API", { issuer, clientId: "cli", profile: "at+jwt" }, /checks the audience/],
    ["a length of no token", { ...good, maxTokenLength: 100 }, /from 1024 to 262144/],
    [
      "keys and their URL",
      { ...good, keys: { keys: [signer.jwk] }, jwksUri: "https://k" },
      /nothing is fetched/,
    ],
    ["keys and their cache", { ...good, keys: { keys: [signer.jwk] }, keySet }, /nothing is fetched/],
    ["keys over http", { ...good, keys: { keys: [signer.jwk] }, allowInsecureHttp: ["k"] }, /remove it/],
    ["a shared secret", { ...good, secret: "s" }, /with a shared secret.*could also make them/],
    ["a jwks", { ...good, jwks: { keys: [] } }, /Write 'keys'/],
    ["a list of run-time issuers", { issuers: [good] }, /issuers is a function .* oidc\(\[/],
    [
      "run-time issuers and an audience",
      { issuers: () => undefined, audience: "api" },
      /no option 'audience'/,
    ],
    ["an issuer twice", [good, { issuer, clientId: "cli" }], /is there twice/],
    ["sources that differ", [good, { issuer: "https://b", audience: "x", from: ["header"] }], /same 'from'/],
  ];
  it.each(misuse)("throw for %s", (_name, options, sentence) => {
    const build = () => oidc(options as OidcOptions);
    expect(build).toThrow(TypeError);
    expect(build).toThrow(sentence);
  });

  it("do not compile if a check would be left out by accident", () => {
    // @ts-expect-error: neither audience nor clientId
    expect(() => oidc({ issuer })).toThrow(TypeError);
    // @ts-expect-error: undefined is not null
    expect(() => oidc({ issuer, audience: undefined })).toThrow(TypeError);
    // @ts-expect-error: no issuer
    expect(() => oidc({ audience: "api" })).toThrow(TypeError);
    expect(oidc({ issuer, clientId: null }).name).toBe("oidc");
  });

  it("do not compile if they mean nothing", () => {
    const good = { issuer, audience: "api" } as const;
    // @ts-expect-error: an empty path
    expect(() => oidc({ ...good, groupsClaim: [] })).toThrow(TypeError);
    // @ts-expect-error: no claim proves an ID token
    expect(() => oidc({ ...good, tokenUse: "id" })).toThrow(TypeError);
    // @ts-expect-error: another profile
    expect(() => oidc({ ...good, profile: "rfc9068" })).toThrow(TypeError);
    // @ts-expect-error: keys that may be undefined
    expect(() => oidc({ ...good, keys: process.env["NO_SUCH_KEY"] })).toThrow(TypeError);
    // @ts-expect-error: a place without a name
    expect(() => oidc({ ...good, from: { query: true } })).toThrow(TypeError);
    // @ts-expect-error: no scopes, so that a misspelt member would be none
    expect(oidc({ ...good, rights: () => ({ groups: [], scope: [] }) }).name).toBe("oidc");
  });

  it("allow a plain http issuer whose host is named", async () => {
    const http = "http://keycloak:8080/realms/shop";
    const allowed = mode({ issuer: http, allowInsecureHttp: ["keycloak:8080"] });
    expect(await outcome(allowed, claimsOf({ iss: http }))).toBe("accepted");
    expect(allowed.describe?.(0).issuers[0]?.settings).toMatchObject({ allowInsecureHttp: "keycloak:8080" });
  });

  it("reuse the keys of a tenant only for the same hosts", async () => {
    let options: OidcIssuer = { audience: "api" };
    const { asked, fetch: fetchThere } = internet();
    const tenants = oidc({ issuers: () => options, keySet: { fetch: fetchThere } });
    for (const hosts of [["keys:1"], ["keys:1"], ["keys:2"]]) {
      options = { audience: "api", allowInsecureHttp: hosts };
      expect(await outcome(tenants, claimsOf({ jti: hosts[0] }))).toBe("accepted");
    }
    expect(asked.filter((url) => url.endsWith("/jwks"))).toHaveLength(2);
  });

  it("allow an expression with flags that would keep state", async () => {
    const global = mode({ audience: /api/g });
    for (const jti of ["1", "2", "3"]) expect(await outcome(global, claimsOf({ jti }))).toBe("accepted");
  });

  it("do not let one key be taken for another algorithm than it is for", async () => {
    const rsa = newSigner("PS256");
    const keySet = {
      fetch: async () => Response.json({ keys: [{ ...rsa.jwk, alg: "PS256" }] }),
    };
    const options = { jwksUri: "https://id.example.com/jwks", keySet };
    expect(await outcome(mode(options), claimsOf(), {}, rsa)).toBe("accepted");
    const asRs = signerOf(rsa.privateKey, "RS256", rsa.kid);
    expect(await outcome(mode(options), claimsOf(), {}, asRs)).toBe("key_unfit");
  });
});
