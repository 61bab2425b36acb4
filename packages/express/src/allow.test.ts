import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import express from "express";
import express4 from "express4";
import { afterEach, describe, expect, it } from "vitest";
import {
  apiKey,
  type Auth,
  AuthError,
  type AuthEvent,
  authenticate,
  authErrorHandler,
  createAllow,
  createAuth,
  getAccess,
  getIdentity,
  getView,
  newApiKey,
  none,
  type Policy,
  type Question,
  type DeniedByRule,
  type RuleDecision,
  type Values,
} from "./index.ts";
import { outbound } from "./outbound.ts";

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
  decide({ id }, { operation, record, input }: Question<Values>) {
    if (id === null) return denied("no-matching-role", "Note: not open to anybody");
    if (operation === "create" || input?.["text"] === "forbidden") {
      return input?.["text"] === "forbidden"
        ? denied("field-denied", "Note: alice may not write text")
        : allowed("Note: alice", { owner: id });
    }
    if (record === undefined) return denied("needs-record", "Note owner: the record was not loaded");
    if (record === null) return denied("record-missing", "Note: no such record", true);
    const { owner } = record;
    if (owner === "secret") return denied("record-filtered", "Note owner: secret, not alice", true);
    return owner === id
      ? allowed("Note owner: alice")
      : denied("record-filtered", "Note owner: bob, not alice");
  },
  list({ id }) {
    if (id === null) return denied("no-matching-role", "Note: not open to anybody");
    const filter = { kind: "equals" as const, field: "owner", anyOf: [id] };
    return { allowed: true, rule: "filtered", filter, explanation: "Note: filtered by owner" };
  },
  mask: (_identity, _model, record) => ({ ...record, hidden: null }),
  maskWritten: (_identity, _model, record) => ({ ...record, hidden: null, written: true }),
  displayed: (_model, record) => ({ ...record, displayed: true }),
  fields: (model) => {
    if (model !== "Note") throw new TypeError(`there is no model '${model}'`);
    return new Set(["text", "owner"]);
  },
  needsRecord: (model, operation) => {
    if (model === "Open") return false;
    if (model !== "Note") throw new TypeError(`there is no model '${model}'`);
    return operation !== "create";
  },
};
/** Every caller may do anything, whatever the record. */
const open: Policy = { ...policy, decide: () => allowed("Open"), fields: () => new Set(["text"]) };

const notes: Readonly<Record<string, Values>> = {
  mine: { id: "mine", owner: "alice", hidden: 1 },
  theirs: { id: "theirs", owner: "bob", hidden: 1 },
  secret: { id: "secret", owner: "secret", hidden: 1 },
};

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

const frameworks: readonly (readonly [string, typeof express])[] = [
  ["Express 5", express],
  ["Express 4", express4],
];

describe.each(frameworks)("allow() on %s", (_name, express) => {
  function setUp(rules = policy) {
    const auth = createAuth([apiKey({ keys: [stored] }), none()], { policy: rules });
    const events: AuthEvent[] = [];
    auth.onEvent((event) => events.push(event));
    const app = express();
    app.use(authenticate(auth), express.json());
    return { auth, app, events, allow: createAllow(auth) };
  }

  async function serve(
    app: express.Express,
  ): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
    app.use(authErrorHandler());
    const errors: express.ErrorRequestHandler = (error: unknown, _request, response, next) => {
      if (response.headersSent) return next(error);
      const { status = 500 } = Object(error) as { status?: number };
      response.status(status).json({ message: error instanceof Error ? error.message : "" });
    };
    app.use(errors);
    server = app.listen(0, "127.0.0.1");
    await new Promise((resolve) => server?.once("listening", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return (path, init = {}) => fetch(url + path, { headers: { "x-api-key": key }, ...init });
  }

  const post = (body: unknown, method = "POST"): RequestInit => ({
    method,
    body: JSON.stringify(body),
    headers: { "x-api-key": key, "content-type": "application/json" },
  });
  const load = (request: express.Request): Values | undefined => notes[String(request.params["id"])];

  const mine = { kind: "equals", field: "owner", anyOf: ["alice"] } as const;

  it.each([
    [mine, mine],
    [undefined, { kind: "always" }],
  ])(
    "has the condition of the decision %j, for the statement of an update or a delete",
    async (filter, expected) => {
      const decision = { allowed: true, rule: "r", writes: {}, explanation: "" } as const;
      const decide = () => (filter === undefined ? decision : { ...decision, filter });
      const { app, allow } = setUp({ ...policy, decide });
      const answer: express.RequestHandler = (request, response) => {
        response.json(getAccess(request).filter);
      };
      app.delete("/notes/:id", allow("delete", "Note", { load }), answer);
      app.patch("/notes/:id", allow("update", "Note", { load, input: () => ({}) }), answer);
      const ask = await serve(app);
      for (const method of ["DELETE", "PATCH"]) {
        const found = await ask("/notes/mine", { method });
        expect(await found.json()).toEqual(expected);
      }
    },
  );

  it("refuses to create from no body at all", async () => {
    const { app, allow } = setUp();
    app.post("/notes", allow("create", "Note", { input: () => undefined }), (_request, response) => {
      response.json({});
    });
    const ask = await serve(app);
    expect((await ask("/notes", { method: "POST", headers: { "x-api-key": key } })).status).toBe(400);
  });

  const leaks: Readonly<Record<string, express.RequestHandler>> = {
    write: (_request, response) => {
      response.write("theirs");
      response.write("theirs");
      response.end("theirs");
    },
    writeHead: (_request, response) => {
      response.writeHead(200, { "x-owner": "theirs" });
      response.end("theirs");
    },
    stream: (_request, response) => void Readable.from(["theirs"]).pipe(response),
    "with an ETag": (_request, response) => {
      response.set("x-owner", "theirs").set("access-control-allow-origin", "*").send("theirs");
    },
  };

  it.each(Object.entries(leaks))(
    "answers a list that was not filtered with 500 (%s)",
    async (_how, handler) => {
      const { app, allow, events } = setUp();
      app.get("/notes", allow("list", "Note"), handler);
      const get = await serve(app);
      const answer = await get("/notes");
      const text = await answer.text();
      expect([answer.status, text.includes("theirs"), answer.headers.has("x-owner")]).toEqual([
        500,
        false,
        false,
      ]);
      expect(JSON.parse(text)).toMatchObject({ code: "misconfigured" });
      expect(events.at(-1)).toMatchObject({
        type: "refused",
        reason: "filter_not_taken",
        code: "misconfigured",
      });
      expect(events.at(-1)?.detail).toContain('allow("list", "Note")');
      if (_how === "with an ETag") expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    },
  );

  it("lets a list that was not filtered fail as it wants", async () => {
    const { app, allow } = setUp();
    app.get("/bad", allow("list", "Note"), (_request, response) => void response.status(400).json({}));
    expect((await (await serve(app))("/bad")).status).toBe(400);
  });

  it("hands on what load throws", async () => {
    const { app, allow } = setUp();
    const trouble = Object.assign(new Error("the database is away"), { status: 503 });
    app.get("/", allow("get", "Note", { load: () => Promise.reject(trouble) }), (_request, response) => {
      response.json({});
    });
    expect((await (await serve(app))("/")).status).toBe(503);
  });

  it("reports once that a handler asks for an access that no allow() found", async () => {
    const { app, events } = setUp();
    app.get("/bare", (request, response) => {
      expect(() => getAccess(request)).toThrow(AuthError);
      response.json(getAccess(request));
    });
    const answer = await (await serve(app))("/bare");
    expect([answer.status, await answer.json()]).toMatchObject([500, { code: "misconfigured" }]);
    const detail: unknown = expect.stringContaining("no allow() ran");
    expect(events.slice(1)).toMatchObject([{ reason: "allow_missing", path: "/bare", detail }]);
  });

  it("closes the request by its denial, but not by one that the handler asked for", async () => {
    const { app, allow, events } = setUp();
    app.get("/first/:id", allow("get", "Note", { handlerDecides: true }), (request, response) => {
      const access = getAccess(request);
      expect(() => access.decide(notes["theirs"] ?? null)).toThrow(AuthError);
      access.decide(notes["mine"] ?? null);
      response.json([getIdentity(request).id, access.record["id"]]);
    });
    app.get("/notes/:id", allow("get", "Note", { load }), (_request, response) => void response.json({}));
    const recover: express.ErrorRequestHandler = (error: AuthError, request, response, _next) => {
      const again = [() => getIdentity(request), () => outbound.forward(getView(request))].map((ask) => {
        try {
          return ask();
        } catch (thrown) {
          return thrown === error;
        }
      });
      response.status(error.status).json(again);
    };
    app.use(recover);
    const ask = await serve(app);
    expect(await (await ask("/first/mine")).json()).toEqual(["alice", "mine"]);
    const closed = await ask("/notes/theirs");
    expect([closed.status, await closed.json()]).toEqual([403, [true, true]]);
    expect(events.map(({ type }) => type)).toEqual(["accepted", "refused", "allowed", "accepted", "refused"]);
  });

  it("is of use only to handlers behind it, and for what they do", async () => {
    const { app, allow } = setUp();
    app.get("/one/:id", allow("get", "Note", { load }), (request, response) => {
      response.json(getAccess(request).filter);
    });
    app.get("/open/:id", allow("get", "Open", { handlerDecides: true }), (request, response) => {
      response.json(getAccess(request).record);
    });
    app.get("/read/:id", allow("get", "Note", { load }), (request, response) => {
      response.json(getAccess(request).input);
    });
    app.post("/early", allow("update", "Note", { handlerDecides: true }), (request, response) => {
      response.json(getAccess(request).input);
    });
    const ask = await serve(app);
    const message = async (path: string, init?: RequestInit) => {
      const answer = await ask(path, init);
      return [answer.status, ((await answer.json()) as { message: string }).message];
    };
    expect(await message("/one/mine")).toEqual([500, expect.stringContaining("filter is not for a get")]);
    expect(await message("/open/mine")).toEqual([500, expect.stringContaining("'load'")]);
    expect(await message("/read/mine")).toEqual([500, expect.stringContaining("creates and updates")]);
    expect(await message("/early", post({ text: "a" }))).toEqual([
      500,
      expect.stringContaining("decide(record) first"),
    ]);
  });
});

it("a handler that found nothing and decides about undefined gets a 404, also by rules that look at no record", async () => {
  const auth = createAuth([apiKey({ keys: [stored] })], { policy: open });
  auth.onEvent(() => {});
  const app = express().use(authenticate(auth));
  app.get("/open", createAllow(auth)("get", "Open", { handlerDecides: true }), (request, response) => {
    const found = new Map<string, Values>().get("1");
    response.json(getAccess(request).decide(found as Values));
  });
  server = app.use(authErrorHandler()).listen(0, "127.0.0.1");
  await new Promise((resolve) => server?.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/open`, { headers: { "x-api-key": key } });
  expect(answer.status).toBe(404);
});

describe("a route with rules, when it is built", () => {
  const allow = createAllow(createAuth([none()], { policy }));

  it("needs a policy", () => {
    const bare: Auth = createAuth([none()]);
    expect(() => createAllow(bare)).toThrow("createAuth(modes, { policy })");
  });

  it.each(["get", "update", "delete"] as const)("has to load the record for %s", (operation) => {
    expect(() => allow(operation, "Note")).toThrow(/load.*handlerDecides/);
    expect(() => allow(operation, "Note", { load: () => null })).not.toThrow();
    expect(() => allow(operation, "Note", { handlerDecides: true })).not.toThrow();
    expect(() => allow(operation, "Open")).not.toThrow();
  });

  it("takes no options that mean nothing", () => {
    expect(() => allow("list", "Note", { load: () => null })).toThrow("lists are filtered");
    expect(() => allow("create", "Note", { handlerDecides: true })).toThrow(TypeError);
    expect(() => allow("get", "Note", { load: () => null, handlerDecides: true })).toThrow("not both");
  });

  it("has no option that is misspelt, undefined or of another kind", () => {
    expect(() => allow("get", "Note", { laod: () => null } as never)).toThrow("Write 'load'");
    expect(() => allow("get", "Note", { load: undefined } as never)).toThrow("load is undefined");
    expect(() => allow("get", "Note", { load: "id" as never })).toThrow("load is a function");
    expect(() => allow("create", "Note", { input: {} as never })).toThrow("input is a function");
    expect(() => allow("get", "Note", { handlerDecides: "no" as never })).toThrow("true or false");
    expect(() => createAllow(undefined as never)).toThrow("auth is what createAuth([…]) returns");
  });

  it("knows its operations and models", () => {
    // @ts-expect-error: a word of other libraries
    expect(() => allow("read", "Note", { load: () => null })).toThrow("one of create, get");
    expect(() => allow("list", "Notes")).toThrow("there is no model");
  });
});
