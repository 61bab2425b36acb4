import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { connect } from "node:http2";
import type { AddressInfo } from "node:net";
import { guardNoteOf } from "@authmodes/core/inspect";
import cors from "@fastify/cors";
import Fastify, {
  type FastifyInstance,
  type FastifyRequest,
  type InjectOptions,
  type RouteOptions,
} from "fastify";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import {
  apiKey,
  AuthError,
  type AuthMode,
  authenticate,
  authModes,
  createAuth,
  type Detection,
  getIdentity,
  getView,
  type IdentityBase,
  newApiKey,
  none,
} from "./index.ts";
import { outbound } from "./outbound.ts";

const { key, stored } = await newApiKey({ expiresInSeconds: 60, id: "ci", scopes: ["read"] });
const keyHeaders = { "x-api-key": key };
const preflight = { origin: "https://app.example", "access-control-request-method": "GET" };

/** Reads the body as `iam` does, and tells its size as the caller's id. */
const bodyReader: AuthMode = {
  name: "bodyReader",
  detect: (request): Detection<IdentityBase> => ({
    place: "x-read-body",
    verify: async () => {
      const id = String((await request.body(10)).byteLength);
      return { mode: "bodyReader", id, groups: [], scopes: [], expiresAt: null };
    },
  }),
};

function shop() {
  const auth = createAuth([apiKey({ keys: [stored] }), none()]);
  auth.onEvent(() => {});
  return { auth, keyed: auth.only("apiKey"), app: Fastify() };
}

const ok = async () => "ok";

async function statusOf(app: FastifyInstance, request: InjectOptions | string): Promise<number> {
  return (await app.inject(request)).statusCode;
}

describe("authenticate", () => {
  it("gives handlers the identity, and narrows routes", async () => {
    const { auth, keyed, app } = shop();
    app.register(authModes, { auth });
    app.get("/any", async (request) => [request.identity, Object.hasOwn(request, "identity")]);
    app.get("/keyed", { onRequest: authenticate(keyed) }, async (request) => [
      request.identity.id,
      getIdentity(request, keyed).keyId,
      getIdentity(request).mode,
    ]);
    expect((await app.inject("/any")).json()).toMatchObject([{ mode: "none", id: null }, false]);
    const answer = await app.inject({ url: "/keyed", headers: keyHeaders });
    expect(answer.json()).toEqual(["ci", "ci", "apiKey"]);
    expect(await statusOf(app, "/keyed")).toBe(401);
  });

  it("guards the scope that it is registered in, with routes before it and paths without a route", async () => {
    const { keyed, app } = shop();
    app.get("/open", ok);
    app.register(
      async (scope) => {
        scope.get("/early", ok);
        scope.register(authModes, { auth: keyed });
        scope.register(async (below) => void below.get("/late", ok));
        scope.setNotFoundHandler(async () => "nothing here");
      },
      { prefix: "/api" },
    );
    const paths = ["/open", "/api/early", "/api/late", "/api/nowhere"];
    expect(await Promise.all(paths.map((path) => statusOf(app, path)))).toEqual([200, 401, 401, 401]);
    const known = paths.map((url) => statusOf(app, { url, headers: keyHeaders }));
    expect(await Promise.all(known)).toEqual([200, 200, 200, 200]);
  });

  it.each([
    ["at once", createAuth([apiKey({ keys: [stored] })])],
    ["later", createAuth([apiKey({ keys: async () => undefined })])],
  ])("runs no later hook after a rejection (%s), however slowly it is sent", async (_when, auth) => {
    auth.onEvent(() => {});
    const ran = vi.fn<() => void>();
    const { app } = shop();
    await app.register(authModes, { auth });
    app.addHook("onRequest", async () => ran());
    app.addHook("preParsing", async () => ran());
    app.addHook("preHandler", async () => ran());
    app.addHook("onSend", () => new Promise((resolve) => setTimeout(resolve, 20)));
    app.post("/", async () => ran());
    const bad = { method: "POST", url: "/", headers: { "x-api-key": `${key}x` }, payload: {} } as const;
    expect(await statusOf(app, bad)).toBe(401);
    expect(ran).not.toHaveBeenCalled();
  });

  it("answers 500 and logs once if a handler asks for an identity that no authenticate() found", async () => {
    const { auth, keyed, app } = shop();
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => logged.mockRestore());
    await app.register(authModes);
    app.get("/bare", async (request) => {
      expect(() => request.identity).toThrow(AuthError);
      return request.identity;
    });
    app.get("/narrow", { onRequest: authenticate(auth) }, async (request) => getIdentity(request, keyed));
    const bare = await app.inject({ url: "/bare", headers: keyHeaders });
    expect([bare.statusCode, bare.headers["content-type"]]).toEqual([
      500,
      "application/problem+json; charset=utf-8",
    ]);
    expect(bare.json()).toMatchObject({ code: "misconfigured" });
    expect(await statusOf(app, "/narrow")).toBe(401);
    expect(logged.mock.calls).toEqual([
      [expect.stringContaining("misconfigured - not_authenticated GET /bare")],
    ]);
  });

  it("tells nothing of the caller after a rejection, and forwards nothing", async () => {
    const { auth, app } = shop();
    const seen: unknown[] = [];
    app.register(authModes, { auth });
    app.addHook("onSend", async (request) => {
      for (const ask of [
        () => request.identity,
        () => getIdentity(request),
        () => outbound.forward(getView(request)),
      ]) {
        try {
          seen.push(ask());
        } catch (error) {
          seen.push(error instanceof AuthError && error.code);
        }
      }
    });
    app.get("/", { onRequest: authenticate(auth, { groups: ["Admins"] }) }, ok);
    expect(await statusOf(app, { url: "/", headers: keyHeaders })).toBe(403);
    expect(seen).toEqual(["forbidden", "forbidden", "forbidden"]);
  });

  it("does not start if it is mounted wrongly", async () => {
    const { auth } = shop();
    expect(() => authenticate(undefined as never)).toThrow('app.addHook("onRequest", authenticate(auth))');
    const start = (options: object): PromiseLike<unknown> => Fastify().register(authModes, options).ready();
    await expect(start({ ath: auth })).rejects.toThrow("Write 'auth'");
    await expect(start({ auth: undefined })).rejects.toThrow("auth is undefined");
    await expect(start({ needs: { groups: ["Admins"] } })).rejects.toThrow(
      "needs guards nothing without auth",
    );
    await expect(
      Fastify().decorateRequest<unknown>("identity", null).register(authModes, { auth }).ready(),
    ).rejects.toThrow("already been added");
  });
});

describe("a CORS preflight", () => {
  it("is answered by @fastify/cors before the guard, as are the headers of a rejection", async () => {
    const { keyed, app } = shop();
    app.register(cors, { origin: "https://app.example" });
    app.register(authModes, { auth: keyed });
    app.get("/", ok);
    for (const [method, status] of [
      ["OPTIONS", 204],
      ["GET", 401],
    ] as const) {
      const answer = await app.inject({ method, url: "/", headers: preflight });
      expect([answer.statusCode, answer.headers["access-control-allow-origin"]]).toEqual([
        status,
        "https://app.example",
      ]);
    }
  });

  it("keeps the headers of @fastify/cors that leaves the answer to others, and runs no handler", async () => {
    const { auth, app } = shop();
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    onTestFinished(() => warned.mockRestore());
    const handler = vi.fn<() => Promise<string>>(ok);
    app.register(cors, { origin: "https://app.example", preflightContinue: true });
    app.register(authModes, { auth });
    app.all("/", handler);
    const { statusCode, headers, body } = await app.inject({
      method: "OPTIONS",
      url: "/",
      headers: preflight,
    });
    expect([statusCode, headers["access-control-allow-origin"], body]).toEqual([
      204,
      "https://app.example",
      "",
    ]);
    expect(headers).not.toHaveProperty("content-type");
    expect(handler).not.toHaveBeenCalled();
    expect(warned).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("register @fastify/cors before"));
  });

  it("passes, without an identity, if the auth says so", async () => {
    const auth = createAuth([apiKey({ keys: [stored] })], { preflight: "pass" });
    auth.onEvent(() => {});
    const { app } = shop();
    app.register(authModes, { auth });
    app.options("/", async () => "mine");
    app.options("/careless", async (request) => request.identity);
    const ask = (url: string) => app.inject({ method: "OPTIONS", url, headers: preflight });
    expect((await ask("/")).body).toBe("mine");
    expect((await ask("/careless")).statusCode).toBe(401);
  });
});

describe("a rejection", () => {
  const narrow = (app: FastifyInstance, keyed: ReturnType<typeof shop>["keyed"]) => {
    app.get("/narrow", async (request) => getIdentity(request, keyed));
    app.get("/bug", async () => {
      throw new Error("a bug of the shop");
    });
  };

  it("has no headers of another answer, and those of security", async () => {
    const { app, keyed } = shop();
    app.addHook("onRequest", async (_request, reply) => {
      reply.headers({ "content-encoding": "gzip", "x-frame-options": "DENY" });
    });
    app.get("/", { onRequest: authenticate(keyed) }, ok);
    const { statusCode, headers } = await app.inject("/");
    expect([statusCode, headers["content-encoding"], headers["x-frame-options"]]).toEqual([
      401,
      undefined,
      "DENY",
    ]);
  });

  it("is answered in the auth's format, wherever it was thrown; other errors are the app's", async () => {
    const auth = createAuth([apiKey({ keys: [stored] }), none()], { errorFormat: "appsync" });
    auth.onEvent(() => {});
    const seen: unknown[] = [];
    const { app } = shop();
    app.setErrorHandler((error: Error, _request, reply) => {
      seen.push(error.message);
      reply.code(500).send({ mine: error.message });
    });
    await app.register(authModes, { auth });
    narrow(app, auth.only("apiKey"));
    const own = (error: Error) => Promise.resolve({ route: error.message });
    app.get("/own", { errorHandler: own }, async () => Promise.reject(new Error("of a route")));
    const rejecting = () => Promise.reject(new AuthError("forbidden", "x"));
    app.get("/rejected", { errorHandler: own }, rejecting);
    app.get("/hook", { onRequest: authenticate(auth.only("apiKey")) }, ok);
    for (const path of ["/narrow", "/hook"]) {
      const { statusCode, headers, json } = await app.inject(path);
      expect([statusCode, headers["x-amzn-errortype"]]).toEqual([401, "UnauthorizedException"]);
      expect(json()).toMatchObject({ errors: [{ errorType: "UnauthorizedException" }] });
    }
    const thrown = await app.inject("/rejected");
    expect([thrown.statusCode, thrown.json()]).toMatchObject([
      401,
      { errors: [{ message: "Permission denied" }] },
    ]);
    expect((await app.inject("/bug")).json()).toEqual({ mine: "a bug of the shop" });
    expect((await app.inject("/own")).json()).toEqual({ route: "of a route" });
    expect(seen).toEqual(["a bug of the shop"]);
  });

  it("of a handler has its status and challenge also if the route was made before the plugin was there", async () => {
    const { auth, keyed, app } = shop();
    app.register(authModes, { auth });
    narrow(app, keyed);
    const { statusCode, headers, json } = await app.inject("/narrow");
    expect([statusCode, headers["www-authenticate"]]).toEqual([401, "ApiKey"]);
    expect(json()).toMatchObject({ code: "credentials_missing" });
  });

  it("after the answer began ends the connection as Fastify does it", async () => {
    const { auth, keyed, app } = shop();
    await app.register(authModes, { auth });
    app.get("/", async (request, reply) => {
      reply.raw.writeHead(200).write("begun");
      return getIdentity(request, keyed);
    });
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    onTestFinished(() => app.close());
    await expect(fetch(url).then((response) => response.text())).rejects.toThrow("terminated");
  });
});

describe("the view", () => {
  it("has the target as received, under prefixes, rewritten, and behind a proxy that strips a prefix", async () => {
    const auth = createAuth([none()], { publicUrl: "https://api.example.com/v1" });
    const app = Fastify({ rewriteUrl: ({ url = "" }) => url.replace("/old", "/mounted") });
    app.register(authModes, { auth });
    app.register(
      async (scope) =>
        void scope.get("/*", async (request) => [getView(request).host, getView(request).target]),
      { prefix: "/mounted" },
    );
    for (const url of ["/mounted/a%2Fb?x=1%202", "/old/a%2Fb?x=1%202"]) {
      const answer = await app.inject({ url, headers: { "x-forwarded-host": "evil.example" } });
      expect(answer.json()).toEqual(["api.example.com", `/v1${url}`]);
    }
  });
});

describe("bodies", () => {
  const auth = createAuth([bodyReader]);
  const details: (string | undefined)[] = [];
  auth.onEvent(({ detail }) => details.push(detail));
  const answer = async (request: FastifyRequest) => [request.identity.id, request.body];
  const post = (app: FastifyInstance, payload: string, type = "application/json") =>
    app.inject({ method: "POST", url: "/", headers: { "content-type": type }, payload });

  it("are whole for parsers after a mode that read them", async () => {
    const app = Fastify({ bodyLimit: 8 });
    await app.register(authModes, { auth });
    app.addHook("preParsing", async (_request, _reply, payload) => payload);
    app.post("/", answer);
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    onTestFinished(() => app.close());
    const init = { method: "POST", headers: { "content-type": "application/json" } };
    const sent = await fetch(url, { ...init, body: '{"a":1}' });
    expect(await sent.json()).toEqual(["7", { a: 1 }]);
    expect((await fetch(url, { ...init, body: '{"a":12}' })).status).toBe(200);
    expect((await fetch(url, { ...init, body: '{"a":123}' })).status).toBe(413); // Fastify's own limit
    expect((await fetch(url, { ...init, body: '{"a":1234567}' })).status).toBe(413);
    expect((await post(app, '{"a":1}')).json()).toEqual(["7", { a: 1 }]);
    expect((await post(app, "plain", "text/plain")).json()).toEqual(["5", "plain"]);
  });

  it("that were parsed before it are told to the programmer, not to the caller", async () => {
    const app = Fastify();
    await app.register(authModes);
    app.post("/", { preHandler: authenticate(auth) }, answer);
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    onTestFinished(() => app.close());
    const headers = { "content-type": "application/json" };
    const response = await fetch(url, { method: "POST", headers, body: "{}" });
    expect([response.status, (await response.text()).includes("parser")]).toEqual([500, false]);
    expect(details.at(-1)).toContain("mount authenticate() before it");
  });
});

it("serves HTTP/2", async () => {
  const { keyed } = shop();
  const app: FastifyInstance = Fastify({ http2: true }) as never;
  app.register(authModes, { auth: keyed });
  app.get("/a", async (request) => [request.identity.id, getView(request).target]);
  await app.listen({ host: "127.0.0.1", port: 0 });
  const client = connect(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`);
  onTestFinished(async () => {
    client.close();
    await app.close();
  });
  const ask = async (headers: Readonly<Record<string, string>>): Promise<unknown> => {
    let text = "";
    for await (const chunk of client.request({ ":path": "/a?b", ...headers }).setEncoding("utf8"))
      text += chunk;
    return JSON.parse(text);
  };
  expect(await ask(keyHeaders)).toEqual(["ci", "/a?b"]);
  expect(await ask({})).toMatchObject({ code: "credentials_missing" });
});

it("lets tools find the guards of routes, and of the scopes that they are in", async () => {
  const { auth, keyed } = shop();
  const routes: { readonly scope: FastifyInstance; readonly route: RouteOptions }[] = [];
  function watch(message: unknown): void {
    const { fastify } = message as { readonly fastify: FastifyInstance };
    fastify.addHook("onRoute", function (this: FastifyInstance, route) {
      routes.push({ scope: this, route });
    });
  }
  subscribe("fastify.initialization", watch);
  onTestFinished(() => void unsubscribe("fastify.initialization", watch));

  const app = Fastify({ exposeHeadRoutes: false });
  app.get("/open", ok);
  app.register(
    async (scope) => {
      scope.get("/", ok);
      scope.get("/keyed", { onRequest: [authenticate(keyed)] }, ok);
      scope.register(authModes, { auth });
    },
    { prefix: "/api" },
  );
  await app.ready();

  const found = routes.map(({ scope, route }) => {
    const hooksKey = Object.getOwnPropertySymbols(scope).find((key) => key.description === "fastify.hooks");
    const { onRequest = [] } = Reflect.get(scope, hooksKey ?? "") as { onRequest?: readonly object[] };
    const guards = [...onRequest, ...[route.onRequest ?? []].flat()];
    return [route.url, ...guards.map((guard) => guardNoteOf(guard)?.modes)];
  });
  expect(found).toEqual([
    ["/open"],
    ["/api/", ["apiKey", "none"]],
    ["/api/keyed", ["apiKey", "none"], ["apiKey"]],
  ]);
});
