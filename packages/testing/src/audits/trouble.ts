import { equal, ok } from "node:assert/strict";
import { accepted, refused } from "./expect.ts";
import { hangingKey } from "./servers.ts";
import { type AuditDefinition, auditsAbout } from "./suite.ts";

const audit = auditsAbout("trouble");

/** Stores and providers that fail, and what the server reports. */
export const troubleAudits: readonly AuditDefinition[] = [
  audit(
    "a5d3",
    "MUST answer 503 with Retry-After while the provider of the keys is down, never 401",
    async ({ kit, on }) => {
      const server = await on("down");
      for (const mode of ["userPool", "oidc"] as const) {
        const headers = await kit.headersFor(mode);
        const exchange = await server.get("/five", headers);
        refused(exchange, "unavailable", "keys_unavailable", mode);
        ok(Number(exchange.headers["retry-after"]) >= 1);
      }
    },
  ),
  audit("16bc", "MUST answer 503 with Retry-After where a store of keys fails", async ({ kit, on }) => {
    const server = await on("down");
    const signed = await server.sign({ target: "/five" });
    for (const request of [{ target: "/five", headers: await kit.headersFor("apiKey") }, signed]) {
      const exchange = await server.send(request);
      refused(exchange, "unavailable", "verification_failed");
      ok(Number(exchange.headers["retry-after"]) >= 1);
    }
  }),
  audit("7f0c", "MUST answer 503 with Retry-After where a store of keys hangs", async ({ on }) => {
    const server = await on("down");
    const started = performance.now();
    const exchange = await server.get("/five", { "x-api-key": hangingKey });
    refused(exchange, "unavailable", "finder_timeout", "apiKey");
    ok(Number(exchange.headers["retry-after"]) >= 1);
    ok(performance.now() - started < 10_000);
  }),
  audit("ef62", "MUST answer 503 where the authorizer fails", async ({ kit, server }) => {
    const headers = await kit.headersFor("lambda", kit.authorizer.tokens.failing);
    refused(await server.get("/all", headers), "unavailable", "authorizer_failed", "lambda");
  }),
  audit("04a9", "MUST go on with the keys at hand while the provider is down", async ({ kit, server }) => {
    accepted(await server.get("/five", await kit.headersFor("oidc")), { mode: "oidc" });
    kit.oidc.online = false;
    try {
      // After a while an unknown key makes the server ask the provider.
      kit.clock.advance(60);
      const unknown = await kit.headersFor("oidc", { wrong: "unknownKid" });
      ok((await server.get("/five", unknown)).status >= 401);
      const headers = await kit.headersFor("oidc", { sub: "never seen before" });
      accepted(await server.get("/five", headers), { mode: "oidc" });
    } finally {
      kit.oidc.online = true;
    }
  }),
  audit("b85d", "MUST let a rejected request pass in report-only, and report it", async ({ kit, on }) => {
    const server = await on("reportOnly");
    accepted(await server.get("/five", await kit.headersFor("apiKey")), { mode: "apiKey" });
    accepted(await server.get("/five", { "x-api-key": "amk_unknown" }), { mode: "refused", id: null });
    const event = server.events.at(-1);
    equal(event?.type, "refused");
    equal(event?.reportOnly, true);
    equal(event?.reason, "api_key_unknown");
  }),
  audit(
    "d9f1",
    "MUST give the handler the whole body in report-only, also if the body was rejected",
    async ({ on }) => {
      const server = await on("reportOnly");
      const body = new Uint8Array(2 * 1024 * 1024).fill(97);
      const signed = await server.sign({ method: "POST", target: "/five", body });
      accepted(await server.send(signed), { mode: "refused", bytes: body.length });
      equal(server.events.at(-1)?.reason, "body_too_large");
    },
  ),
  audit("4e87", "MUST report who was accepted, where, and nothing of the query", async ({ kit, server }) => {
    const headers = await kit.headersFor("userPool", { username: "dora" });
    accepted(await server.get("/five/books?token=hidden", headers), { mode: "userPool" });
    const event = server.events.at(-1);
    equal(event?.type, "accepted");
    equal(event?.mode, "userPool");
    equal(event?.caller, kit.userPool.sub("dora"));
    equal(event?.path, "/five/books");
    ok(!JSON.stringify(event).includes("hidden"));
  }),
];
