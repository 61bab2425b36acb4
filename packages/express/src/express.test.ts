import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type ErrorRequestHandler } from "express";
import express4 from "express4";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, it } from "vitest";
import {
  apiKey,
  type AuthMode,
  authenticate,
  AuthError,
  authErrorHandler,
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

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

async function serve(app: express.Express): Promise<string> {
  server = app.listen(0, "127.0.0.1");
  await new Promise((resolve) => server?.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const frameworks: readonly (readonly [string, typeof express])[] = [
  ["Express 5", express],
  ["Express 4", express4],
];

describe.each(frameworks)("%s", (_name, express) => {
  function shop() {
    const auth = createAuth([apiKey({ keys: [stored] }), none()]);
    auth.onEvent(() => {});
    return { auth, app: express() };
  }

  it("is not built without an auth", () => {
    expect(() => authenticate(undefined as never)).toThrow("auth is what createAuth([…]) returns");
    expect(() => authenticate("iam" as never)).toThrow(TypeError);
  });

  it("answers right by the framework's own error handler, without ours", async () => {
    const { auth, app } = shop();
    app.set("env", "test");
    app.use(authenticate(auth.only("apiKey")));
    const url = await serve(app);
    const refused = await fetch(url);
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, "ApiKey"]);
  });

  it("leaves other errors to other handlers", async () => {
    const { auth, app } = shop();
    app.use(authenticate(auth));
    app.get("/", () => {
      throw new Error("a bug of the shop");
    });
    app.use(authErrorHandler());
    const seen: unknown[] = [];
    app.use(((error, _request, response, _next) => {
      seen.push(error);
      response.status(500).end();
    }) satisfies express.ErrorRequestHandler);
    expect((await fetch(await serve(app))).status).toBe(500);
    expect(seen).toMatchObject([{ message: "a bug of the shop" }]);
  });

  it("keeps headers of CORS and security that were set before a rejection, and removes those of another answer", async () => {
    const { auth, app } = shop();
    app.use((_request, response, next) => {
      response.set("Access-Control-Allow-Origin", "https://app.example");
      response.set({ "Strict-Transport-Security": "max-age=60", ETag: '"1"', "Content-Encoding": "gzip" });
      next();
    });
    app.use(authenticate(auth.only("apiKey")));
    app.use(authErrorHandler());
    const url = await serve(app);
    const { status, headers, text } = await fetch(url).then(async (answer) => ({
      status: answer.status,
      headers: answer.headers,
      text: await answer.text(),
    }));
    expect([status, headers.get("access-control-allow-origin")]).toEqual([401, "https://app.example"]);
    expect(headers.get("strict-transport-security")).toBe("max-age=60");
    expect([headers.get("content-encoding"), headers.get("etag") === '"1"']).toEqual([null, false]);
    expect(JSON.parse(text)).toMatchObject({ code: "credentials_missing" });
  });

  it("tells handlers nothing of the caller after a rejection, and forwards nothing", async () => {
    const { auth, app } = shop();
    const seen: unknown[] = [];
    app.use(authenticate(auth), authenticate(auth, { groups: ["Admins"] }));
    const recover: ErrorRequestHandler = (error: AuthError, request, response, _next) => {
      for (const ask of [() => getIdentity(request), () => outbound.forward(getView(request))]) {
        try {
          seen.push(ask());
        } catch (thrown) {
          seen.push(thrown === error);
        }
      }
      response.sendStatus(error.status);
    };
    app.use(recover);
    expect((await fetch(await serve(app), { headers: { "x-api-key": key } })).status).toBe(403);
    expect(seen).toEqual([true, true]);
  });

  it("lets several auths see one request, each by its own public URL", async () => {
    const inside = createAuth([bodyReader], { publicUrl: "https://api.example.com/v1" });
    const outside = createAuth([bodyReader], { publicUrl: "https://example.com/api/v1" });
    const app = express();
    app.use(authenticate(inside), authenticate(inside.only("bodyReader")), authenticate(outside));
    app.post("/", (request, response) => {
      const targets = [getView(request).target, getView(request).host];
      response.json([getIdentity(request), getIdentity(request, inside), ...targets]);
    });
    const url = await serve(app);
    const caller = { mode: "bodyReader", id: "7", groups: [], scopes: [], expiresAt: null };
    const answer = await fetch(`${url}/`, { method: "POST", body: '{"a":1}' });
    expect(await answer.json()).toEqual([caller, caller, "/api/v1/", "example.com"]);
  });

  it("waits for a promise of another realm, and lets nobody in whom it refuses", async () => {
    const { app } = shop();
    const Foreign: PromiseConstructor = runInNewContext("Promise");
    const verify = () => Foreign.reject(new AuthError("credentials_refused", "wrong"));
    const auth = createAuth([{ name: "foreign", detect: () => ({ place: null, verify }) }]);
    auth.onEvent(() => {});
    app.use(authenticate(auth));
    app.get("/", (_request, response) => void response.json("let in"));
    app.use(authErrorHandler());
    expect((await fetch(await serve(app))).status).toBe(401);
  });

  it("tells the programmer, not the caller, that a parser took the bytes", async () => {
    const auth = createAuth([bodyReader]);
    const details: (string | undefined)[] = [];
    auth.onEvent((event) => details.push(event.detail));
    const app = express();
    app.use(express.json(), authenticate(auth));
    app.use(authErrorHandler());
    const url = await serve(app);
    const answer = await fetch(url, {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json" },
    });
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain("parser");
    expect(details[0]).toContain("keepRawBody");
  });
});
