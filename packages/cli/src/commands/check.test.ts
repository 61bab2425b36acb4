import { apiKey, createAuth, hashApiKey, iam, lambda, none, oidc, userPool } from "@authmodes/core";
import { authenticate, createAllow } from "@authmodes/express";
import { createPolicy } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import { createTestKit } from "@authmodes/testing";
import * as koa from "@authmodes/koa";
import { Router } from "@koa/router";
import * as fastify from "@authmodes/fastify";
import express from "express";
import Fastify from "fastify";
import Koa from "koa";
import { describe, expect, it, vi } from "vitest";
import { cli, folderWith, type Ran, unwrapped } from "../test/cli.ts";
import { unreachable } from "../test/server.ts";

/** Checks modules that a test makes, as if they were in these files. */
async function checked(modules: Readonly<Record<string, object>>, ...args: readonly string[]): Promise<Ran> {
  const cwd = await folderWith(Object.fromEntries(Object.keys(modules).map((name) => [name, ""])));
  const load = async (file: string) => ({ ...modules[file.slice(cwd.length + 1)] });
  return cli(["check", ...args], { cwd, load });
}

interface Report {
  readonly findings: readonly { readonly code: string; readonly level: string; readonly mend: string }[];
  readonly routes: readonly unknown[];
}

async function storedKey(id: string, expiresAt: number | null): Promise<Parameters<typeof apiKey>[0]> {
  return { keys: [{ id, hash: await hashApiKey(id), expiresAt }] };
}

describe("authmodes check", () => {
  it("finds ten faults, each with its fix, and exits with 1", async () => {
    const kit = await createTestKit();
    const schema = `
      input AMPLIFY { globalAuthRule: AuthRule = { allow: public } }
      type Draft @model { text: String }
      type Note @model @auth(rules: [
        { allow: owner, provider: oidc, identityClaim: "sub" }
        { allow: private, provider: identityPool }
        { allow: custom, provider: function }
      ]) { text: String owner: String }`;
    const issuer = await unreachable();
    const auth = createAuth(
      [
        apiKey(await storedKey("old", 1_700_000_000)), // 1: it has ended
        iam({ region: "us-east-1", credentials: () => undefined }),
        oidc([
          { ...kit.oidc.options, audience: null, clientId: null }, // 2: any client
          { issuer, audience: "api" }, // 3: no server answers there; 4: two issuers, and the policy names neither
        ]),
        none(), // 5: in production
      ],
      // 6: a model without rules, 7: open by the sandbox, in production, 8: the identity pool is not named,
      // 9: the mode lambda is not served
      { policy: createPolicy(parseSchema(schema)) },
    );
    const routes = [{ method: "GET", path: "/admin" }]; // 10: not authenticated
    const { code, out } = await checked({ "auth.ts": { auth, routes } }, "--production", "--json");
    const { findings } = JSON.parse(out) as Report;
    expect(code).toBe(1);
    expect(findings.map((finding) => finding.code).toSorted()).toEqual([
      "any-client",
      "identity-pool-unknown",
      "issuers-not-named",
      "key-ended",
      "keys-unavailable",
      "model-without-rules",
      "none-in-production",
      "provider-not-served",
      "route-open",
      "sandbox-in-production",
    ]);
    for (const { mend } of findings) expect(mend).not.toBe("");

    const human = await checked({ "auth.ts": { auth, routes } }, "--production");
    expect(human.out.match(/^ {2}fix: /gm)).toHaveLength(10);
    expect(human.out).toContain(`oidc: the keys of ${issuer} cannot be fetched`);
  });

  it("finds nothing in a sound server, lists its modes, issuers and routes, and exits with 0", async () => {
    const kit = await createTestKit();
    const schema = `type Note @model @auth(rules: [{ allow: owner }, { allow: public, operations: [read] }]) { text: String owner: String }`;
    const policy = createPolicy(parseSchema(schema));
    const auth = createAuth([apiKey(await storedKey("a", 4_000_000_000)), userPool(kit.userPool.options)], {
      policy,
    });
    const allow = createAllow(auth);
    const handler: express.RequestHandler = (_request, response) => void response.end();
    const inner = express.Router().get("/:id", allow("get", "Note", { load: () => null }), handler);
    const app = express()
      .get("/health", handler)
      .use("/notes", authenticate(auth))
      .get("/notes", authenticate(auth.only("apiKey")), allow("list", "Note"), handler)
      .use("/notes", inner)
      .use(authenticate(auth.only("userPool")))
      .post(["/a", "/b"], handler);
    const modules = { "auth.ts": { auth }, "app.ts": { app } };
    const { code, out } = await checked(modules);
    expect(out).toContain("Modes\n  apiKey: header x-api-key; keys a (until 2096-10-02)\n");
    expect(unwrapped(out)).toMatch(
      /us-east-1_Bookstore: clientId bookstore-web; tokenUse access; algorithms RS256 \d+ keys, fetched 20/,
    );
    expect(out).toContain(`Routes
  GET /health     open
  GET /notes      apiKey: list Note
  GET /notes/:id  apiKey userPool: get Note
  POST /a         userPool
  POST /b         userPool
`);
    expect(out).toContain("warning: GET /health: requests are not authenticated [route-open]\n");
    expect(out).toContain("\n0 errors, 1 warning\n");
    expect(code).toBe(0);
  });

  it("lists the routes of the Express app under a NestJS app", async () => {
    const auth = createAuth([apiKey(await storedKey("a", 4_000_000_000))]);
    const server = express()
      .use(authenticate(auth))
      .get("/notes", (_request, response) => void response.end());
    const app = { getHttpAdapter: () => ({ getInstance: () => server }) };
    const { out } = await checked({ "auth.ts": { auth }, "app.ts": { app } });
    expect(out).toContain("Routes\n  GET /notes  apiKey\n");
  });

  it("lists the routes of a Koa app with what guards them", async () => {
    const kit = await createTestKit();
    const schema = `type Note @model @auth(rules: [{ allow: owner }, { allow: public, operations: [read] }]) { text: String owner: String }`;
    const auth = koa.createAuth(
      [apiKey(await storedKey("a", 4_000_000_000)), userPool(kit.userPool.options)],
      { policy: createPolicy(parseSchema(schema)) },
    );
    const allow = koa.createAllow(auth);
    const handler = (ctx: Koa.Context) => void (ctx.body = {});
    const inner = new Router().get("/:id", allow("get", "Note", { load: () => null }), handler);
    const router = new Router();
    router.get("/health", handler);
    router.use("/notes", koa.authenticate(auth));
    router.get("/notes", koa.authenticate(auth.only("apiKey")), allow("list", "Note"), handler);
    router.use("/notes", inner.routes());
    router.use(koa.authenticate(auth.only("userPool")));
    router.post(["/a", "/b"], handler).all("/all{/*below}", handler);
    const app = new Koa().use(router.routes()).use(koa.authenticate(auth.only("apiKey")));
    app.use(new Router({ prefix: "/late" }).del("/x", handler).routes());
    const { code, out } = await checked({ "auth.ts": { auth, app } });
    expect(out).toContain(`Routes
  GET /health        open
  GET /notes         apiKey: list Note
  GET /notes/:id     apiKey userPool: get Note
  POST /a            userPool
  POST /b            userPool
  ALL /all{/*below}  userPool
  DELETE /late/x     apiKey
`);
    expect(out).toContain("warning: GET /health: requests are not authenticated [route-open]\n");
    expect(code).toBe(0);
  });

  it("lists the routes of a Fastify app with what guards them", async () => {
    const auth = fastify.createAuth(
      [
        apiKey(await storedKey("a", 4_000_000_000)),
        iam({ region: "us-east-1", credentials: () => undefined }),
      ],
      {
        policy: createPolicy(
          parseSchema(`type Note @model @auth(rules: [{ allow: public }]) { text: String }`),
        ),
      },
    );
    const allow = fastify.createAllow(auth);
    const handler = async () => ({});
    const app = Fastify();
    app.head("/health", { onRequest: fastify.authenticate(auth.only("apiKey")) }, handler);
    app.get("/health", handler);
    app.register(
      async (scope) => {
        scope.get("/", { preHandler: [async () => {}, allow("list", "Note")] }, handler);
        scope.register(fastify.authModes, { auth });
        scope.post("/:id", { onRequest: fastify.authenticate(auth.only("apiKey")) }, handler);
        scope.register(async (inner) => void inner.all("/all/*", handler));
      },
      { prefix: "/notes" },
    );
    app.route({ method: ["PUT", "PATCH"], url: "/late", handler });
    app.addHook("preValidation", fastify.authenticate(auth.only("iam")));
    let closed = 0;
    app.addHook("onClose", async () => void closed++);
    const { code, out } = await checked({ "auth.ts": { auth, app } });
    expect(out).toContain(`Routes
  HEAD /health      no mode
  GET /health       iam
  PUT /late         iam
  PATCH /late       iam
  GET /notes        iam: list Note
  POST /notes/:id   no mode
  ALL /notes/all/*  iam
`);
    expect({ code, closed }).toEqual({ code: 0, closed: 1 });
  });

  it("lists the routes of a NestJS app on Fastify", async () => {
    const auth = createAuth([apiKey(await storedKey("a", 4_000_000_000))]);
    const server = Fastify().get("/notes", { onRequest: fastify.authenticate(auth) }, async () => ({}));
    const app = { getHttpAdapter: () => ({ getInstance: () => server }) };
    const { out } = await checked({ "auth.ts": { auth }, "app.ts": { app } });
    expect(out).toContain("Routes\n  GET /notes  apiKey\n");
  });

  it("reports a Fastify app whose plugin throws", async () => {
    const app = Fastify().register(() => Promise.reject(new Error("there is no database")));
    const { code, out } = await checked({ "auth.ts": { auth: createAuth([none()]), app } });
    expect(code).toBe(1);
    expect(out).toContain("error: the app does not start: there is no database [does-not-start]");
  });

  it("reports a module that does not start, with what it says", async () => {
    const cwd = await folderWith({ "auth.ts": "" });
    const load = async () => {
      userPool({ userPoolId: "us-east-1_Ab1", clientId: undefined as never });
      return {};
    };
    const { code, out } = await cli(["check"], { cwd, load });
    expect(code).toBe(1);
    expect(out).toContain("error: auth.ts does not start: TypeError: userPool(): clientId is undefined");
    expect(await checked({ "auth.ts": { other: 1 } })).toMatchObject({
      code: 1,
      out: expect.stringContaining(
        "auth.ts exports no auth, only other [does-not-start]\n  fix: write export const auth",
      ),
    });
  });

  it("reports keys that cannot be fetched as an error, unless it is offline", async () => {
    const auth = createAuth([oidc({ issuer: await unreachable(), audience: "api" })]);
    expect(await checked({ "auth.ts": { auth } })).toMatchObject({ code: 1 });
    expect(await checked({ "auth.ts": { auth } }, "--offline")).toMatchObject({ code: 0 });
  });

  it("warns of keys that may come over http, and of keys without expiry", async () => {
    const auth = createAuth([
      oidc({ issuer: "http://keycloak:8080", audience: "api", allowInsecureHttp: ["keycloak:8080"] }),
      apiKey(await storedKey("endless", null)),
    ]);
    const { out } = await checked({ "auth.ts": { auth } }, "--offline", "--json");
    const { findings } = JSON.parse(out) as Report;
    expect(findings.map(({ code, level }) => [code, level])).toEqual([
      ["issuer-insecure", "warning"],
      ["key-without-end", "warning"],
    ]);
  });

  it("warns of keys that an issuer should not publish", async () => {
    const log = vi.spyOn(console, "error").mockReturnValue();
    const kit = await createTestKit();
    const { fetch = globalThis.fetch } = kit.userPool.options.keySet ?? {};
    const publishing: typeof globalThis.fetch = async (url, init) => {
      const { keys } = (await (await fetch(url, init)).json()) as { readonly keys: readonly object[] };
      return Response.json({ keys: [...keys, { kty: "oct", k: "c2VjcmV0", kid: "shared" }] });
    };
    const auth = createAuth([userPool({ ...kit.userPool.options, keySet: { fetch: publishing } })]);
    const { out } = await checked({ "auth.ts": { auth } });
    expect(unwrapped(out)).toContain(
      "publishes a key that verifies nothing here, 'shared': it is a shared secret [key-skipped]",
    );
    expect(out).not.toContain("c2VjcmV0");
    expect(log).toHaveBeenCalled();
    log.mockRestore();
  });

  it("prints no control characters of the names of routes, decisions and issuers", async () => {
    const hostile = "\u001b[2K\u202e";
    const log = vi.spyOn(console, "error").mockReturnValue();
    const issuer = await unreachable();
    const auth = createAuth([oidc({ issuer, audience: hostile })]);
    const routes = [
      { method: "GET", path: `/${hostile}` },
      { method: `GET${hostile}`, path: "/", modes: ["oidc"], decision: `list ${hostile}` },
    ];
    const { out } = await checked({ "auth.ts": { auth, routes } });
    expect(out.match(/\\u\{1b\}\[2K\\u\{202e\}/g)).toHaveLength(5);
    for (const character of ["\u001b", "\u202e"]) expect(out).not.toContain(character);
    log.mockRestore();
  });

  it("stops what was started", async () => {
    let stopped = 0;
    const close = async () => void stopped++;
    await checked({ "auth.ts": { auth: createAuth([none()]), close } });
    expect(stopped).toBe(1);
  });

  it("loads modules of JavaScript itself", async () => {
    const cwd = await folderWith({ "auth.mjs": "export const other = 1;" });
    const { code, out } = await cli(["check", "auth.mjs"], { cwd });
    expect({ code, out }).toMatchObject({
      code: 1,
      out: expect.stringContaining("exports no auth, only other"),
    });
  });

  it("finds that the variables which the code of init reads are empty, with the way to set them", async () => {
    const cwd = await folderWith({ "package.json": '{ "type": "module" }' });
    const init = await cli(["init", "--yes", "--framework", "koa", "--modes", "apiKey", "iam", "lambda"], {
      cwd,
    });
    expect(init.code).toBe(0);
    const auth = createAuth([
      apiKey({ keys: [] }),
      iam({ region: "us-east-1", credentials: () => undefined }),
      lambda({ authorizer: () => ({ isAuthorized: false }) }),
    ]);
    const findings = async (ACCESS_KEYS?: string, AUTHORIZER_TOKEN?: string) => {
      vi.stubEnv("ACCESS_KEYS", ACCESS_KEYS).stubEnv("AUTHORIZER_TOKEN", AUTHORIZER_TOKEN);
      const { code, out } = await cli(["check", "--json"], { cwd, load: async () => ({ auth }) });
      expect(code).toBe(0);
      return (JSON.parse(out) as Report).findings;
    };
    try {
      for (const empty of [undefined, "", " { }\n"]) {
        const found = await findings(empty, "");
        expect(found.map(({ code }) => code)).toEqual(["keys-empty", "variable-empty", "variable-empty"]);
        const mends = found.map(({ mend }) => mend);
        for (const mend of mends) expect(mend).toContain("--env-file .env");
        expect(mends[1]).toContain('or set it to { "AKIA…": { "secretAccessKey": "…"');
      }
      expect((await findings('{"AKIA":{}}', "t")).map(({ code }) => code)).toEqual(["keys-empty"]);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it("says nothing of variables that the code does not read, or for a mode that is not served", async () => {
    const signed = createAuth([iam({ region: "us-east-1", credentials: () => undefined })]);
    const open = createAuth([none()]);
    const reading = 'process.env["ACCESS_KEYS"]; process.env.AUTHORIZER_TOKEN';
    vi.stubEnv("ACCESS_KEYS", undefined);
    for (const [code, auth] of [
      ["const ACCESS_KEYS = {}", signed],
      [reading, open],
    ] as const) {
      const cwd = await folderWith({ "auth.ts": code });
      const { out } = await cli(["check"], { cwd, load: async () => ({ auth }) });
      expect(out).toContain("Nothing is wrong.");
    }
    vi.unstubAllEnvs();
  });

  it.each([
    { args: [], says: "npx authmodes check src/auth.ts" },
    { args: ["other.ts"], says: "There is no other.ts here" },
    { args: ["auth.ts", "--env-file", ".envy"], says: ".envy cannot be read: is there such a file?" },
  ])("says with $args what would work", async ({ args, says }) => {
    const cwd = await folderWith(args.includes("auth.ts") ? { "auth.ts": "" } : {});
    const { code, out, err } = await cli(["check", ...args], { cwd });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(says);
  });
});
