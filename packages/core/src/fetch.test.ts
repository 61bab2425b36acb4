import { invalidInput } from "./refusal/error.ts";
import type { UnderlyingSource } from "node:stream/web";
import { describe, expect, expectTypeOf, it, onTestFinished, vi } from "vitest";
import { authenticate, createAllow, fetchView, getIdentity, isPreflight, refusal } from "./fetch.ts";
import {
  apiKey,
  type ApiKeyIdentity,
  type Auth,
  type AuthEvent,
  AuthError,
  type AuthMode,
  createAuth,
  type Detection,
  type IdentityBase,
  lambda,
  newApiKey,
  none,
  type NoneIdentity,
  type Policy,
  type Question,
  type DeniedByRule,
  type RuleDecision,
  type Values,
} from "./index.ts";

const { key, stored } = await newApiKey({ expiresInSeconds: 60, id: "alice", scopes: ["read"] });
const url = "http://api.example/notes/mine?x=1";
const keyed = (init: RequestInit = {}): Request =>
  new Request(url, { ...init, headers: { "x-api-key": key } });

function setUp(policy?: Policy) {
  const auth = createAuth([apiKey({ keys: [stored] }), none()], { ...(policy !== undefined && { policy }) });
  const events: AuthEvent[] = [];
  auth.onEvent((event) => events.push(event));
  return { auth, events };
}

async function thrown(
  promise: Promise<unknown>,
): Promise<Pick<AuthError, "status" | "code" | "reason" | "detail">> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof AuthError)) throw new TypeError("no AuthError was thrown", { cause: error });
  const { status, code, reason, detail } = error;
  return { status, code, reason, detail };
}

describe("authenticate and getIdentity", () => {
  it("say who calls, typed by the auth", async () => {
    const { auth } = setUp();
    const request = keyed();
    const identity = await authenticate(auth, request);
    expectTypeOf(identity).toEqualTypeOf<ApiKeyIdentity | NoneIdentity>();
    expect(identity.id).toBe("alice");
    const only = getIdentity(request, auth.only("apiKey"));
    expectTypeOf(only).toEqualTypeOf<ApiKeyIdentity>();
    expect(only).toBe(identity);
  });

  it("verify once, and ask for what a route needs", async () => {
    const { auth, events } = setUp();
    const request = keyed();
    await authenticate(auth, request);
    await authenticate(auth, request, { scopes: ["read"] });
    expect(events.map(({ type }) => type)).toEqual(["accepted"]);
    expect(await thrown(authenticate(auth, request, { scopes: ["write"] }))).toMatchObject({ status: 403 });
  });

  it("never run a handler without a caller", async () => {
    const { auth } = setUp();
    expect(() => getIdentity(keyed(), auth)).toThrow(AuthError);
    const anonymous = new Request(url);
    await authenticate(auth, anonymous);
    expect(() => getIdentity(anonymous, auth.only("apiKey"))).toThrow(AuthError);
    expect(() => getIdentity(new Request(anonymous), auth)).toThrow(AuthError);
  });

  it.each([
    ["a Hono request", { method: "GET", url, raw: new Request(url) }],
    ["a request of node:http", { method: "GET", url: "/", headers: {} }],
    ["nothing", undefined],
  ])("tell the programmer that %s is no Request", async (_what, request) => {
    // @ts-expect-error: what people write who have no type checker
    await expect(async () => authenticate(setUp().auth, request)).rejects.toThrow(/c\.req\.raw.*nodeView/);
  });
});

describe("auths with public URLs of their own, on one request", () => {
  it("each keep what they found, and share the body", async () => {
    const bodyReader: AuthMode = {
      name: "bodyReader",
      detect: (request): Detection<IdentityBase> => ({
        place: "x-read-body",
        verify: async () => {
          const id = `${request.host} ${(await request.body(10)).byteLength}`;
          return { mode: "bodyReader", id, groups: [], scopes: [], expiresAt: null };
        },
      }),
    };
    const urls = ["https://a.example/v1", "https://b.example", undefined];
    const auths = urls.map((publicUrl) =>
      createAuth([bodyReader], publicUrl === undefined ? {} : { publicUrl }),
    );
    const request = new Request("http://c.example/x", { method: "POST", body: "hello" });
    const clone = vi.spyOn(request, "clone");
    for (const auth of auths) await authenticate(auth, request);
    expect(auths.map((auth) => getIdentity(request, auth).id)).toEqual([
      "a.example 5",
      "b.example 5",
      "c.example 5",
    ]);
    const views = auths.map(({ publicUrl }) => fetchView(request, publicUrl));
    expect(views.map(({ target }) => target)).toEqual(["/v1/x", "/x", "/x"]);
    expect(auths.map(({ publicUrl }) => fetchView(request, publicUrl))).toEqual(views);
    expect(clone).toHaveBeenCalledOnce();
    expect(await request.text()).toBe("hello");
  });
});

describe("refusal", () => {
  it("is the answer to an AuthError", async () => {
    const { auth } = setUp();
    const error = await authenticate(auth.only("apiKey"), new Request(url)).catch((error: unknown) => error);
    const response = refusal(error);
    expect([
      response?.status,
      response?.headers.get("www-authenticate"),
      response?.headers.get("cache-control"),
    ]).toEqual([401, "ApiKey", "no-store"]);
    expect(await response?.json()).toMatchObject({ code: "credentials_missing" });
  });

  it("is the answer to a body that is no input", async () => {
    const response = refusal(invalidInput("field_unknown", "Note has no field 'txt'"));
    expect([response?.status, await response?.json()]).toEqual([
      400,
      {
        type: "about:blank",
        title: "Bad Request",
        status: 400,
        detail: "Note has no field 'txt'",
        code: "invalid_input",
        instance: "urn:uuid:",
      },
    ]);
  });

  it("has the format of the auth, also for what the handler throws, if it is given the request", async () => {
    const auth = createAuth([none()], { errorFormat: "appsync" });
    const events: AuthEvent[] = [];
    auth.onEvent((event) => events.push(event));
    const error = invalidInput("field_unknown", "Note has no field 'txt'");
    for (let i = 1; i <= 2; i++) {
      const request = new Request(url);
      await authenticate(auth, request);
      const response = refusal(error, request);
      const { message } = error;
      expect(await response.json()).toEqual({ errors: [{ errorType: "BadRequestException", message }] });
      expect(response.headers.get("x-amzn-requestid")).toBe(events.at(-1)?.id);
      expect(events.filter(({ type }) => type === "refused")).toHaveLength(i);
    }
    expect(await refusal(error, new Request(url)).json()).toMatchObject({ instance: "urn:uuid:" });
  });

  it("leaves other errors to the app", () => {
    expect(refusal(new Error("a bug of the shop"))).toBeUndefined();
    expect(refusal(undefined)).toBeUndefined();
  });
});

describe("isPreflight", () => {
  const preflight = { origin: "https://app.example", "access-control-request-method": "PUT" };

  it.each([
    ["OPTIONS", preflight, true],
    ["OPTIONS", { origin: preflight.origin }, false],
    ["GET", preflight, false],
  ])("%s %o: %s", (method, headers, expected) => {
    expect(isPreflight(new Request(url, { method, headers: new Headers(headers) }))).toBe(expected);
  });
});

describe("the host of a request", () => {
  const hostOf = (request: Request) => fetchView(request).host;
  const withHost = (host: string, at = url): Request => new Request(at, { headers: { host } });

  it.each([
    ["http://api.example/", "api.example", "api.example"],
    ["http://api.example/", "API.example:80", "API.example:80"],
    ["http://api.example:8080/", "api.example:8080", "api.example:8080"],
  ])("of %s with Host %s is %s", (at, host, expected) => {
    expect(hostOf(withHost(host, at))).toBe(expected);
  });

  it("is the URL's if there is no Host", () => {
    expect(hostOf(new Request("http://api.example:81/"))).toBe("api.example:81");
  });

  it("is not guessed if the URL and Host differ", () => {
    for (const host of ["evil.example", "api.example:81", "", "not a host"]) {
      expect(() => hostOf(withHost(host))).toThrow(AuthError);
    }
    const publicUrl = createAuth([none()], { publicUrl: "https://public.example/v1" }).publicUrl;
    const view = fetchView(withHost("evil.example"), publicUrl);
    expect([view.host, view.target]).toEqual(["public.example", "/v1/notes/mine?x=1"]);
  });

  it("names the fix in the log", async () => {
    const hostReader: AuthMode = { name: "hostReader", detect: ({ host }) => void host };
    const auth = createAuth([hostReader, none()]);
    auth.onEvent(() => {});
    expect(await thrown(authenticate(auth, withHost("evil.example")))).toMatchObject({
      status: 400,
      reason: "hosts_differ",
      detail: expect.stringContaining("publicUrl"),
    });
  });
});

describe("headers that the server joined", () => {
  const anyToken = lambda({ authorizer: async () => ({ isAuthorized: true }) });
  const auth = createAuth([anyToken, apiKey({ keys: [stored] })]);
  auth.onEvent(() => {});
  const ask = (...pairs: readonly (readonly [string, string])[]) =>
    authenticate(auth, new Request(url, { headers: pairs.map(([name, value]) => [name, value]) }));

  it.each([
    ["token", "token"],
    ["token", ""],
    ["", "token"],
    ["Bearer a", "Bearer b"],
    ["Bearer a", 'Digest realm="x"'],
    ['Digest a="1", b="2"', 'Digest a="1", b="2"'],
    ["AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0", "AWS4-HMAC-SHA256 Credential=a/b"],
    ['Digest a="unfinished', "b"],
  ])("are refused where %j and %j were two Authorization headers", async (first, second) => {
    const refused = await thrown(ask(["Authorization", first], ["Authorization", second]));
    expect(refused).toMatchObject({ status: 400, reason: "authorization_repeated" });
  });

  it.each(["token", 'Digest realm="a, b", nonce="c\\"d, e" , qop=auth', "Custom k=1,v=2"])(
    "are told from one that has commas: %s",
    async (value) => {
      expect((await ask(["Authorization", value])).mode).toBe("lambda");
    },
  );

  it("never verify as one key", async () => {
    const refused = await thrown(ask(["x-api-key", key], ["x-api-key", key]));
    expect(refused).toMatchObject({ status: 401, reason: "api_key_unknown" });
  });
});

describe("the body", () => {
  /** 64 KiB at a time, as many as are asked for. */
  function stream(
    chunks: number,
    end: (controller: ReadableStreamDefaultController) => void = (c) => c.close(),
  ) {
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (pulled++ < chunks) controller.enqueue(new Uint8Array(65_536));
        else end(controller);
      },
    });
    const request = new Request(url, { method: "POST", body, duplex: "half" });
    return { request, pulled: () => pulled };
  }

  it("is read, and whole for the handler", async () => {
    const request = new Request(url, { method: "POST", body: '{"a": "ä"}' });
    const view = fetchView(request);
    expect(new TextDecoder().decode(await view.body(11))).toBe('{"a": "ä"}');
    expect(await request.json()).toEqual({ a: "ä" });
    expect(await view.body(11)).toHaveLength(11);
    expect(await thrown(view.body(10))).toMatchObject({ code: "body_too_large" });
  });

  it("is empty if there is none", async () => {
    expect(await fetchView(new Request(url)).body(10)).toHaveLength(0);
  });

  it("over the cap is read no further, and yet whole for a handler that wants it", async () => {
    const { request, pulled } = stream(160);
    expect(await thrown(fetchView(request).body(100_000))).toMatchObject({ status: 413 });
    expect(pulled()).toBeLessThan(8);
    expect((await request.arrayBuffer()).byteLength).toBe(160 * 65_536);
  });

  it("is not touched if its length says that it is over the cap", async () => {
    const request = new Request(url, {
      method: "POST",
      body: "12345678901",
      headers: { "content-length": "11" },
    });
    const clone = vi.spyOn(request, "clone");
    expect(await thrown(fetchView(request).body(10))).toMatchObject({ code: "body_too_large" });
    expect(clone).not.toHaveBeenCalled();
  });

  it("that did not arrive completely is rejected", async () => {
    const { request } = stream(2, (controller) => controller.error(new Error("reset")));
    expect(await thrown(fetchView(request).body(1_000_000))).toMatchObject({
      status: 400,
      reason: "body_cut",
    });
  });

  it.each([
    ["30 seconds without a byte", 0],
    ["300 seconds in total", 275],
  ])("that does not arrive is given up after %s", async (_case, seconds) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    let send = (): void => {};
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void (send = () => controller.enqueue(new Uint8Array(1))),
    });
    const request = new Request(url, { method: "POST", body, duplex: "half" });
    const reading = thrown(fetchView(request).body(100));
    const settled = vi.fn<() => void>();
    void reading.then(settled);
    for (let passed = 0; passed < seconds; passed += 25) {
      await vi.advanceTimersByTimeAsync(25_000);
      send();
    }
    await vi.advanceTimersByTimeAsync(seconds === 0 ? 29_999 : 24_999);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(await reading).toMatchObject({ status: 408, code: "body_timeout", reason: "body_timeout" });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that is too large leaves no unhandled rejection if the client aborts meanwhile, or cancelling fails", async () => {
    const unhandled = vi.fn<() => void>();
    process.on("unhandledRejection", unhandled);
    onTestFinished(() => void process.off("unhandledRejection", unhandled));
    const aborted = (ticks: number): UnderlyingSource<Uint8Array> => ({
      async pull(controller) {
        controller.enqueue(new Uint8Array(11));
        for (let tick = 0; tick < ticks; tick++) await undefined;
        controller.error(new Error("reset"));
      },
    });
    const uncancellable: UnderlyingSource<Uint8Array> = {
      pull: (controller) => controller.enqueue(new Uint8Array(11)),
      cancel: () => Promise.reject(new Error("reset")),
    };
    for (const source of [0, 1, 2, 3, 4, 5, 6].map(aborted).concat(uncancellable)) {
      const body = new ReadableStream(source);
      const request = new Request(url, { method: "POST", body, duplex: "half" });
      const { reason } = (await thrown(fetchView(request).body(10))) as AuthError;
      expect(reason).toMatch(/^body_(cut|too_large)$/);
      await request.body?.cancel().catch(() => undefined);
    }
    await new Promise((resolve) => setTimeout(resolve));
    expect(unhandled).not.toHaveBeenCalled();
  });

  it("leaves no timer behind", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    await fetchView(new Request(url, { method: "POST", body: "{}" })).body(10);
    await thrown(fetchView(new Request(url, { method: "POST", body: "12345678901" })).body(10));
    await thrown(fetchView(stream(2, (c) => c.error(new Error("reset"))).request).body(1_000_000));
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that was read before is told to the programmer in words", async () => {
    const read = new Request(url, { method: "POST", body: "{}" });
    await read.text();
    const locked = stream(1).request;
    locked.body?.getReader();
    for (const request of [read, locked]) {
      expect(await thrown(fetchView(request).body(10))).toMatchObject({
        code: "misconfigured",
        detail: expect.stringContaining("authenticate before"),
      });
    }
  });

  it("is verified in more than one way", async () => {
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
    const request = new Request(url, { method: "POST", body: "hello" });
    expect((await authenticate(createAuth([bodyReader]), request)).id).toBe("5");
    const behindProxy = createAuth([bodyReader], { publicUrl: "https://public.example" });
    expect((await authenticate(behindProxy, request)).id).toBe("5");
  });
});

const allowed = (explanation: string, writes: Values = {}): RuleDecision => ({
  allowed: true,
  rule: "Note:owner",
  writes,
  explanation,
});
const denied = (reason: string, missing = false): DeniedByRule => ({
  allowed: false,
  reason,
  missing,
  explanation: `Note: ${reason}`,
});

/** Notes belong to their owner; every caller with an id may write new ones. */
const policy: Policy = {
  decide({ id }, { operation, record }: Question<Values>) {
    if (id === null) return denied("no-matching-role");
    if (operation === "create") return allowed("Note: alice", { owner: id });
    if (record === undefined) return denied("needs-record");
    if (record === null) return denied("record-missing", true);
    return record["owner"] === id ? allowed("Note owner: alice") : denied("record-filtered");
  },
  list({ id }) {
    if (id === null) return denied("no-matching-role");
    const filter = { kind: "equals" as const, field: "owner", anyOf: [id] };
    return { allowed: true, rule: "filtered", filter, explanation: "Note: filtered by owner" };
  },
  mask: (_identity, _model, record) => ({ ...record, hidden: null }),
  maskWritten: (_identity, _model, record) => ({ ...record, written: true }),
  displayed: (_model, record) => record,
  fields: () => new Set(["text", "owner"]),
  needsRecord: (_model, operation) => operation !== "create",
};

describe("allow()", () => {
  const notes: Readonly<Record<string, Values>> = {
    "/notes/mine": { owner: "alice", hidden: 1 },
    "/notes/theirs": { owner: "bob", hidden: 1 },
  };
  const load = (request: Request): Values | undefined => notes[new URL(request.url).pathname];
  const at = (path: string, init: RequestInit = {}): Request =>
    new Request(`http://api.example${path}`, { ...init, headers: { "x-api-key": key } });
  const post = (body: string): Request => at("/notes", { method: "POST", body });

  async function known(auth: Auth, request: Request): Promise<Request> {
    await authenticate(auth, request);
    return request;
  }

  it("loads, decides, and hands the record on with what masks it", async () => {
    const { auth, events } = setUp(policy);
    const read = createAllow(auth)("get", "Note", { load }, ({ record, mask }) =>
      Response.json(mask(record)),
    );
    expect(await (await read(await known(auth, at("/notes/mine")))).json()).toEqual({
      owner: "alice",
      hidden: null,
    });
    expect(events.map(({ type }) => type)).toEqual(["accepted", "allowed"]);
  });

  it("refuses before the handler runs", async () => {
    const { auth } = setUp(policy);
    const handler = vi.fn<() => Response>(() => Response.json({}));
    const read = createAllow(auth)("get", "Note", { load }, handler);
    const status = async (request: Request) => (await thrown(read(await known(auth, request)))).status;
    expect(await status(at("/notes/theirs"))).toBe(403);
    expect(await status(at("/notes/unknown"))).toBe(404);
    expect(await status(new Request("http://api.example/notes/mine"))).toBe(403);
    expect((await thrown(read(at("/notes/mine")))).reason).toBe("not_authenticated");
    expect(handler).not.toHaveBeenCalled();
  });

  it("reports an AuthError of 'load', and closes the request", async () => {
    const { auth, events } = setUp(policy);
    const load = () => {
      throw new AuthError("rate_limited", "too_many_loads");
    };
    const request = keyed();
    await authenticate(auth, request);
    const read = createAllow(auth)("get", "Note", { load }, () => Response.json({}));
    expect(await thrown(read(request))).toMatchObject({ status: 429, reason: "too_many_loads" });
    expect(events.map(({ type, reason }) => reason ?? type)).toEqual(["accepted", "too_many_loads"]);
    expect(() => getIdentity(request, auth)).toThrow(AuthError);
  });

  it("stamps the input, and leaves the body to the handler", async () => {
    const { auth } = setUp(policy);
    const create = createAllow(auth)("create", "Note", {}, async ({ input, mask }, request) =>
      Response.json([mask(input), await request.text()]),
    );
    expect(await (await create(await known(auth, post('{"text":"a"}')))).json()).toEqual([
      { text: "a", owner: "alice", written: true },
      '{"text":"a"}',
    ]);
  });

  it.each(["", "{", "[]", '{"txt":1}'])(
    "rejects the body %j as no input, for callers that the rules allow",
    async (body) => {
      const { auth } = setUp(policy);
      const handler = vi.fn<() => Response>();
      const create = createAllow(auth)("create", "Note", {}, handler);
      await expect(create(await known(auth, post(body)))).rejects.toMatchObject({ code: "invalid_input" });
      const nobody = new Request(url, { method: "POST", body });
      expect((await thrown(create(await known(auth, nobody)))).status).toBe(403);
      expect(handler).not.toHaveBeenCalled();
    },
  );

  it("reads no endless input, and takes one that was read already", async () => {
    const { auth } = setUp(policy);
    const answer = (): Response => Response.json({});
    const endless = await known(auth, post(`{"text":"${"a".repeat(1024 * 1024)}"}`));
    expect((await thrown(createAllow(auth)("create", "Note", {}, answer)(endless))).status).toBe(413);
    const deep = await known(auth, post(`{"text":${"[".repeat(100)}${"]".repeat(100)}}`));
    const refused = createAllow(auth)("create", "Note", {}, answer)(deep);
    await expect(refused).rejects.toMatchObject({ status: 400 });
    const read = await known(auth, post('{"text":"a"}'));
    const body: unknown = await read.json();
    const create = createAllow(auth)("create", "Note", { input: () => body }, answer);
    expect((await create(read)).status).toBe(200);
  });

  it("gives lists their filter, and throws if it was not used", async () => {
    const { auth } = setUp(policy);
    const allow = createAllow(auth);
    const list = allow("list", "Note", {}, ({ filter }) => Response.json(filter));
    expect(await (await list(await known(auth, keyed()))).json()).toMatchObject({ kind: "equals" });
    const leak = allow("list", "Note", {}, () => Response.json(["theirs"]));
    expect(await thrown(leak(await known(auth, keyed())))).toMatchObject({
      status: 500,
      reason: "filter_not_taken",
    });
    const failing = allow("list", "Note", {}, () => Response.json([], { status: 400 }));
    expect((await failing(await known(auth, keyed()))).status).toBe(400);
    expect((await thrown(list(await known(auth, new Request(url))))).status).toBe(403);
  });

  it("takes a runtime without 'process' for one that wants to be told", async () => {
    const { auth } = setUp(policy);
    const leak = createAllow(auth)("list", "Note", {}, () => Response.json(["theirs"]));
    const request = await known(auth, keyed());
    vi.stubEnv("NODE_ENV", "production");
    try {
      expect((await leak(request)).status).toBe(200);
      vi.stubGlobal("process", undefined);
      expect((await thrown(leak(request))).reason).toBe("filter_not_taken");
    } finally {
      vi.unstubAllGlobals();
      vi.unstubAllEnvs();
    }
  });

  it("lets the handler decide, and throws if it did not, in production too", async () => {
    const { auth } = setUp(policy);
    const allow = createAllow(auth);
    const decides = allow("get", "Note", { handlerDecides: true }, ({ decide, mask }, request) => {
      const note = load(request) ?? null;
      decide(note);
      return Response.json(mask(note ?? {}));
    });
    expect((await decides(await known(auth, at("/notes/mine")))).status).toBe(200);
    expect((await thrown(decides(await known(auth, at("/notes/theirs"))))).status).toBe(403);
    const forgets = allow("get", "Note", { handlerDecides: true }, () => Response.json(notes));
    vi.stubEnv("NODE_ENV", "production");
    try {
      const forgotten = await thrown(forgets(await known(auth, at("/notes/mine"))));
      expect(forgotten).toMatchObject({ status: 500, reason: "handler_did_not_decide" });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it("tells misuse when a route is built", () => {
    const bare: Auth = createAuth([none()]);
    expect(() => createAllow(bare)).toThrow("createAuth(modes, { policy })");
    const allow = createAllow(setUp(policy).auth);
    expect(() => allow("get", "Note", {}, () => Response.json({}))).toThrow(/load.*handlerDecides/);
    // @ts-expect-error: as with the other adapters, where the handler stands elsewhere
    expect(() => allow("get", "Note", { load })).toThrow("the handler");
    const handler = () => Response.json({});
    expect(() => allow("get", "Note", { laod: load } as never, handler)).toThrow("Write 'load'");
    expect(() => allow("get", "Note", { load: undefined } as never, handler)).toThrow("load is undefined");
    expect(() => createAllow(undefined as never)).toThrow("auth is what createAuth([…]) returns");
  });
});
