import { Readable } from "node:stream";
import { bodyParser } from "@koa/bodyparser";
import { Router } from "@koa/router";
import Koa, { type Middleware } from "koa";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  type AllowContext,
  apiKey,
  type Auth,
  type AuthEvent,
  authenticate,
  createAllow,
  createAuth,
  getAccess,
  newApiKey,
  none,
  type Policy,
  type RuleDecision,
  type Values,
} from "./index.ts";
import { serve } from "./test/serve.ts";

const { key, stored } = await newApiKey({ expiresInSeconds: 60, id: "alice" });

const allowed = (explanation: string, writes: Values = {}): RuleDecision => ({
  allowed: true,
  rule: "Note:owner",
  writes,
  explanation,
});
const denied = (reason: string, explanation: string, missing = false): RuleDecision => ({
  allowed: false,
  reason,
  missing,
  explanation,
});

/** Notes belong to their owner, who alone may do anything with them; nobody else is reached. */
const policy: Policy = {
  decide({ id }, { operation, record }) {
    if (id === null) return denied("no-matching-role", "Note: not open to anybody");
    if (operation === "create") return allowed("Note: alice", { owner: id });
    if (record === undefined) return denied("needs-record", "Note owner: the record was not loaded");
    if (record === null) return denied("record-missing", "Note: no such record", true);
    return record["owner"] === id
      ? allowed("Note owner: alice")
      : denied("record-filtered", "Note owner: bob, not alice");
  },
  filter: ({ id }) => ({ kind: "equals", field: "owner", anyOf: [String(id)] }),
  mask: (_identity, _model, record) => ({ ...record, hidden: null }),
  maskWritten: (_identity, _model, record) => ({ ...record, written: true }),
  displayed: (_model, record) => record,
  fields: (model) => {
    if (model !== "Note") throw new TypeError(`there is no model '${model}'`);
    return new Set(["text", "owner"]);
  },
  needsRecord: (_model, operation) => operation !== "create",
};

const notes: Readonly<Record<string, Values>> = {
  mine: { id: "mine", owner: "alice", hidden: 1 },
  theirs: { id: "theirs", owner: "bob", hidden: 1 },
};
const load = ({ params }: AllowContext): Values | undefined => notes[String(params["id"])];

afterEach(() => {
  vi.unstubAllEnvs();
});

function setUp() {
  const auth = createAuth([apiKey({ keys: [stored] }), none()], { policy });
  const events: AuthEvent[] = [];
  auth.onEvent((event) => events.push(event));
  const app = new Koa();
  app.silent = true;
  app.use(authenticate(auth)).use(bodyParser());
  const router = new Router();
  return { auth, app, events, router, allow: createAllow(auth) };
}

type Ask = (path: string, init?: RequestInit) => Promise<Response>;

async function listen({ app, router }: { readonly app: Koa; readonly router: Router }): Promise<Ask> {
  app.use(router.routes());
  const url = await serve(app);
  return (path, init = {}) => fetch(url + path, { headers: { "x-api-key": key }, ...init });
}

const send = (method: string, body: string, type = "application/json"): RequestInit => ({
  method,
  body,
  headers: { "x-api-key": key, "content-type": type },
});

describe("allow()", () => {
  it("loads, decides, and hands the record on with what masks it", async () => {
    const shop = setUp();
    shop.router.get("/notes/:id", shop.allow("get", "Note", { load }), (ctx) => {
      const { record, mask } = getAccess(ctx);
      ctx.body = mask(record);
    });
    const ask = await listen(shop);
    expect(await (await ask("/notes/mine")).json()).toEqual({ id: "mine", owner: "alice", hidden: null });
    expect(shop.events.map(({ type, detail }) => [type, detail])).toEqual([
      ["accepted", undefined],
      ["allowed", "Note owner: alice"],
    ]);
  });

  it("refuses before the handler runs", async () => {
    const shop = setUp();
    const handler = vi.fn<Middleware>((ctx) => void (ctx.body = {}));
    const guard = shop.allow("get", "Note", {
      load: async (ctx, { signal }) => (signal.aborted ? null : load(ctx)),
    });
    shop.router.get("/notes/:id", guard, handler);
    const ask = await listen(shop);
    const statuses = ["theirs", "unknown"].map(async (id) => (await ask(`/notes/${id}`)).status);
    expect(await Promise.all(statuses)).toEqual([403, 404]);
    expect((await ask("/notes/mine", { headers: {} })).status).toBe(403);
    expect(handler).not.toHaveBeenCalled();
  });

  it("stamps the input, and decides updates by record and input", async () => {
    const shop = setUp();
    const answer: Middleware = (ctx) => {
      const { input, mask } = getAccess(ctx);
      ctx.body = mask(input);
    };
    shop.router.post("/notes", shop.allow("create", "Note"), answer);
    shop.router.patch("/notes/:id", shop.allow("update", "Note", { load }), answer);
    const ask = await listen(shop);
    const created = await ask("/notes", send("POST", '{"text":"hello"}'));
    expect(await created.json()).toEqual({ text: "hello", owner: "alice", written: true });
    expect((await ask("/notes/mine", send("PATCH", '{"text":"a"}'))).status).toBe(200);
    expect((await ask("/notes/theirs", send("PATCH", '{"text":"a"}'))).status).toBe(403);
  });

  it.each([
    ["[]", "application/json"],
    ['{"txt":1}', "application/json"],
    ["{}", "text/plain"],
  ])("refuses the body %j of %s as no input, to whom the rules allow", async (body, type) => {
    const shop = setUp();
    const handler = vi.fn<Middleware>();
    shop.router.post("/notes", shop.allow("create", "Note"), handler);
    const ask = await listen(shop);
    expect((await ask("/notes", send("POST", body, type))).status).toBe(400);
    expect((await ask("/notes", { ...send("POST", body), headers: { "content-type": type } })).status).toBe(
      403,
    );
    expect(handler).not.toHaveBeenCalled();
  });

  it("takes an empty object for input where it was sent, and what 'input' finds", async () => {
    const shop = setUp();
    const answer: Middleware = (ctx) => void (ctx.body = getAccess(ctx).input);
    shop.router.post("/notes", shop.allow("create", "Note"), answer);
    shop.router.post("/form", shop.allow("create", "Note", { input: () => ({ text: "form" }) }), answer);
    const ask = await listen(shop);
    expect(await (await ask("/notes", send("POST", "{}"))).json()).toEqual({ owner: "alice" });
    expect(await (await ask("/form", { ...send("POST", ""), body: null })).json()).toMatchObject({
      text: "form",
    });
  });

  it("gives lists their filter, and refuses whom no rule reaches", async () => {
    const shop = setUp();
    shop.router.get("/notes", shop.allow("list", "Note"), (ctx) => void (ctx.body = getAccess(ctx).filter));
    const ask = await listen(shop);
    expect(await (await ask("/notes")).json()).toEqual({ kind: "equals", field: "owner", anyOf: ["alice"] });
    expect((await ask("/notes", { headers: {} })).status).toBe(403);
  });

  it.each<readonly [string, Middleware]>([
    ["an object", (ctx) => void (ctx.body = [notes["theirs"]])],
    ["a stream", (ctx) => void (ctx.body = Readable.from(["theirs"]))],
    [
      "its own headers",
      (ctx) => {
        ctx.set({ "x-owner": "theirs", "access-control-allow-origin": "*" });
        ctx.body = "theirs";
      },
    ],
  ])("answers a list that was not filtered with 500 (%s)", async (_how, handler) => {
    const shop = setUp();
    shop.router.get("/notes", shop.allow("list", "Note"), handler);
    const answer = await (await listen(shop))("/notes");
    const text = await answer.text();
    expect([answer.status, text.includes("theirs"), answer.headers.has("x-owner")]).toEqual([
      500,
      false,
      false,
    ]);
    expect(JSON.parse(text)).toMatchObject({ code: "misconfigured" });
    expect(shop.events.at(-1)).toMatchObject({ type: "refused", reason: "filter_not_taken" });
    if (_how === "its own headers") expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  });

  it("lets a list that was not filtered fail as it wants, and pass in production", async () => {
    const shop = setUp();
    shop.router.get("/bad", shop.allow("list", "Note"), (ctx) => void (ctx.status = 400));
    shop.router.get("/notes", shop.allow("list", "Note"), (ctx) => void (ctx.body = []));
    const ask = await listen(shop);
    expect((await ask("/bad")).status).toBe(400);
    vi.stubEnv("NODE_ENV", "production");
    expect((await ask("/notes")).status).toBe(200);
  });

  it("lets the handler decide, and answers 500 where it did not", async () => {
    const shop = setUp();
    const guard = shop.allow("get", "Note", { handlerDecides: true });
    shop.router.get("/notes/:id", guard, (ctx) => {
      const access = getAccess(ctx);
      access.decide(load(ctx) ?? null);
      ctx.body = access.mask(access.record);
    });
    shop.router.get("/forgetful/:id", guard, (ctx) => void (ctx.body = load(ctx)));
    const ask = await listen(shop);
    expect(await (await ask("/notes/mine")).json()).toMatchObject({ owner: "alice", hidden: null });
    expect((await ask("/notes/theirs")).status).toBe(403);
    expect((await ask("/notes/unknown")).status).toBe(404);
    vi.stubEnv("NODE_ENV", "production");
    const forgotten = await ask("/forgetful/theirs");
    expect([forgotten.status, (await forgotten.text()).includes("bob")]).toEqual([500, false]);
    expect(shop.events.at(-1)).toMatchObject({ reason: "handler_did_not_decide", code: "misconfigured" });
  });

  it("hands on what load throws", async () => {
    const shop = setUp();
    const trouble = Object.assign(new Error("the database is away"), { status: 503 });
    shop.router.get("/", shop.allow("get", "Note", { load: () => Promise.reject(trouble) }));
    expect((await (await listen(shop))("/")).status).toBe(503);
  });

  it("runs neither load nor handler if no authenticate ran, nor for a preflight", async () => {
    const { allow } = setUp();
    const app = new Koa();
    app.silent = true;
    const router = new Router();
    const ran = vi.fn<() => Values>(() => ({}));
    router.all("/load", allow("get", "Note", { load: ran }), (ctx) => void (ctx.body = ran()));
    router.all("/decide", allow("get", "Note", { handlerDecides: true }), (ctx) => void (ctx.body = ran()));
    const ask = await listen({ app, router });
    const headers = { origin: "https://a.example", "access-control-request-method": "GET" };
    for (const path of ["/load", "/decide"]) {
      const failed = await ask(path);
      expect([failed.status, await failed.json()]).toMatchObject([500, { code: "misconfigured" }]);
      const { status, body } = await ask(path, { method: "OPTIONS", headers });
      expect([status, body]).toEqual([204, null]);
    }
    expect(ran).not.toHaveBeenCalled();
  });

  it("hides the caller that it denied", async () => {
    const shop = setUp();
    const seen: unknown[] = [];
    shop.router.use(async (ctx, next) => {
      await next().catch((error: unknown) => {
        try {
          seen.push(ctx.state["identity"]);
        } catch (thrown) {
          seen.push(thrown === error);
        }
        throw error;
      });
    });
    shop.router.get("/notes/:id", shop.allow("get", "Note", { load }));
    expect((await (await listen(shop))("/notes/theirs")).status).toBe(403);
    expect(seen).toEqual([true]);
  });

  it("is of use only to handlers behind it", async () => {
    const shop = setUp();
    const seen: unknown[] = [];
    shop.app.on("error", (error: unknown) => seen.push(error));
    shop.router.get("/bare", (ctx) => void (ctx.body = getAccess(ctx)));
    expect((await (await listen(shop))("/bare")).status).toBe(500);
    expect(seen).toMatchObject([
      { code: "misconfigured", detail: expect.stringContaining("no allow() ran") },
    ]);
  });

  it("tells misuse when a route is built", () => {
    const bare: Auth = createAuth([none()]);
    expect(() => createAllow(bare)).toThrow("createAuth(modes, { policy })");
    const { allow } = setUp();
    expect(() => allow("get", "Note")).toThrow(/load.*handlerDecides/);
    expect(() => allow("list", "Note", { load })).toThrow("lists are filtered");
    expect(() => allow("get", "Note", { laod: load } as never)).toThrow("Write 'load'");
    expect(() => allow("get", "Note", { load: undefined } as never)).toThrow("load is undefined");
    expect(() => allow("get", "Note", { handlerDecides: "no" as never })).toThrow("true or false");
    expect(() => createAllow(undefined as never)).toThrow("auth is what createAuth([…]) returns");
  });
});
