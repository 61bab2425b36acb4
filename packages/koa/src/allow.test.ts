import { Readable } from "node:stream";
import { bodyParser } from "@koa/bodyparser";
import { Router } from "@koa/router";
import Koa, { type Middleware } from "koa";
import { describe, expect, it } from "vitest";
import {
  type AllowContext,
  apiKey,
  type AuthEvent,
  authenticate,
  createAllow,
  createAuth,
  getAccess,
  newApiKey,
  none,
  type Policy,
  type Question,
  type DeniedByRule,
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
const denied = (reason: string, explanation: string, missing = false): DeniedByRule => ({
  allowed: false,
  reason,
  missing,
  explanation,
});

/** Notes belong to their owner, who alone may do anything with them; no other model is reached. */
const policy: Policy = {
  decide({ id }, { operation, record }: Question<Values>) {
    if (id === null) return denied("no-matching-role", "Note: not open to anybody");
    if (operation === "create") return allowed("Note: alice", { owner: id });
    if (record === undefined) return denied("needs-record", "Note owner: the record was not loaded");
    if (record === null) return denied("record-missing", "Note: no such record", true);
    return record["owner"] === id
      ? allowed("Note owner: alice")
      : denied("record-filtered", "Note owner: bob, not alice");
  },
  list({ id }) {
    if (id === null) return denied("no-matching-role", "Note: not open to anybody");
    const filter = { kind: "equals" as const, field: "owner", anyOf: [id] };
    return { allowed: true, rule: "filtered", filter, explanation: "Note: filtered by owner" };
  },
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
  it("takes the empty object of a parser that read nothing for no input", async () => {
    const shop = setUp();
    shop.router.post("/notes", shop.allow("create", "Note"));
    expect((await (await listen(shop))("/notes", send("POST", "{}", "text/plain"))).status).toBe(400);
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

  it.each<readonly [string, Middleware]>([
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

  it("lets a list that was not filtered fail as it wants", async () => {
    const shop = setUp();
    shop.router.get("/bad", shop.allow("list", "Note"), (ctx) => void (ctx.status = 400));
    expect((await (await listen(shop))("/bad")).status).toBe(400);
  });

  it("hands on what load throws", async () => {
    const shop = setUp();
    const trouble = Object.assign(new Error("the database is away"), { status: 503 });
    shop.router.get("/", shop.allow("get", "Note", { load: () => Promise.reject(trouble) }));
    expect((await (await listen(shop))("/")).status).toBe(503);
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
});
