import { equal, ok } from "node:assert/strict";
import { accepted, failed, needsCredentials, refused } from "./expect.ts";
import { type AuditDefinition, auditsAbout } from "./suite.ts";

const audit = auditsAbout("choosing");
const unread = { "Bearer a0AfH6": /^Bearer error="invalid_token", /, "Basic YTpi": /^Bearer realm="api"/ };

/** Which mode decides, and that it decides alone. */
export const choosingAudits: readonly AuditDefinition[] = [
  audit("c3d8", "MUST answer 400 to several kinds of credentials, good ones too", async ({ kit, server }) => {
    const key = await kit.headersFor("apiKey");
    const token = await kit.headersFor("userPool");
    refused(await server.get("/all", { ...key, ...token }), "credentials_ambiguous", "several_credentials");
  }),
  audit(
    "19e7",
    "MUST answer 400 to credentials in header and query, also of a mode that is not served",
    async ({ kit, server, on }) => {
      const headers = await kit.headersFor("userPool");
      for (const asked of [server, await on("cookies")]) {
        refused(
          await asked.get("/all?X-Amz-Signature=0123456789", headers),
          "credentials_ambiguous",
          "several_credentials",
        );
      }
    },
  ),
  audit(
    "7f95",
    "MUST answer 400 to a request that is signed in header and query, whichever mode has precedence",
    async ({ kit, server, on }) => {
      for (const [asked, reason] of [
        [server, "several_credentials"],
        [await on("precedence"), "signed_twice"],
      ] as const) {
        const target = await asked.presign("/all", kit.accessKeys.machine);
        const signed = await asked.sign({ target });
        refused(await asked.send(signed), "credentials_ambiguous", reason);
      }
    },
  ),
  audit(
    "aa51",
    "MUST answer 400 to a repeated Authorization, also where both are the same",
    async ({ kit, server }) => {
      const good = await kit.userPool.token();
      for (const other of [good, "something-else", ""]) {
        for (const pair of [
          [good, other],
          [other, good],
        ] as const) {
          const headers = pair.map((value) => ["Authorization", value] as const);
          refused(await server.get("/all", headers), "credentials_malformed", "authorization_repeated");
        }
      }
    },
  ),
  audit("5f0a", "MUST NOT fall through to none after a refusal", async ({ kit, server }) => {
    for (const headers of [
      { "x-api-key": "amk_unknown" },
      { "x-api-key": "" },
      await kit.headersFor("userPool", { wrong: "expired" }),
      await kit.headersFor("lambda", kit.authorizer.tokens.denied),
    ]) {
      equal((await server.get("/all", headers)).status, 401);
    }
  }),
  audit("e4b3", "MUST NOT take a request with any Authorization as none", async ({ server }) => {
    for (const authorization of [
      "",
      "Basic YWxpY2U6c2VjcmV0",
      "garbage",
      "AWS4-ECDSA-P256-SHA256 nonsense",
    ]) {
      const exchange = await server.get("/only/none", { authorization });
      equal(exchange.status, 401, `Authorization: ${authorization}`);
    }
  }),
  audit("e60a", "MUST NOT report credentials that no mode reads as missing", async ({ on }) => {
    for (const [authorization, challenge] of Object.entries(unread)) {
      const exchange = await (await on("cookies")).get("/all", { authorization });
      refused(exchange, "mode_not_accepted", "mode_not_served", undefined, challenge);
    }
    const headers = { "x-api-key": "amk_unread" };
    refused(
      await (await on("cookies")).get("/all", headers),
      "mode_not_accepted",
      "mode_not_served",
      undefined,
      'Bearer realm="api"',
    );
  }),
  audit(
    "27dc",
    "MUST NOT take a request with part of a presigned query as none, in any letter case",
    async ({ server }) => {
      for (const name of [
        "X-Amz-Algorithm",
        "x-amz-credential",
        "X-AMZ-SIGNATURE",
        "x-Amz-Security-Token",
        "X%2DAmz%2dSignature",
        "%58-amz-credential",
      ]) {
        for (const target of [`/only/none?${name}=x`, `/only/none?a=1&${name}`]) {
          equal((await server.get(target)).status >= 400, true, target);
        }
      }
    },
  ),
  audit("b6f9", "MUST take other queries as none", async ({ server }) => {
    for (const query of ["x-amz=1", "q=X-Amz-Signature", "X-Amz-Signatures=1", "X-Amz-Expires=60"]) {
      accepted(await server.get(`/only/none?${query}`), { mode: "none" });
    }
  }),
  audit(
    "0d44",
    "MUST refuse credentials of a mode that the route does not list, valid or not",
    async ({ kit, server }) => {
      const valid = await kit.headersFor("apiKey");
      for (const headers of [valid, { "x-api-key": "amk_unknown" }]) {
        refused(
          await server.get("/only/userPool", headers),
          "mode_not_accepted",
          "mode_not_on_route",
          "apiKey",
          'Bearer realm="api"',
        );
      }
    },
  ),
  audit(
    "fe18",
    "MUST refuse a call without credentials on a route that has none() elsewhere only",
    async ({ server }) => {
      needsCredentials(await server.get("/only/userPool"));
    },
  ),
  audit("83a6", "MUST let the mode decide that precedence names, and it alone", async ({ kit, on }) => {
    const server = await on("precedence");
    const key = await kit.headersFor("apiKey");
    const token = await kit.headersFor("userPool");
    accepted(await server.get("/all", { ...key, ...token }), { mode: "apiKey" });
    accepted(await server.get("/all", { ...key, authorization: "nonsense" }), { mode: "apiKey" });
    refused(
      await server.get("/all", { "x-api-key": "amk_unknown", ...token }),
      "credentials_refused",
      "api_key_unknown",
      "apiKey",
    );
  }),
  audit("d1c5", "MUST ask for the required key beside the credentials", async ({ kit, on }) => {
    const server = await on("requires");
    const key = await kit.headersFor("apiKey");
    const token = await kit.headersFor("userPool");
    const caller = { mode: "userPool", keyId: "valid" };
    accepted(await server.get("/five", { ...key, ...token }), caller);
    refused(await server.get("/five", token), "credentials_missing", "required_key_missing");
    refused(
      await server.get("/five", { ...token, "x-api-key": "amk_unknown" }),
      "credentials_refused",
      "api_key_unknown",
    );
  }),
  audit("6c2b", "MUST NOT take the required key for credentials", async ({ kit, on }) => {
    const server = await on("requires");
    const headers = await kit.headersFor("apiKey");
    needsCredentials(await server.get("/five", headers));
  }),
  audit("9b70", "MUST verify once where several guards stand before a handler", async ({ kit, server }) => {
    const { events } = server;
    const before = events.length;
    const headers = await kit.headersFor("userPool", { username: "carol" });
    accepted(await server.get("/narrowed", headers), { mode: "userPool" });
    equal(events.length, before + 1);
  }),
  audit(
    "12f6",
    "MUST refuse at the second guard what only the first one accepts",
    async ({ kit, server }) => {
      const headers = await kit.headersFor("apiKey");
      refused(await server.get("/narrowed", headers), "mode_not_accepted", "mode_not_on_route", "apiKey");
    },
  ),
  audit(
    "ce92",
    "MUST answer 500 misconfigured if a handler asks for the identity before authentication",
    async ({ kit, server, on }) => {
      for (const headers of [{}, await kit.headersFor("apiKey")]) {
        refused(await server.get("/unguarded", headers), "misconfigured", "not_authenticated");
      }
      const reported = await (await on("reportOnly")).get("/unguarded");
      refused(reported, "misconfigured", "not_authenticated");
      equal(reported.event?.reportOnly, false);
    },
  ),
  audit(
    "36d8",
    "MUST report once, with route and cause, that a handler asked for the identity before authentication",
    async ({ kit, server, on }) => {
      const headers = await kit.headersFor("userPool");
      const before = server.events.length;
      const exchange = await server.send({ method: "POST", target: "/unguarded/x?token=hidden", headers });
      equal(exchange.status, 500);
      equal(server.events.length, before + 1);
      equal(exchange.event?.method, "POST");
      equal(exchange.event?.path, "/unguarded/x");
      ok((exchange.event?.detail ?? "").length > 20, "the event has no cause");
      const onGateway = await (await on("apigateway")).get("/unguarded", headers);
      failed(onGateway, "apigateway", "not_authenticated");
    },
  ),
];
