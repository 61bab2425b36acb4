import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Auth, createAuth } from "@authmodes/core";
import { authenticate, createAllow, getIdentity, refusal } from "@authmodes/core/fetch";
import { serve as serveFetch } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { afterAll, describe, expect, it } from "vitest";
import { createTestKit } from "../kit.ts";
import { send } from "./http.ts";
import {
  type AuditApp,
  auditAnswer,
  type AuditGuard,
  type AuditRoute,
  audits,
  type AuditServer,
} from "./index.ts";

/** What any fetch server does with `@authmodes/core/fetch`, on one that people use. */
function honoApp({ auth, routes }: AuditApp): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    c.res.headers.set("Access-Control-Allow-Origin", "*"); // as hono/cors does it
    await next();
  });
  const guard = ({ auth, needs }: AuditGuard) =>
    createMiddleware(async (c, next) => {
      await authenticate(auth, c.req.raw, needs);
      await next();
    });
  const router = new Hono();
  const answer = async (c: Context) => {
    const body = new Uint8Array(await c.req.arrayBuffer());
    return c.json(auditAnswer(getIdentity(c.req.raw, auth), body));
  };
  for (const route of routes) {
    for (const here of [route.path, `${route.path}/*`]) {
      for (const one of route.guards) router.use(here, guard(one));
      router.all(here, allowedHandler(auth, route) ?? answer);
    }
  }
  app.route("/mounted", router).route("/", router);
  app.onError((error, c) => {
    const response = refusal(error, c.req.raw);
    if (response === undefined) return c.text("The server failed", 500);
    return response;
  });
  return app;
}

function allowedHandler(auth: Auth, { allow }: AuditRoute): ((c: Context) => Promise<Response>) | undefined {
  if (allow === undefined) return undefined;
  const { operation, model, answer, load, ...options } = allow;
  const byRule = createAllow(auth, (c: Context) => c.req.raw);
  return byRule(
    operation,
    model,
    { ...options, ...(load && { load: (c, context) => load(c.req.url, context) }) },
    (access, c) => Response.json(answer(access, c.req.url)),
  );
}

async function serve(app: AuditApp): Promise<AuditServer> {
  const { fetch } = honoApp(app);
  const server = await new Promise<Server>((resolve) => {
    const server = serveFetch({ fetch, hostname: "127.0.0.1", port: 0 }, () => resolve(server as Server));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const perRequest =
  "authenticate() gets its requirements with each request, and fails each that it cannot guard";

describe("Hono on @hono/node-server", () => {
  const suite = audits({
    serve,
    exceptions: {
      "8d4c": { status: 500, because: perRequest },
      b9e2: { status: 500, because: perRequest },
      "97cb": {
        status: 200,
        because:
          "the URL of a Request has no dot segments any more: what is verified is what is routed, and it was signed so",
      },
    },
  });
  afterAll(suite.close);
  // This server serves only requests of Node: Hono's adapter for AWS Lambda builds a Request, not one of node:http.
  // A guard is a function of the app, which notes nothing for tools.
  const applicable = suite.audits.filter(({ id }) => id !== "5e93" && id !== "0f5e");
  // oxlint-disable-next-line vitest/expect-expect -- the audits assert
  for (const { id, name, run } of applicable) it(`${id} ${name}`, run);

  it("leads nobody past a signature by dot segments", async () => {
    const kit = await createTestKit();
    const auth = createAuth([kit.modes.iam], { clock: kit.clock.now });
    auth.onEvent(() => {});
    const guards = [{ auth }];
    const server = await serve({
      name: "dots",
      auth,
      routes: [
        { path: "/five", guards },
        { path: "/all", guards },
      ],
    });
    try {
      const { machine } = kit.accessKeys;
      for (const [signed, sent, status] of [
        ["/five", "/five", 200],
        ["/five", "/five/../all", 401],
        ["/five/x", "/five/y/../x", 200],
        ["/five/x", "/five/x//", 400],
        ["/all", "/five/%2e%2e/all/%2e%2e/five", 401],
      ] as const) {
        const url = server.url + signed;
        const headers = await kit.headersFor("iam", { method: "GET", url, credentials: machine });
        const answer = await send(server.url, { target: sent, headers });
        expect([sent, answer.status]).toEqual([sent, status]);
      }
    } finally {
      await server.close();
    }
  });
});
