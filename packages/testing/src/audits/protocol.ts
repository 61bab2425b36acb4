import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { Agent } from "node:http";
import { setTimeout } from "node:timers/promises";
import { accepted, needsCredentials } from "./expect.ts";
import { abandon, pipeline } from "./http.ts";
import { type AuditDefinition, auditsAbout } from "./suite.ts";
import type { Exchange } from "./target.ts";

const audit = auditsAbout("http");
const forged = { Origin: "x", "Access-Control-Request-Method": "x" };
const preflight = { Origin: "https://app.example", "Access-Control-Request-Method": "PUT" };

/** What HTTP asks of a server, whatever the mode. */
export const protocolAudits: readonly AuditDefinition[] = [
  audit(
    "38c0",
    "MUST answer a CORS preflight itself with 204 and no body, without running a handler",
    async ({ server, on }) => {
      const requested = { ...preflight, "Access-Control-Request-Headers": "authorization" };
      for (const asked of [server, await on("reportOnly")]) {
        const exchange = await asked.send({ method: "OPTIONS", target: "/five", headers: requested });
        answeredPreflight(exchange);
        const cors = Object.entries(exchange.headers).filter(([name]) => name.startsWith("access-control-"));
        deepEqual(
          cors,
          [["access-control-allow-origin", "*"]],
          "it keeps the headers set before, and adds none",
        );
      }
    },
  ),
  audit(
    "5ab1",
    "MUST NOT run a handler for a forged preflight, also if the route accepts none, or is report-only",
    async ({ server, on }) => {
      for (const asked of [server, await on("reportOnly"), await on("down")]) {
        const before = asked.events.length;
        for (const target of ["/five", "/all", "/only/none", "/all/orders/7?all=1", "/mounted/five/x"]) {
          answeredPreflight(await asked.send({ method: "OPTIONS", target, headers: forged }));
        }
        equal(asked.events.length, before, "a preflight is neither accepted nor rejected");
      }
    },
  ),
  audit(
    "c7e4",
    "MUST NOT verify the credentials of a preflight, nor run a handler for them",
    async ({ kit, server }) => {
      const before = server.events.length;
      const target = "/five";
      const signed = await server.sign({ method: "OPTIONS", target, headers: forged, body: "{}" });
      const valid = await Promise.all([kit.headersFor("apiKey"), kit.headersFor("userPool")]);
      const bad = { authorization: "Bearer nonsense", "x-api-key": "amk_unknown" };
      for (const headers of [...valid, bad]) {
        const request = { method: "OPTIONS", target, headers: { ...forged, ...headers } };
        answeredPreflight(await server.send(request));
      }
      answeredPreflight(await server.send(signed));
      equal(server.events.length, before);
    },
  ),
  audit("e7a5", "MUST NOT let any other OPTIONS pass", async ({ server }) => {
    for (const headers of [{}, { Origin: preflight.Origin }, { "Access-Control-Request-Method": "PUT" }]) {
      needsCredentials(await server.send({ method: "OPTIONS", target: "/five", headers }));
    }
  }),
  audit("95b2", "MUST NOT let another method pass that looks like a preflight", async ({ server }) => {
    for (const method of ["GET", "POST", "PUT"]) {
      needsCredentials(await server.send({ method, target: "/five", headers: preflight }));
    }
  }),
  audit("4a1d", "MUST verify OPTIONS with credentials", async ({ kit, server }) => {
    const headers = await kit.headersFor("apiKey");
    accepted(await server.send({ method: "OPTIONS", target: "/five", headers }), { mode: "apiKey" });
  }),
  audit("c9f7", "MUST accept HEAD, without a body in the answer", async ({ kit, server }) => {
    const headers = await kit.headersFor("apiKey");
    const { status, text } = await server.send({ method: "HEAD", target: "/five", headers });
    deepEqual({ status, text }, { status: 200, text: "" });
  }),
  audit("60ee", "MUST NOT take the method from X-HTTP-Method-Override", async ({ server }) => {
    const headers = { ...preflight, "X-HTTP-Method-Override": "OPTIONS" };
    needsCredentials(await server.send({ method: "POST", target: "/five", headers }));
  }),
  audit("1f94", "MUST hand bodies of any type and size to the handler untouched", async ({ kit, server }) => {
    const key = await kit.headersFor("apiKey");
    for (const [type, size] of [
      ["application/json", 2],
      ["application/octet-stream", 300_000],
      ["multipart/form-data; boundary=x", 70_000],
    ] as const) {
      const body = Buffer.alloc(size, type === "application/json" ? "{}" : "0123456789");
      const sha256 = createHash("sha256").update(body).digest("hex");
      for (const chunked of [false, true]) {
        const headers = { ...key, "content-type": type };
        const exchange = await server.send({ method: "POST", target: "/five", headers, body, chunked });
        accepted(exchange, { mode: "apiKey", bytes: size, sha256 });
      }
    }
  }),
  audit(
    "86d3",
    "MUST serve a connection further after it refused a request with a body",
    async ({ kit, server }) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      try {
        const body = Buffer.alloc(100_000, "x");
        needsCredentials(await server.send({ method: "POST", target: "/five", body, agent }));
        const headers = await kit.headersFor("apiKey");
        accepted(await server.send({ method: "POST", target: "/five", headers, body, agent }), {
          bytes: 100_000,
        });
      } finally {
        agent.destroy();
      }
    },
  ),
  audit(
    "7d1c",
    "MUST refuse a request whose client leaves in the middle of the body, and live on",
    async ({ server }) => {
      const body = Buffer.alloc(50_000);
      const before = server.events.length;
      await abandon(server.url, await server.sign({ method: "POST", target: "/five", body }), 1000);
      await eventually(() => server.events.slice(before).some(({ reason }) => reason === "body_cut"));
      accepted(await server.send(await server.sign({ target: "/five" })), { mode: "iam" });
    },
  ),
  audit("f86b", "MUST keep the callers of one connection apart", async ({ kit, server }) => {
    const alice = await kit.headersFor("userPool", { username: "alice" });
    const bob = await kit.headersFor("userPool", { username: "bob" });
    const text = await pipeline(server.url, [
      { target: "/five", headers: alice },
      { target: "/five" },
      { method: "POST", target: "/five", headers: bob, body: "hello" },
      await server.sign({ method: "POST", target: "/five", body: "signed" }),
      { target: "/five", headers: alice },
    ]);
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((found) => Number(found[1]));
    deepEqual(statuses, [200, 401, 200, 200, 200]);
    const ids = [...text.matchAll(/"id":"([^"]+)"/g)].map((found) => found[1]);
    const [first, second, third, last] = ids;
    deepEqual(
      [first, second, last],
      ["alice", "bob", "alice"].map((name) => kit.userPool.sub(name)),
    );
    match(String(third), /^arn:/);
  }),
  audit("2b5e", "MUST keep the callers of many requests at once apart", async ({ kit, server }) => {
    const names = Array.from({ length: 40 }, (_, index) => `user-${index}`);
    await Promise.all(
      names.map(async (username) => {
        const headers = await kit.headersFor("userPool", { username });
        accepted(await server.get("/five", headers), { id: kit.userPool.sub(username) });
      }),
    );
  }),
];

function answeredPreflight({ status, text }: Exchange): void {
  deepEqual({ status, text }, { status: 204, text: "" });
}

async function eventually(happened: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !happened(); tries++) await setTimeout(10);
  ok(happened(), "it did not happen within five seconds");
}
