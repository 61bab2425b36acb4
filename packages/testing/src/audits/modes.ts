import { equal, match } from "node:assert/strict";
import { accepted, needsCredentials, refused } from "./expect.ts";
import { amplifyClient } from "./servers.ts";
import { type AuditDefinition, auditsAbout } from "./suite.ts";

const audit = auditsAbout("modes");
const everyScheme = /^Bearer realm="api", (?=.*ApiKey)(?=.*AWS4-HMAC-SHA256)/;

/** Each mode, accepted and refused. */
export const modeAudits: readonly AuditDefinition[] = [
  audit("0b1e", "MUST accept an API key", async ({ kit, server }) => {
    const headers = await kit.headersFor("apiKey");
    accepted(await server.get("/five", headers), { mode: "apiKey", id: "valid" });
  }),
  audit("91c4", "MUST refuse an unknown API key with 401", async ({ server }) => {
    const exchange = await server.get("/five", { "x-api-key": "amk_unknown" });
    refused(exchange, "credentials_refused", "api_key_unknown", "apiKey", everyScheme);
  }),
  audit(
    "5d20",
    "MUST refuse an expired API key with 401 and say that it expired",
    async ({ kit, server }) => {
      const headers = await kit.headersFor("apiKey", kit.apiKeys.expired.key);
      refused(await server.get("/five", headers), "credentials_expired", "api_key_expired", "apiKey");
    },
  ),
  audit("a7f3", "MUST accept an access token of the user pool without Bearer", async ({ kit, server }) => {
    const headers = await kit.headersFor("userPool", { username: "alice", groups: ["Librarians"] });
    const id = kit.userPool.sub("alice");
    accepted(await server.get("/five", headers), { mode: "userPool", id, groups: ["Librarians"] });
  }),
  audit(
    "2e86",
    "MUST accept an access token of the user pool after Bearer, in any letter case",
    async ({ kit, server }) => {
      const token = await kit.userPool.token({ username: "bob" });
      const id = kit.userPool.sub("bob");
      for (const scheme of ["Bearer", "bearer", "BEARER"]) {
        const headers = { Authorization: `${scheme} ${token}` };
        accepted(await server.get("/five", headers), { mode: "userPool", id });
      }
    },
  ),
  audit("c65b", "MUST refuse an expired token with 401 and say that it expired", async ({ kit, server }) => {
    const headers = await kit.headersFor("userPool", { wrong: "expired" });
    refused(
      await server.get("/five", headers),
      "credentials_expired",
      "token_expired",
      "userPool",
      /^Bearer error="invalid_token"/,
    );
  }),
  audit("73ad", "MUST refuse an id token where access tokens are asked for", async ({ kit, server }) => {
    const headers = await kit.headersFor("userPool", { use: "id" });
    refused(await server.get("/five", headers), "credentials_refused", "token_use_refused", "userPool");
  }),
  audit(
    "e019",
    "MUST refuse forged tokens: another key, changed claims, no signature, HMAC with the public key",
    async ({ kit, server }) => {
      const forged = [
        ["key", "signature_mismatch"],
        ["tampered", "signature_mismatch"],
        ["algNone", "algorithm_refused"],
        ["algHmac", "algorithm_refused"],
        ["unknownKid", "kid_unknown"],
      ] as const;
      for (const [wrong, reason] of forged) {
        const headers = await kit.headersFor("userPool", { wrong });
        refused(await server.get("/five", headers), "credentials_refused", reason, "userPool");
      }
    },
  ),
  audit(
    "48d2",
    "MUST refuse a token of another issuer, and one for another client",
    async ({ kit, server }) => {
      for (const [wrong, reason] of [
        ["issuer", "issuer_unknown"],
        ["audience", "client_refused"],
      ] as const) {
        const headers = await kit.headersFor("userPool", { wrong });
        refused(await server.get("/five", headers), "credentials_refused", reason);
      }
    },
  ),
  audit(
    "f4b7",
    "MUST accept a token of the OIDC issuer, signed with RS256 or ES256",
    async ({ kit, server }) => {
      for (const algorithm of ["RS256", "ES256"] as const) {
        const headers = await kit.headersFor("oidc", { sub: "otto", scope: "books/read", algorithm });
        const exchange = await server.get("/five", headers);
        accepted(exchange, { mode: "oidc", id: "otto", scopes: ["books/read"] });
      }
    },
  ),
  audit(
    "1a9c",
    "MUST refuse a token of the OIDC issuer for another audience, an expired one and one that begins later",
    async ({ kit, server }) => {
      for (const [wrong, code, reason] of [
        ["audience", "credentials_refused", "audience_refused"],
        ["expired", "credentials_expired", "token_expired"],
        ["notYetValid", "credentials_refused", "token_not_yet_valid"],
      ] as const) {
        const headers = await kit.headersFor("oidc", { wrong });
        refused(await server.get("/five", headers), code, reason, "oidc");
      }
    },
  ),
  audit(
    "7dc0",
    "MUST reject tokens for another resource, and those that only the holder of a key may send, after Bearer and DPoP",
    async ({ kit, server }) => {
      const resource = { aud: "https://another.example/mcp" };
      const headers = await kit.headersFor("userPool", { claims: resource });
      refused(await server.get("/five", headers), "credentials_refused", "audience_refused", "userPool");
      const claims = { cnf: { jkt: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" } };
      const tokens = [await kit.userPool.token({ claims }), await kit.oidc.token({ claims })];
      for (const token of tokens) {
        for (const scheme of ["Bearer", "DPoP", "dpop"]) {
          const bound = { Authorization: `${scheme} ${token}` };
          refused(await server.get("/five", bound), "credentials_refused", "sender_constrained");
        }
      }
    },
  ),
  audit("8e35", "MUST accept what the authorizer lets pass", async ({ kit, server }) => {
    const headers = await kit.headersFor("lambda");
    accepted(await server.get("/five", headers), { mode: "lambda" });
  }),
  audit("d7e8", "MUST refuse what the authorizer denies", async ({ kit, server }) => {
    const headers = await kit.headersFor("lambda", kit.authorizer.tokens.denied);
    refused(await server.get("/five", headers), "credentials_refused", "authorizer_denied", "lambda");
  }),
  audit(
    "36fa",
    "MUST accept a request without credentials as none, where none is served",
    async ({ server }) => {
      accepted(await server.get("/all"), { mode: "none", id: null });
    },
  ),
  audit(
    "b902",
    "MUST answer 401 without credentials, with a challenge for each mode of the route",
    async ({ server }) => {
      needsCredentials(await server.get("/five"), everyScheme);
      needsCredentials(await server.get("/only/apiKey"), "ApiKey");
      needsCredentials(await server.get("/only/userPool"), /^Bearer realm=/);
      needsCredentials(await server.get("/only/iam"), "AWS4-HMAC-SHA256");
    },
  ),
  audit("60c1", "MUST refuse every method alike", async ({ server }) => {
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      needsCredentials(await server.send({ method, target: "/five" }));
    }
  }),
  audit(
    "7b4e",
    "MUST answer a refusal of HEAD with the status and headers of GET and no body",
    async ({ server }) => {
      const { status, headers, text } = await server.send({ method: "HEAD", target: "/five" });
      equal(status, 401);
      equal(text, "");
      equal(headers["cache-control"], "no-store");
      match(String(headers["www-authenticate"]), everyScheme);
    },
  ),
  audit("aef0", "MUST accept a token from the cookie that is configured", async ({ kit, on }) => {
    const server = await on("cookies");
    const cookie = `theme=dark; session=${await kit.userPool.token({ username: "bob" })}`;
    const id = kit.userPool.sub("bob");
    accepted(await server.get("/all", { cookie }), { mode: "userPool", id });
    accepted(await server.get("/all", { cookie: "theme=dark" }), { mode: "none" });
  }),
  audit("fc27", "MUST NOT take a cookie that another site made the browser send", async ({ kit, on }) => {
    const server = await on("cookies");
    const cookie = `session=${await kit.userPool.token()}`;
    const { host } = new URL(server.url);
    const post = { method: "POST", target: "/five" };
    for (const own of [{ "sec-fetch-site": "same-origin" }, { origin: `http://${host}` }]) {
      accepted(await server.send({ ...post, headers: { cookie, ...own } }), { mode: "userPool" });
    }
    for (const foreign of [{}, { "sec-fetch-site": "cross-site" }, { origin: "https://evil.example" }]) {
      refused(
        await server.send({ ...post, headers: { cookie, ...foreign } }),
        "credentials_refused",
        "cookie_cross_site",
        "userPool",
      );
    }
  }),
  audit("d2c7", "MUST find a token among a thousand cookies, and a second one", async ({ kit, on }) => {
    const server = await on("cookies");
    const prefix = `CognitoIdentityServiceProvider.${amplifyClient}`;
    const token = await kit.userPool.token({ username: "bob" });
    const amplify = `${prefix}.LastAuthUser=bob; ${prefix}.bob.accessToken=${token}`;
    for (const { others, cookies, second } of [
      { others: "%=a", cookies: `session=${token}`, second: "session=another" },
      { others: "%=a", cookies: amplify, second: `${prefix}.LastAuthUser=%` },
      {
        others: `${prefix}.%25.accessToken=a`,
        cookies: amplify,
        second: `${prefix}.bob.accessToken=another`,
      },
    ]) {
      const many = Array(Math.floor(12_500 / (others.length + 2))).fill(others);
      const send = (...parts: readonly string[]) => server.get("/all", { cookie: parts.join("; ") });
      accepted(await send(...many), { mode: "none" });
      accepted(await send(...many, cookies), { mode: "userPool", id: kit.userPool.sub("bob") });
      refused(await send(cookies, ...many, second), "credentials_malformed", "cookie_repeated", "userPool");
    }
  }),
];
