import { Readable } from "node:stream";
import cors from "@fastify/cors";
import Fastify, { type RouteHandlerMethod } from "fastify";
import { describe, expect, it, vi } from "vitest";
import {
  apiKey,
  type AuthEvent,
  authModes,
  createAllow,
  createAuth,
  getAccess,
  newApiKey,
  none,
  type Policy,
  type Question,
  type RuleDecision,
  type Values,
} from "./index.ts";

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

/** Notes belong to their owner, who alone may do anything with them. */
const policy: Policy = {
  decide({ id }, { operation, record }: Question<Values>) {
    if (id === null) return denied("no-matching-role", "Note: only for owners");
    if (operation === "create") return allowed("Note: alice", { owner: id });
    if (record === undefined) return denied("needs-record", "Note owner: the record was not loaded");
    if (record === null) return denied("record-missing", "Note: no such record", true);
    return record["owner"] === id
      ? allowed("Note owner: alice")
      : denied("record-filtered", "Note owner: bob, not alice");
  },
  list: ({ id }) => ({
    allowed: true,
    rule: "filtered",
    filter: { kind: "equals", field: "owner", anyOf: [String(id)] },
    explanation: "Note: filtered by owner",
  }),
  mask: (_identity, _model, record) => ({ ...record, hidden: null }),
  maskWritten: (_identity, _model, record) => ({ ...record, written: true }),
  displayed: (_model, record) => record,
  fields: () => new Set(["text", "owner"]),
  needsRecord: (_model, operation) => operation !== "create",
};

const notes: Readonly<Record<string, Values>> = {
  mine: { id: "mine", owner: "alice", hidden: 1 },
  theirs: { id: "theirs", owner: "bob", hidden: 1 },
};

interface ById {
  readonly Params: { readonly id: string };
}

async function setUp() {
  const auth = createAuth([apiKey({ keys: [stored] }), none()], { policy });
  const events: AuthEvent[] = [];
  auth.onEvent((event) => events.push(event));
  const app = Fastify();
  app.register(cors, { origin: "https://app.example" });
  await app.register(authModes, { auth });
  const allow = createAllow(auth);
  const byId = allow<ById>("get", "Note", { load: ({ params }) => notes[params.id] });
  const ask = (url: string, options: object = {}) =>
    app.inject({ url, headers: { "x-api-key": key, origin: "https://app.example" }, ...options });
  return { auth, app, events, allow, byId, ask };
}

describe("allow()", () => {
  it("rejects before later hooks and the handler run", async () => {
    const { app, byId, ask } = await setUp();
    const ran = vi.fn<() => void>();
    app.addHook("onSend", () => new Promise((resolve) => setTimeout(resolve, 20)));
    app.get<ById>("/notes/:id", { preHandler: [byId, async () => ran()] }, async () => ran());
    const statuses = ["theirs", "unknown"].map(async (id) => (await ask(`/notes/${id}`)).statusCode);
    expect(await Promise.all(statuses)).toEqual([403, 404]);
    const guest = await ask("/notes/mine", { headers: { origin: "https://app.example" } });
    expect([guest.statusCode, guest.headers["access-control-allow-origin"]]).toEqual([
      403,
      "https://app.example",
    ]);
    expect(ran).not.toHaveBeenCalled();
  });

  it("takes the parsed body for input, or what 'input' finds", async () => {
    const { app, allow, ask } = await setUp();
    const answer: RouteHandlerMethod = async (request) => {
      const { input, mask } = getAccess(request);
      return mask(input);
    };
    const load = (): Values => ({ owner: "alice" });
    app.post("/notes", { preHandler: allow("create", "Note") }, answer);
    app.patch("/notes", { preHandler: allow("update", "Note", { load }) }, answer);
    app.post("/form", { preHandler: allow("create", "Note", { input: () => ({ text: "form" }) }) }, answer);
    const send = (method: string, url: string, payload?: unknown) => ask(url, { method, payload });
    expect((await send("POST", "/notes", { text: "a" })).json()).toEqual({
      text: "a",
      owner: "alice",
      written: true,
    });
    expect((await send("PATCH", "/notes", { text: "b" })).json()).toEqual({ text: "b", written: true });
    expect((await send("POST", "/form")).json()).toMatchObject({ text: "form" });
    for (const payload of ["[]", '{"txt":1}', undefined]) {
      const headers = { "x-api-key": key, ...(payload && { "content-type": "application/json" }) };
      const refused = await ask("/notes", { method: "POST", payload, headers });
      expect([payload, refused.statusCode, refused.json()]).toMatchObject([
        payload,
        400,
        { code: "invalid_input" },
      ]);
    }
  });

  it.each<readonly [string, RouteHandlerMethod]>([
    ["a stream", async () => Readable.from(["theirs"])],
    ["a response", async () => new Response("theirs")],
    ["its own headers", async (_request, reply) => reply.header("x-owner", "theirs").send("theirs")],
    [
      "no answer of Fastify's",
      (_request, reply) => {
        reply.hijack();
        reply.raw.writeHead(200, { "x-owner": "theirs" }).end("theirs");
      },
    ],
  ])("answers a list that was not filtered with 500 (%s)", async (how, handler) => {
    const { app, allow, ask, events } = await setUp();
    app.get("/notes", { preHandler: allow("list", "Note") }, handler);
    const { statusCode, headers, body, json } = await ask("/notes");
    expect([statusCode, body.includes("theirs"), headers["x-owner"]]).toEqual([500, false, undefined]);
    expect(json()).toMatchObject({ code: "misconfigured" });
    expect(events.at(-1)).toMatchObject({ type: "refused", reason: "filter_not_taken" });
    // Those of @fastify/cors are lost if the handler answers without Fastify, as its own answer would lose them.
    const origin = how.startsWith("no answer") ? undefined : "https://app.example";
    expect(headers["access-control-allow-origin"]).toBe(origin);
  });

  it("lets a list that was not filtered fail as it wants", async () => {
    const { app, allow, ask } = await setUp();
    app.get("/bad", { preHandler: allow("list", "Note") }, async (_request, reply) => reply.code(400).send());
    expect((await ask("/bad")).statusCode).toBe(400);
  });

  it("passes what load throws to the app's error handlers", async () => {
    const { app, allow, ask } = await setUp();
    const load = (): Promise<Values> => Promise.reject(new Error("the database is away"));
    app.setErrorHandler((error: Error, _request, reply) => reply.code(503).send(error.message));
    app.get("/", { preHandler: allow("get", "Note", { load }) }, async () => "");
    const { statusCode, body } = await ask("/");
    expect([statusCode, body]).toEqual([503, "the database is away"]);
  });

  it("hides the caller that it denied", async () => {
    const { app, byId, ask } = await setUp();
    const seen: unknown[] = [];
    app.addHook("onResponse", async (request) => {
      try {
        seen.push(request.identity);
      } catch (error) {
        seen.push(error);
      }
    });
    app.get<ById>("/notes/:id", { preHandler: byId }, async () => "");
    expect((await ask("/notes/theirs")).statusCode).toBe(403);
    expect(seen).toMatchObject([{ code: "forbidden" }]);
  });

  it("is of use only to handlers behind it", async () => {
    const { app, ask, events } = await setUp();
    app.get("/bare", async (request) => getAccess(request).filter);
    expect((await ask("/bare")).statusCode).toBe(500);
    expect(events.at(-1)).toMatchObject({
      code: "misconfigured",
      detail: expect.stringContaining("no allow() ran"),
    });
  });
});
