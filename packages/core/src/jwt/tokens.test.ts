import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { none } from "../modes/none.ts";
import { apiKey, newApiKey } from "../modes/api-key.ts";
import { oidc, type OidcOptions } from "../modes/oidc.ts";
import { userPool } from "../modes/user-pool.ts";
import { type AuthServer, serve } from "../test/auth-server.ts";
import { type KeyServer, startKeyServer, unplugged } from "../test/key-server.ts";
import { base64url, signerOf, unsigned } from "../test/signer.ts";
import {
  access,
  flipSignature,
  id,
  now,
  pool,
  poolId,
  retype,
  shop,
  stranger,
  tamper,
  tokenCases,
} from "../test/token-cases.ts";

// Tokens over real HTTP, from keys that a server on another port hands out.

let poolKeys: KeyServer;
let shopKeys: KeyServer;
let otherKeys: KeyServer;
let server: AuthServer;
let key: string;
let clock = now * 1000;

const fromShop = () => ({ iss: shopKeys.issuer, sub: "otto", aud: "api", azp: "cli", exp: now + 60 });
const fromOther = () => ({
  iss: otherKeys.issuer,
  sub: "olga",
  aud: "other-api",
  azp: "other-cli",
  exp: now + 60,
});

beforeAll(async () => {
  [poolKeys, shopKeys, otherKeys] = await Promise.all([
    startKeyServer([pool.access.jwk, pool.id.jwk]),
    startKeyServer([shop.rs.jwk, shop.es.jwk]),
    startKeyServer([{ ...shop.es.jwk, kid: "other" }]),
  ]);
});

async function start(): Promise<void> {
  const made = await newApiKey({ expiresInSeconds: null });
  key = made.key;
  const shopOptions: OidcOptions = { issuer: shopKeys.issuer, audience: "api", clientId: "cli" };
  const otherOptions: OidcOptions = {
    issuer: otherKeys.issuer,
    audience: "other-api",
    clientId: "other-cli",
  };
  server = await serve(
    [
      userPool({ userPoolId: poolId, clientId: "web", jwksUri: poolKeys.jwksUri }),
      oidc([shopOptions, otherOptions]),
      apiKey({ keys: [made.stored] }),
      none(),
    ],
    { clock: () => clock },
  );
}

beforeEach(async () => {
  clock = now * 1000;
  for (const keyServer of [poolKeys, shopKeys, otherKeys]) {
    keyServer.asked.length = 0;
    keyServer.answer = undefined;
  }
  shopKeys.keys = [shop.rs.jwk, shop.es.jwk];
  otherKeys.keys = [{ ...shop.es.jwk, kid: "other" }];
  await start();
});

describe("good tokens", () => {
  it("are accepted raw and after Bearer, of each mode and issuer", async () => {
    const token = await pool.access.sign(access);
    expect((await server.token(token)).summary).toBe("200 userPool");
    expect((await server.ask([["Authorization", `Bearer ${token}`]])).summary).toBe("200 userPool");
    expect((await server.ask([["authorization", `bearer   ${token} `]])).summary).toBe("200 userPool");
    expect((await server.token(await shop.rs.sign(fromShop()))).body).toMatchObject({
      mode: "oidc",
      id: "otto",
    });
    expect((await server.token(await shop.es.sign(fromShop()))).body).toMatchObject({
      mode: "oidc",
      id: "otto",
    });
    const other = await shop.es.sign(fromOther(), { kid: "other" });
    expect((await server.token(other)).body).toMatchObject({ mode: "oidc", id: "olga" });
  });

  it("are accepted without a key id if only one key fits", async () => {
    const token = await shop.es.sign(fromShop(), { kid: undefined });
    expect((await server.token(token)).summary).toBe("200 oidc");
  });
});

describe("bad tokens", () => {
  const cases = tokenCases(() => ({ shop: shopKeys.issuer, other: otherKeys.issuer }));
  it.each(cases)("%s", async (_name, token, summary) => {
    const answer = await server.token(await token());
    expect(answer.summary).toBe(summary);
    expect(answer.event?.mode).toMatch(/userPool|oidc/);
    expect(answer.headers["www-authenticate"]).toMatch(/^Bearer error="invalid_token"/);
  });

  it("tell the log what to fix: an issuer without its slash, a token for Microsoft Graph", async () => {
    const server = await serve([oidc({ issuer: shopKeys.issuer, audience: "api" })], { clock: () => clock });
    const slash = await shop.rs.sign({ ...fromShop(), iss: `${shopKeys.issuer}/` });
    const near = await server.token(slash);
    expect(near.summary).toBe("401 credentials_refused issuer_unknown");
    expect(near.event?.detail).toContain(
      `"${shopKeys.issuer}/" and "${shopKeys.issuer}": they differ by the slash at the end`,
    );
    // Graph's tokens have a nonce in the header that was signed as its hash.
    for (const aud of ["https://graph.microsoft.com", "00000003-0000-0000-c000-000000000000"]) {
      const [header, ...rest] = (await shop.rs.sign({ ...fromShop(), aud })).split(".");
      const changed = {
        ...(JSON.parse(Buffer.from(header ?? "", "base64url").toString()) as object),
        nonce: "other",
      };
      const graph = await server.token([base64url(JSON.stringify(changed)), ...rest].join("."));
      expect(graph.summary).toBe("401 credentials_refused signature_mismatch");
      expect(graph.event?.detail).toContain("the token is for Microsoft Graph; request a scope of this API");
      expect(JSON.stringify(graph.body)).not.toContain("Graph");
    }
    const other = await server.token(await shop.rs.sign({ ...fromShop(), iss: "https://evil.example" }));
    expect(other.event?.detail).not.toContain("slash");
  });

  it("are rejected if iss or aud is an object that cannot be written as text", async () => {
    const server = await serve([oidc({ issuer: shopKeys.issuer, audience: "api" })], { clock: () => clock });
    const odd = { toString: 1, valueOf: 1 };
    const issuer = await server.token(await shop.rs.sign({ ...fromShop(), iss: odd }));
    expect(issuer.summary).toBe("401 credentials_refused issuer_unknown");
    for (const aud of [odd, [odd], [[odd]]]) {
      const audience = await server.token(await shop.rs.sign({ ...fromShop(), aud }));
      expect(audience.status).toBe(401);
      const forged = (await shop.rs.sign({ ...fromShop(), aud })).replace(/[^.]{4}$/, "AAAA");
      expect((await server.token(forged)).summary).toBe("401 credentials_refused signature_mismatch");
    }
  });

  it("are rejected before anything is fetched if no key would help", async () => {
    const early = [
      "issuer_unknown",
      "algorithm_refused",
      "token_malformed",
      "token_too_large",
      "type_refused",
      "crit_unsupported",
    ];
    for (const [, token, summary] of cases) {
      if (early.some((reason) => summary.includes(reason))) await server.token(await token());
    }
    expect([poolKeys.asked, shopKeys.asked, otherKeys.asked]).toEqual([[], [], []]);
  });

  it("leave no token, signature or claim of theirs in event and answer", async () => {
    for (const [, makeToken] of cases) {
      const token = await makeToken();
      const { body, event, headers } = await server.token(token);
      const signature = token.slice(token.lastIndexOf(".") + 1);
      const shown = JSON.stringify([body, headers, { ...event, cause: String(event?.cause) }]);
      expect(shown).not.toContain(token);
      if (signature !== "") expect(shown).not.toContain(signature);
      expect(JSON.stringify(body)).not.toContain("Librarians");
    }
  });
});

describe("id and access tokens", () => {
  const serveUse = (tokenUse: "access" | "id" | "both") =>
    serve([userPool({ userPoolId: poolId, clientId: "web", tokenUse, jwksUri: poolKeys.jwksUri })], {
      clock: () => clock,
    });

  it("are not taken for each other", async () => {
    const [idToken, accessToken] = [await pool.id.sign(id), await pool.access.sign(access)];
    const refused = "401 credentials_refused token_use_refused";
    const answers = async (tokenUse: "access" | "id" | "both") => {
      const { token } = await serveUse(tokenUse);
      return [(await token(idToken)).summary, (await token(accessToken)).summary];
    };
    expect(await answers("access")).toEqual([refused, "200 userPool"]);
    expect(await answers("id")).toEqual(["200 userPool", refused]);
    expect(await answers("both")).toEqual(["200 userPool", "200 userPool"]);
  });

  it("have their clients in claims of their own", async () => {
    const { token } = await serveUse("both");
    const refused = "401 credentials_refused client_refused";
    expect((await token(await pool.id.sign({ ...id, aud: "mobile", client_id: "web" }))).summary).toBe(
      refused,
    );
    expect((await token(await pool.id.sign({ ...id, aud: ["web"] }))).summary).toBe(refused);
    expect(
      (await token(await pool.access.sign({ ...access, client_id: "mobile", aud: "web" }))).summary,
    ).toBe(refused);
  });
});

describe("two issuers", () => {
  const parts = ["issuer", "audience", "client", "key"] as const;
  // Bit i says whose part i is: every mixture but the two pure ones must be refused.
  it.each(Array.from({ length: 16 }, (_, mixture) => mixture))(
    "mixture %i is good only where it is pure",
    async (mixture) => {
      const [issuer, audience, client, signer] = parts.map((_, i) => (mixture >> i) & 1);
      const claims = {
        ...fromShop(),
        iss: (issuer === 0 ? shopKeys : otherKeys).issuer,
        aud: audience === 0 ? "api" : "other-api",
        azp: client === 0 ? "cli" : "other-cli",
      };
      // The other issuer has the same kind of key under another name, and under this name for good measure.
      otherKeys.keys = [{ ...stranger.jwk, kid: "rs" }];
      const token = await (signer === 0 ? shop.rs : signerOf(stranger.privateKey, "RS256", "rs")).sign(
        claims,
      );
      const { status, event } = await server.token(token);
      const pure = mixture === 0 || mixture === 15;
      expect(status).toBe(pure ? 200 : 401);
      if (pure) return;
      const reason =
        issuer !== signer
          ? "signature_mismatch"
          : issuer !== audience
            ? "audience_refused"
            : "client_refused";
      expect(event?.reason).toBe(reason);
    },
  );

  it("may be of two modes, and do not share keys either", async () => {
    const token = await shop.rs.sign({ ...access, token_use: "access" }, { kid: "access" });
    expect((await server.token(token)).summary).toBe("401 credentials_refused signature_mismatch");
    const reverse = await pool.access.sign(fromShop(), { kid: "rs" });
    expect((await server.token(reverse)).summary).toBe("401 credentials_refused signature_mismatch");
  });
});

describe("more than one token", () => {
  it("in two Authorization headers is rejected, also if both are valid", async () => {
    const token = await pool.access.sign(access);
    const twice = await server.ask([
      ["Authorization", token],
      ["Authorization", token],
    ]);
    expect(twice.summary).toBe("400 credentials_malformed authorization_repeated");
  });

  it("beside credentials of another kind is refused", async () => {
    const token = await pool.access.sign(access);
    const withKey = await server.ask([
      ["Authorization", token],
      ["X-Api-Key", key],
    ]);
    expect(withKey.summary).toBe("400 credentials_ambiguous several_credentials");
  });

  it("never counts as no credentials", async () => {
    expect((await server.ask([])).summary).toBe("200 none");
    for (const value of ["Bearer", "Bearer x", "eyJ.e30.", "Basic YTpi", unsigned({}, {})]) {
      expect((await server.token(value)).status).toBe(401);
    }
  });
});

describe("tokens in cookies", () => {
  const cookieServer = (from: OidcOptions["from"]) =>
    serve([oidc({ issuer: shopKeys.issuer, audience: "api", ...(from !== undefined && { from }) }), none()], {
      clock: () => clock,
    });

  it("are read if they are configured", async () => {
    const token = await shop.rs.sign(fromShop());
    const cookie = ["Cookie", `a=b; session=${token}`] as const;
    expect((await (await cookieServer({ cookie: "session" })).ask([cookie])).summary).toBe("200 oidc");
    expect((await (await cookieServer("header")).ask([cookie])).summary).toBe("200 none");
  });

  it("are refused on unsafe methods from other sites, remembered or not", async () => {
    const token = await shop.rs.sign(fromShop());
    const { ask, origin } = await cookieServer({ cookie: "session" });
    const cookie = ["Cookie", `session=${token}`] as const;
    const crossSite = "401 credentials_refused cookie_cross_site";
    expect((await ask([cookie], "POST")).summary).toBe(crossSite);
    expect((await ask([cookie])).summary).toBe("200 oidc");
    expect((await ask([cookie], "POST")).summary).toBe(crossSite);
    expect((await ask([cookie, ["Origin", "https://evil.example"]], "POST")).summary).toBe(crossSite);
    expect((await ask([cookie, ["Upgrade", "websocket"]])).summary).toBe(crossSite);
    expect((await ask([cookie, ["Origin", origin]], "POST")).summary).toBe("200 oidc");
  });

  it("are rejected if they are no token, or several", async () => {
    const { ask } = await cookieServer({ cookie: "session" });
    expect((await ask([["Cookie", "session=hello"]])).summary).toBe(
      "401 credentials_refused token_malformed",
    );
    expect((await ask([["Cookie", "session=a; session=b"]])).summary).toBe(
      "400 credentials_malformed cookie_repeated",
    );
  });

  it("yield to a header if the list says so, and are ambiguous beside other credentials", async () => {
    const mine = await shop.rs.sign(fromShop());
    const theirs = await shop.rs.sign({ ...fromShop(), sub: "theirs" });
    const { ask } = await cookieServer(["header", { cookie: "session" }]);
    const cookie = ["Cookie", `session=${theirs}`] as const;
    expect((await ask([cookie, ["Authorization", mine]])).body).toMatchObject({ id: "otto" });
    expect((await ask([cookie])).body).toMatchObject({ id: "theirs" });
    expect((await ask([cookie, ["Authorization", "opaque"]])).summary).toBe(
      "400 credentials_ambiguous several_credentials",
    );
  });
});

describe("key sets", () => {
  it("are fetched at most five times for a flood of unknown keys", async () => {
    await server.ready();
    const before = shopKeys.fetches();
    const tokens = await Promise.all(
      Array.from({ length: 30 }, (_, i) => shop.es.sign(fromShop(), { kid: `unknown-${i}` })),
    );
    const answers = await Promise.all(tokens.map((token) => server.token(token)));
    for (const { summary, headers } of answers) {
      expect(summary).toMatch(/^401 credentials_refused kid_unknown$|^503 unavailable key_fetches_spent$/);
      if (summary.startsWith("503")) expect(headers["retry-after"]).toBe("60");
    }
    expect(shopKeys.fetches() - before).toBeLessThanOrEqual(5);
    expect((await server.token(await shop.es.sign(fromShop()))).summary).toBe("200 oidc");
  });

  it("may replace a key under its id, or have two keys of one id", async () => {
    await server.ready();
    const newer = signerOf(stranger.privateKey, "RS256", "rs");
    expect((await server.token(await newer.sign(fromShop()))).summary).toBe(
      "401 credentials_refused signature_mismatch",
    );
    const old = await shop.rs.sign(fromShop());
    expect((await server.token(old)).summary).toBe("200 oidc");
    shopKeys.keys = [shop.rs.jwk, newer.jwk];
    expect((await server.token(await newer.sign(fromShop()))).summary).toBe("200 oidc");
    expect((await server.token(await shop.rs.sign({ ...fromShop(), jti: "2" }))).summary).toBe("200 oidc");
    const neither = await signerOf(pool.access.privateKey, "RS256", "rs").sign(fromShop());
    expect((await server.token(neither)).summary).toBe("401 credentials_refused signature_mismatch");
    shopKeys.keys = [newer.jwk];
    expect((await server.token(await shop.rs.sign({ ...fromShop(), jti: "3" }))).summary).toBe("200 oidc");
    await server.token(neither);
    for (const token of [old, await shop.rs.sign({ ...fromShop(), jti: "4" })]) {
      expect((await server.token(token)).summary).toBe("401 credentials_refused signature_mismatch");
    }
  });

  it("hold a key that cannot be used beside one of its id that can", async () => {
    const { x: _x, ...broken } = shop.es.jwk;
    shopKeys.keys = [{ ...broken, x: broken.y ?? "" }, shop.es.jwk];
    expect((await server.token(await shop.es.sign(fromShop()))).summary).toBe("200 oidc");
  });

  it("go on serving when the issuer goes down, and follow it when it rotates", async () => {
    await server.ready();
    shopKeys.answer = unplugged;
    clock += 3_600_000;
    const claims = { ...fromShop(), exp: now + 7200 };
    expect((await server.token(await shop.es.sign(claims))).summary).toBe("200 oidc");
    clock += 20_000;
    shopKeys.answer = undefined;
    shopKeys.keys = [{ ...stranger.jwk, kid: "new" }];
    const rotated = await signerOf(stranger.privateKey, "RS256", "new").sign(claims);
    expect((await server.token(rotated)).summary).toBe("200 oidc");
    expect((await server.token(await shop.es.sign({ ...claims, jti: "1" }))).summary).toBe(
      "401 credentials_refused kid_unknown",
    );
  });

  it("are unavailable after a cold start without issuer: 503, never 401, until it is back", async () => {
    shopKeys.answer = unplugged;
    await expect(server.ready()).rejects.toMatchObject({ code: "unavailable" });
    clock += 3000;
    const token = await shop.es.sign(fromShop());
    const answer = await server.token(token);
    expect(answer.summary).toBe("503 unavailable keys_unavailable");
    expect(answer.headers["retry-after"]).toBe("7");
    expect(answer.headers["www-authenticate"]).toBeUndefined();
    // The other mode is not touched by it.
    expect((await server.token(await pool.access.sign(access))).summary).toBe("200 userPool");
    shopKeys.answer = undefined;
    clock += 7000;
    expect((await server.token(token)).summary).toBe("200 oidc");
  });

  it("hold a key that cannot be used: that is no fault of the caller", async () => {
    const { x: _x, ...broken } = shop.es.jwk;
    shopKeys.keys = [{ ...broken, x: broken.y ?? "" }];
    expect((await server.token(await shop.es.sign(fromShop()))).summary).toBe("503 unavailable key_unusable");
  });
});

describe("tokens that were good before", () => {
  it("end when they end, by the server's clock", async () => {
    const token = await shop.es.sign(fromShop());
    expect((await server.token(token)).status).toBe(200);
    clock = (now + 59) * 1000;
    expect((await server.token(token)).status).toBe(200);
    clock = (now + 60) * 1000;
    expect((await server.token(token)).summary).toBe("401 credentials_expired token_expired");
  });

  it("end with their key", async () => {
    const token = await shop.es.sign(fromShop());
    expect((await server.token(token)).status).toBe(200);
    shopKeys.keys = [shop.rs.jwk];
    clock += 11_000;
    await server.token(await shop.es.sign(fromShop(), { kid: "unknown" }));
    expect((await server.token(token)).summary).toBe("401 credentials_refused kid_unknown");
  });

  it("end with the keys, when these were kept for too long", async () => {
    const token = await shop.es.sign({ ...fromShop(), exp: now + 100_000 });
    expect((await server.token(token)).status).toBe(200);
    shopKeys.answer = unplugged;
    clock += 86_399_000;
    const late = await shop.es.sign({ ...fromShop(), exp: now + 100_000, jti: "late" });
    expect((await server.token(late)).status).toBe(200);
    clock += 1000;
    expect((await server.token(late)).summary).toBe("503 unavailable keys_unavailable");
  });

  it("do not make changed ones good", async () => {
    const token = await pool.access.sign(access);
    expect((await server.token(token)).status).toBe(200);
    for (const changed of [tamper(token), flipSignature(token), retype(token)]) {
      expect((await server.token(changed)).summary).toBe("401 credentials_refused signature_mismatch");
    }
    expect((await server.token(`${token.slice(0, token.lastIndexOf("."))}.`)).status).toBe(401);
  });

  it("are the only ones that are remembered: what was refused may be good later", async () => {
    const token = await shop.es.sign({ ...fromShop(), nbf: now + 30 });
    expect((await server.token(token)).summary).toBe("401 credentials_refused token_not_yet_valid");
    clock += 30_000;
    expect((await server.token(token)).status).toBe(200);
  });
});
