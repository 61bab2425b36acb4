import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from "vitest";
import { createAuth } from "../auth/auth.ts";
import { AuthError } from "../refusal/error.ts";
import { createAllow } from "../fetch.ts";
import { fetchView } from "../request/fetch-view.ts";
import { apiKey } from "../modes/api-key.ts";
import { iam } from "../modes/iam.ts";
import { lambda } from "../modes/lambda.ts";
import { oidc } from "../modes/oidc.ts";
import type { Policy } from "../policy/policy.ts";
import { fakeMode } from "../test/modes.ts";
import { keys } from "../test/iam-server.ts";
import { signDraft, testTime } from "../test/sigv4-signer.ts";
import { unsigned } from "../test/signer.ts";
import { viewOf } from "../test/view.ts";
import type { AuthMode, CallContext, IdentityBase, RequestView } from "../types.ts";
import { within } from "./promises.ts";

let log: MockInstance<typeof console.error>;
beforeEach(() => {
  log = vi.spyOn(console, "error").mockImplementation(() => {});
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A function of the developer's that has no answer until the test gives it one. */
class Hanging {
  calls = 0;
  signal: AbortSignal | undefined;
  reject: (error: Error) => void = () => {};
  resolve: (value: never) => void = () => {};
  readonly #called: Promise<void>;
  #onCall: () => void = () => {};

  constructor() {
    this.#called = new Promise((resolve) => (this.#onCall = resolve));
  }

  readonly function = (...args: readonly unknown[]): Promise<never> => {
    this.calls++;
    this.signal = (args.at(-1) as CallContext).signal;
    this.#onCall();
    return new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
  };

  /** What comes of a request once this has hung for a time, in seconds. */
  async outcome(started: Promise<unknown>, seconds: number): Promise<unknown> {
    const outcome = started.then(
      () => "answered",
      (error: unknown) => error,
    );
    await this.#called;
    await vi.advanceTimersByTimeAsync(seconds * 1000 - 1);
    const early = await Promise.race([outcome, "waiting"]);
    await vi.advanceTimersByTimeAsync(1);
    return early === "waiting" ? outcome : new Error("it was given up too early");
  }
}

const token = unsigned({ alg: "RS256", kid: "1" }, { iss: "https://tenant.example", exp: 2e9 }, "c2ln");
const withKey = viewOf({ headers: [["x-api-key", "amk_1"]] });
const withToken = viewOf({ headers: [["authorization", token]] });
const withRed = () => viewOf({ headers: [["x-red", "good"]] });

function signed(method = "GET"): RequestView {
  const draft = signDraft({ method, target: "/", headers: [["Host", "api.example.com"]] });
  return viewOf({ method, host: "api.example.com", headers: draft.headers });
}

function tokenMode(): AuthMode {
  return fakeMode("red", { identity: { claims: { iss: "https://id.example", jti: "1" } } });
}

const iamOptions = { region: "us-east-1", credentials: (id: string) => keys.get(id) };

type Function = Hanging["function"];

/** What the developer's functions are, the reason of the 503, and a request that has to wait for it. */
const waits: Readonly<
  Record<string, readonly [reason: string, start: (hang: Function) => Promise<unknown>]>
> = {
  "apiKey({ keys })": ["finder_timeout", (keys) => createAuth([apiKey({ keys })]).authenticate(withKey)],
  "iam({ credentials })": [
    "finder_timeout",
    (credentials) =>
      createAuth([iam({ ...iamOptions, credentials })], { clock: () => testTime }).authenticate(signed()),
  ],
  "iam({ replay })": [
    "replay_timeout",
    (record) =>
      createAuth([iam({ ...iamOptions, replay: { record } })], { clock: () => testTime }).authenticate(
        signed("POST"),
      ),
  ],
  "oidc({ issuers })": [
    "finder_timeout",
    (issuers) => createAuth([oidc({ issuers })]).authenticate(withToken),
  ],
  "createAuth({ revoked })": [
    "revoked_timeout",
    (revoked) => createAuth([tokenMode()], { revoked }).authenticate(withRed()),
  ],
  "lambda({ authorizer })": [
    "authorizer_timeout",
    (hang) =>
      createAuth([lambda({ authorizer: (_event, context) => hang(context) })]).authenticate(
        viewOf({ headers: [["authorization", "opaque"]] }),
      ),
  ],
  "verify() of the mode blue": [
    "mode_timeout",
    (hang) => createAuth([ownMode(({ context }) => hang(context))]).authenticate(viewOf()),
  ],
  'allow("get", "Order"): load': ["load_timeout", (load) => allowed("get", { load })],
};

function ownMode(
  verify: (asked: { readonly view: RequestView; readonly context: CallContext }) => Promise<IdentityBase>,
  readsBody = false,
): AuthMode {
  return {
    name: "blue",
    readsBody,
    detect: (view) => ({
      place: "x-blue",
      verify: async (_now, context) => {
        if (context === undefined) throw new Error("a mode of one's own is given a context");
        return verify({ view, context });
      },
    }),
  };
}

const policy: Policy = {
  decide: () => ({ allowed: true, rule: "r", writes: {}, explanation: "" }),
  list: () => ({ allowed: true, rule: "r", filter: { kind: "always" }, explanation: "" }),
  mask: (_identity, _model, record) => record,
  maskWritten: (_identity, _model, record) => record,
  displayed: (_model, record) => record,
  fields: () => new Set(),
  needsRecord: () => false,
};

async function allowed(
  operation: "get" | "create",
  options: { readonly load?: Function; readonly input?: Function },
): Promise<Response> {
  const auth = createAuth([fakeMode("red")], { policy, errorFormat: "apigateway" });
  const request = new Request("https://api.example.com/", { headers: { "x-red": "good" } });
  await auth.authenticate(fetchView(request));
  return createAllow(auth)(operation, "Order", options, () => new Response())(request);
}

describe.each(Object.entries(waits))("%s that hangs", (what, [reason, start]) => {
  it("is given up after 5 s: 503 with Retry-After, and its signal is aborted", async () => {
    const hanging = new Hanging();
    const error = await hanging.outcome(start(hanging.function), 5);
    expect(error).toBeInstanceOf(AuthError);
    expect(error).toMatchObject({ status: 503, reason, detail: `${what} took longer than 5 s` });
    expect(error).toMatchObject({ id: expect.stringMatching(/./), headers: { "Retry-After": "5" } });
    expect(hanging.signal?.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is reported, by its name alone, if it rejects later", async () => {
    const unhandled = vi.fn<() => void>();
    process.on("unhandledRejection", unhandled);
    const hanging = new Hanging();
    await hanging.outcome(start(hanging.function), 5);
    log.mockClear();
    hanging.reject(new RangeError("no connection for amk_1"));
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(log.mock.calls).toEqual([
      [expect.stringMatching(/^authmodes: .* was given up, and rejected later with \w+$/)],
    ]);
    expect(String(log.mock.calls)).not.toContain("amk_1");
  });
});

describe("a function that is given up", () => {
  const wait = { what: "find()", reason: "finder_timeout" };

  it("may stop by its signal without a report", async () => {
    const stopping = (wrapped: boolean) =>
      within(wait, ({ signal }) => {
        return new Promise((_resolve, reject) => {
          const stop = () => reject(wrapped ? new Error("stopped", { cause: signal.reason }) : signal.reason);
          signal.addEventListener("abort", stop);
        });
      });
    const outcomes = Promise.allSettled([stopping(false), stopping(true)]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(await outcomes).toMatchObject([
      { reason: { reason: "finder_timeout" } },
      { reason: { reason: "finder_timeout" } },
    ]);
    expect(log).not.toHaveBeenCalled();
  });

  it("has an aborted signal when it asks for one afterwards, and no say any more", async () => {
    let late: CallContext | undefined;
    let answer: (value: string) => void = () => {};
    const outcome = Promise.resolve(
      within(wait, (context) => {
        late = context;
        return new Promise<string>((resolve) => (answer = resolve));
      }),
    ).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(5000);
    answer("too late");
    expect(await outcome).toMatchObject({ reason: "finder_timeout" });
    expect(late?.signal.aborted).toBe(true);
    expect(late?.signal.reason).toBe(await outcome);
  });
});

describe("a thing with a `then` that is not a promise", () => {
  const never = new Promise<string>(() => {});
  const thenable = (target: object, then: (resolve: (value: unknown) => void) => void) =>
    Object.defineProperty(target, ["th", "en"].join(""), { value: then });

  it.each([
    ["gives another thing to wait for, which hangs", thenable({}, (resolve) => resolve(never))],
    [
      "is a function, and hangs",
      thenable(
        () => {},
        () => {},
      ),
    ],
    ["calls nothing", thenable({}, () => {})],
  ])("is given up after 5 s if it %s", async (_case, result) => {
    const wait = { what: "find()", reason: "finder_timeout" };
    const find = () => result as unknown as Promise<string>;
    const outcome = Promise.resolve(within(wait, find)).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(5000);
    expect(await Promise.race([outcome, "waiting"])).toMatchObject({ reason: "finder_timeout" });
  });
});

describe("a function in time", () => {
  const wait = { what: "find()", reason: "finder_timeout" };

  it("that returns costs neither a promise nor a timer", () => {
    const timers = vi.spyOn(globalThis, "setTimeout");
    expect(within(wait, () => "found")).toBe("found");
    expect(() => within(wait, () => { throw new RangeError("broken"); })).toThrow(RangeError); // prettier-ignore
    expect(timers).not.toHaveBeenCalled();
  });

  it("settles as it would, and leaves no timer", async () => {
    const outcomes = Promise.allSettled([
      within(wait, async () => "found"),
      within(wait, () => Promise.reject(new RangeError("broken"))),
    ]);
    expect(await outcomes).toMatchObject([{ value: "found" }, { reason: { message: "broken" } }]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a slow upload", () => {
  /** A body that arrives after a time, in seconds. */
  function uploading(seconds: number): RequestView {
    const body = () =>
      new Promise<Uint8Array>((resolve) => setTimeout(() => resolve(new Uint8Array()), seconds * 1000));
    return { ...viewOf({ method: "POST" }), body };
  }
  const caller = { mode: "blue", id: "b", groups: [], scopes: [], expiresAt: null };
  const readThen = (rest: () => Promise<unknown>, readsBody: boolean) =>
    createAuth([
      ownMode(async ({ view }) => {
        await view.body(1);
        await rest();
        return caller;
      }, readsBody),
    ]);

  it("does not count against a mode that reads the body and says so", async () => {
    const proven = readThen(() => Promise.resolve(), true).authenticate(uploading(200));
    await vi.advanceTimersByTimeAsync(200_000);
    expect(await proven).toBe(caller);
  });

  it("leaves such a mode 5 s after it", async () => {
    const auth = readThen(() => new Promise(() => {}), true);
    const outcome = auth.authenticate(uploading(200)).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(204_999);
    expect(await Promise.race([outcome, "waiting"])).toBe("waiting");
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcome).toMatchObject({ reason: "mode_timeout" });
  });

  it("counts against a mode that does not say so", async () => {
    const auth = readThen(() => Promise.resolve(), false);
    const outcome = auth.authenticate(uploading(200)).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(5000);
    expect(await outcome).toMatchObject({ reason: "mode_timeout" });
  });

  it("may be what `input` waits for, up to 305 s", async () => {
    const hanging = new Hanging();
    const error = await hanging.outcome(allowed("create", { input: hanging.function }), 305);
    expect(error).toMatchObject({ status: 503, reason: "input_timeout" });
    expect(hanging.signal?.aborted).toBe(true);
  });
});

describe("a copy of a built-in mode", () => {
  it("is bounded as a whole if it has a detect of its own", async () => {
    const key = apiKey({ keys: [] });
    const copy: AuthMode = {
      ...key,
      detect: (view) => {
        const found = key.detect(view);
        return found && { ...found, verify: () => new Promise(() => {}) };
      },
    };
    const auth = createAuth([copy]);
    const outcome = auth.authenticate(withKey).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(5000);
    expect(await outcome).toMatchObject({ reason: "mode_timeout" });
  });

  it("that is required is bounded too", async () => {
    const key = apiKey({ keys: [] });
    const requires = {
      ...key,
      detect: () => ({ place: "x-api-key", verify: () => new Promise<never>(() => {}) }),
    };
    const auth = createAuth([fakeMode("red")], { requires });
    const outcome = auth.authenticate(withRed()).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(5000);
    expect(await outcome).toMatchObject({ reason: "mode_timeout" });
  });
});
