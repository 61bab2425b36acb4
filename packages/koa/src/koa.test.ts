import { createServer, type IncomingMessage } from "node:http";
import { createServer as createHttp2Server, connect } from "node:http2";
import type { AddressInfo } from "node:net";
import { bodyParser } from "@koa/bodyparser";
import { Router } from "@koa/router";
import Koa, { type Middleware } from "koa";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import {
  apiKey,
  AuthError,
  type AuthMode,
  authenticate,
  type AuthState,
  createAuth,
  type Detection,
  getIdentity,
  getView,
  type IdentityBase,
  keepBody,
  newApiKey,
  none,
  type NodeRequest,
} from "./index.ts";
import { outbound } from "./outbound.ts";
import { serve } from "./test/serve.ts";

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
  return { auth, keyed: auth.only("apiKey"), app: new Koa() };
}

/** As koa-mount does it: apps below see a part of the path. */
function mount(prefix: string, middleware: Middleware): Middleware {
  return async (ctx, next) => {
    const { path } = ctx;
    if (!path.startsWith(prefix)) return next();
    ctx.path = path.slice(prefix.length) || "/";
    await middleware(ctx, next);
    ctx.path = path;
  };
}

describe("authenticate", () => {
  it("gives handlers the identity, and narrows routes", async () => {
    const { auth, keyed, app } = shop();
    const router = new Router<AuthState<typeof auth>>();
    router.get("/any", (ctx) => {
      ctx.body = ctx.state.identity;
    });
    router.get("/keyed", authenticate(keyed), (ctx) => {
      ctx.body = [ctx.state.identity.keyId, getIdentity(ctx, keyed).keyId, getIdentity(ctx).mode];
    });
    app.use(authenticate(auth)).use(router.routes());
    const url = await serve(app);
    expect(await (await fetch(`${url}/any`)).json()).toMatchObject({ mode: "none", id: null });
    expect(await (await fetch(`${url}/keyed`, { headers: keyHeaders })).json()).toEqual([
      "ci",
      "ci",
      "apiKey",
    ]);
    expect((await fetch(`${url}/keyed`)).status).toBe(401);
  });

  it("tells nothing of the caller after a rejection, and forwards nothing", async () => {
    const { auth, app } = shop();
    const seen: unknown[] = [];
    app.use(async (ctx, next) => {
      await next().catch((error: unknown) => {
        for (const ask of [
          () => ctx.state["identity"] as unknown,
          () => getIdentity(ctx),
          () => outbound.forward(getView(ctx)),
        ]) {
          try {
            seen.push(ask());
          } catch (thrown) {
            seen.push(thrown === error);
          }
        }
        seen.push(Object.keys(ctx.state));
        ctx.status = 403;
      });
    });
    app.use(authenticate(auth)).use(authenticate(auth, { groups: ["Admins"] }));
    expect((await fetch(await serve(app), { headers: keyHeaders })).status).toBe(403);
    expect(seen).toEqual([true, true, true, []]);
  });

  it("hides the identity of a preflight also from a middleware that goes on after it", async () => {
    const { auth, app } = shop();
    app.silent = true;
    const guard = authenticate(auth);
    app.use(async (ctx) => {
      await guard(ctx, async () => {});
      ctx.body = (ctx.state["identity"] as unknown) ?? "a guest";
    });
    const answer = await fetch(await serve(app), { method: "OPTIONS", headers: preflight });
    expect(await answer.text()).not.toBe("a guest");
  });

  it("lets preflights through, without an identity, if its auth says so", async () => {
    const auth = createAuth([apiKey({ keys: [stored] }), none()], { preflight: "pass" });
    auth.onEvent(() => {});
    const app = new Koa();
    const router = new Router();
    router.all("/cors", (ctx) => void (ctx.status = 204));
    router.all("/getter", (ctx) => void (ctx.body = getIdentity(ctx)));
    router.all("/state", (ctx) => void (ctx.body = ctx.state["identity"] as unknown));
    app.use(authenticate(auth)).use(router.routes());
    const url = await serve(app);
    const statuses = ["/cors", "/getter", "/state"].map(
      async (path) => (await fetch(url + path, { method: "OPTIONS", headers: preflight })).status,
    );
    expect(await Promise.all(statuses)).toEqual([204, 401, 401]);
    expect((await fetch(`${url}/state`, { headers: keyHeaders })).status).toBe(200);
  });

  it("tells who mounts it wrongly", async () => {
    // @ts-expect-error: without its auth
    expect(() => authenticate()).toThrow("app.use(authenticate(auth)): auth is what createAuth([…]) returns");
    const app = new Koa();
    app.silent = true;
    const seen: unknown[] = [];
    app.on("error", (error) => seen.push(error));
    // @ts-expect-error: not called
    app.use(authenticate);
    expect((await fetch(await serve(app))).status).toBe(500);
    expect(seen).toMatchObject([{ message: expect.stringContaining("app.use(authenticate(auth))") }]);
  });
});

describe("a refusal", () => {
  it("is answered in the auth's format, in whatever it was thrown", async () => {
    const { auth, keyed, app } = shop();
    app.use(authenticate(auth)).use((ctx) => {
      ctx.set({ "content-encoding": "gzip", etag: '"secret"' });
      ctx.body = "secret";
      getIdentity(ctx, keyed);
    });
    const response = await fetch(await serve(app));
    expect([response.status, response.headers.get("content-type"), response.headers.get("etag")]).toEqual([
      401,
      "application/problem+json",
      null,
    ]);
    expect(await response.json()).toMatchObject({ code: "credentials_missing" });
  });

  it("keeps the CORS headers that were set before", async () => {
    const { keyed, app } = shop();
    app.use(async (ctx, next) => {
      ctx.set({
        "access-control-allow-origin": "https://app.example",
        vary: "Origin",
        "x-powered-by": "koa",
      });
      await next();
    });
    app.use(authenticate(keyed));
    const { headers } = await fetch(await serve(app));
    expect(["access-control-allow-origin", "vary", "x-powered-by"].map((name) => headers.get(name))).toEqual([
      "https://app.example",
      "Origin",
      null,
    ]);
  });

  it("passes CORS middlewares that add headers to errors", async () => {
    const { keyed, app } = shop();
    app.use(async (_ctx, next) => {
      try {
        await next();
      } catch (error) {
        // As @koa/cors does it.
        const thrown = error as { headers: Record<string, string> };
        delete thrown.headers["Vary"];
        thrown.headers = { ...thrown.headers, "access-control-allow-origin": "*" };
        throw error;
      }
    });
    app.use(authenticate(keyed)).use(authenticate(keyed));
    const { status, headers } = await fetch(await serve(app));
    expect([status, headers.get("access-control-allow-origin"), headers.get("www-authenticate")]).toEqual([
      401,
      "*",
      "ApiKey",
    ]);
  });

  it("is seen by the error handling of the app, which may answer itself", async () => {
    const { keyed, app } = shop();
    const seen: unknown[] = [];
    app.use(async (ctx, next) => {
      try {
        await next();
      } catch (error) {
        seen.push(error);
        if (ctx.path === "/rethrown" || !(error instanceof AuthError)) throw error;
        ctx.status = error.status;
        ctx.body = `no: ${error.code}`;
      }
    });
    app.use(authenticate(keyed));
    app.on("error", (error: unknown) => seen.push(error));
    const url = await serve(app);
    expect(await (await fetch(url)).text()).toBe("no: credentials_missing");
    expect(seen).toHaveLength(1);
    expect(await (await fetch(`${url}/rethrown`)).json()).toMatchObject({ code: "credentials_missing" });
    expect(seen).toHaveLength(3);
    expect(seen.every((error) => error instanceof AuthError)).toBe(true);
  });

  it("is not printed as a bug, and a bug is left to Koa", async () => {
    const { auth, keyed, app } = shop();
    const print = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => print.mockRestore());
    app.use(authenticate(auth)).use(() => {
      throw new Error("a bug of the shop");
    });
    const refusing = new Koa();
    refusing.use(authenticate(keyed));
    expect((await fetch(await serve(refusing))).status).toBe(401);
    expect(print).not.toHaveBeenCalled();
    const response = await fetch(await serve(app));
    expect([response.status, await response.text()]).toEqual([500, "Internal Server Error"]);
    expect(print).toHaveBeenCalledOnce();
  });

  it("after the answer began ends the connection as Koa does it", async () => {
    const { auth, keyed, app } = shop();
    app.silent = true;
    app.use(authenticate(auth)).use((ctx) => {
      ctx.res.writeHead(200).end("begun");
      getIdentity(ctx, keyed);
    });
    expect(await (await fetch(await serve(app))).text()).toBe("begun");
  });
});

describe("the view", () => {
  it("is each auth's own, and that of the last one where none is named", async () => {
    const inside = createAuth([none()], { publicUrl: "https://api.example.com/v1" });
    const outside = createAuth([none()], { publicUrl: "https://example.com/api" });
    const app = new Koa();
    app
      .use(authenticate(inside))
      .use(authenticate(inside.only("none")))
      .use(authenticate(outside));
    app.use((ctx) => {
      ctx.body = [getView(ctx).target, getIdentity(ctx, inside).mode, getIdentity(ctx, outside).mode];
    });
    expect(await (await fetch(`${await serve(app)}/x`)).json()).toEqual(["/api/x", "none", "none"]);
  });

  it("has the target as received, under mount paths, sub-routers and behind a proxy that strips a prefix", async () => {
    const seen: unknown[] = [];
    const spy: AuthMode = {
      name: "spy",
      detect({ host, target }) {
        seen.push([host, target]);
        return undefined;
      },
    };
    const auth = createAuth([spy, none()], { publicUrl: "https://api.example.com/v1" });
    const app = new Koa();
    app.use(mount("/mounted", authenticate(auth)));
    const items = new Router().get(
      "/:id",
      authenticate(auth),
      (ctx) => void (ctx.body = getView(ctx).target),
    );
    app.use(new Router().use("/shop/items", items.routes()).routes());
    app.use((ctx) => void (ctx.body ??= getView(ctx).target));
    const url = await serve(app);
    const headers = { "x-forwarded-host": "evil.example" };
    for (const target of ["/mounted/a%2Fb?x=1%202", "/shop/items/a%2Fb?x=1%202"]) {
      expect(await (await fetch(url + target, { headers })).text()).toBe(`/v1${target}`);
      expect(seen.pop()).toEqual(["api.example.com", `/v1${target}`]);
    }
    expect(seen).toEqual([]);
  });

  it("has the whole target where Koa itself is mounted", async () => {
    const { auth, app } = shop();
    app.use(authenticate(auth)).use((ctx) => void (ctx.body = getView(ctx).target));
    const koa = app.callback();
    // As Connect and Express do it.
    const server = createServer((request: NodeRequest, response) => {
      request.originalUrl = request.url ?? "";
      request.url = "/";
      void koa(request, response);
    });
    expect(await (await fetch(`${await serve(app, server)}/outer/a?b`)).text()).toBe("/outer/a?b");
  });
});

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("body parsers", () => {
  const auth = createAuth([bodyReader]);
  const details: (string | undefined)[] = [];
  auth.onEvent(({ detail }) => details.push(detail));
  const answer: Middleware = (ctx) => void (ctx.body = [ctx.state.identity.id, ctx.request.body]);
  const post = async (app: Koa, body: string, type = "application/json") =>
    fetch(await serve(app), { method: "POST", body, headers: { "content-type": type } });

  it("run before where they leave the bytes", async () => {
    const app = new Koa();
    app.use(bodyParser()).use(authenticate(auth)).use(answer);
    expect(await (await post(app, '{"a":"ä"}')).json()).toEqual(["10", { a: "ä" }]);
    expect(await (await post(app, "a=1", "application/x-www-form-urlencoded")).json()).toEqual([
      "3",
      { a: "1" },
    ]);
    expect(await (await post(app, "plain", "text/plain")).json()).toEqual(["5", {}]);
  });

  it("run before where a platform or the app hands the bytes over", async () => {
    const app = new Koa();
    app.use(async (ctx, next) => {
      const rawBody = await readAll(ctx.req);
      if (ctx.path === "/platform") Object.assign(ctx.request, { rawBody });
      else keepBody(ctx.req, rawBody);
      await next();
    });
    app.use(authenticate(auth)).use((ctx) => void (ctx.body = ctx.state.identity.id));
    const url = await serve(app);
    for (const path of ["/platform", "/"]) {
      expect(await (await fetch(url + path, { method: "POST", body: '{"a":1}' })).text()).toBe("7");
    }
  });

  it("that took the bytes are told to the programmer, not to the caller", async () => {
    const app = new Koa();
    app.use(async (ctx, next) => {
      await readAll(ctx.req);
      await next();
    });
    app.use(authenticate(auth)).use(answer);
    const response = await post(app, "{}");
    expect([response.status, (await response.text()).includes("parser")]).toEqual([500, false]);
    expect(details.at(-1)).toContain("mount authenticate() before it");
  });
});

describe("HTTP/2", () => {
  async function ask(app: Koa, headers: Readonly<Record<string, string>>, body = "") {
    const server = createHttp2Server(app.callback());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    try {
      const stream = client.request({ ":path": "/a?b", ...headers }, { endStream: body === "" });
      if (body !== "") stream.end(body);
      const answered = new Promise<Readonly<Record<string, unknown>>>((resolve, reject) => {
        stream.once("response", resolve).once("error", reject);
      });
      let text = "";
      for await (const chunk of stream.setEncoding("utf8")) text += chunk;
      return { headers: await answered, text };
    } finally {
      client.close();
      server.close();
    }
  }

  it("is served, refused and read as HTTP/1 is", async () => {
    const { keyed, app } = shop();
    app.use(authenticate(keyed)).use((ctx) => void (ctx.body = [ctx.state.identity.id, getView(ctx).target]));
    expect(JSON.parse((await ask(app, keyHeaders)).text)).toEqual(["ci", "/a?b"]);
    const refused = await ask(app, {});
    expect([refused.headers[":status"], refused.headers["www-authenticate"]]).toEqual([401, "ApiKey"]);
    expect(JSON.parse(refused.text)).toMatchObject({ code: "credentials_missing" });

    const reading = new Koa();
    reading.use(authenticate(createAuth([bodyReader]))).use(bodyParser());
    reading.use((ctx) => void (ctx.body = [ctx.state.identity.id, ctx.request.body]));
    const headers = { ":method": "POST", "content-type": "application/json" };
    expect(JSON.parse((await ask(reading, headers, '{"a":1}')).text)).toEqual(["7", { a: 1 }]);
  });
});
