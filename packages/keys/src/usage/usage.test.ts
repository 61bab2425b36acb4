import { setTimeout as sleep } from "node:timers/promises";
import {
  AuthError,
  type AuthOptions,
  apiKey,
  createAuth,
  type IdentityBase,
  type RequestView,
} from "@authmodes/core";
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from "vitest";
import { openKeys } from "../keys.ts";
import { fileStore } from "../store/file.ts";
import { memoryStore } from "../store/memory.ts";
import type { Store } from "../store/store.ts";
import { createUsage, type UsageOptions } from "./usage.ts";

let errors: MockInstance<typeof console.error>;
beforeEach(() => {
  errors = vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const alice = caller("alice");

function caller(id: string | null, more: object = {}): IdentityBase {
  return { mode: "apiKey", id, groups: [], scopes: [], expiresAt: null, ...more };
}

/** Counts one request. @returns `ok`, or the rejection */
async function count(usage: ReturnType<typeof createUsage>, who = alice): Promise<"ok" | AuthError> {
  try {
    await usage(who);
    return "ok";
  } catch (error) {
    if (error instanceof AuthError) return error;
    throw error;
  }
}

const reasonOf = (outcome: "ok" | AuthError) => (outcome === "ok" ? outcome : outcome.reason);

async function reasons(
  usage: ReturnType<typeof createUsage>,
  requests: number,
  who = alice,
): Promise<string[]> {
  const outcomes = await Promise.all(Array.from({ length: requests }, () => count(usage, who)));
  return outcomes.map(reasonOf);
}

function usageOf(plan: UsageOptions["plans"][string], store = memoryStore()): ReturnType<typeof createUsage> {
  return createUsage(store, { plans: { free: plan }, plan: () => "free" });
}

describe("a plan", () => {
  it("rejects over the quota with API Gateway's answer, until the period ends", async () => {
    vi.useFakeTimers({ now: Date.parse("2026-11-30T23:59:30Z"), toFake: ["Date", "performance"] });
    const usage = usageOf({ quota: { limit: 2, period: "month" } });
    expect(await reasons(usage, 3)).toEqual(["ok", "ok", "quota_exceeded"]);
    const rejection = (await count(usage)) as AuthError;
    expect([rejection.status, rejection.headers]).toEqual([
      429,
      {
        "Cache-Control": "no-store",
        "Content-Type": "application/problem+json",
        "RateLimit-Policy": '"quota";q=2;w=2592000',
        RateLimit: '"quota";r=0;t=30',
        "Retry-After": "30",
      },
    ]);
    rejection.within({ id: "1", format: "apigateway", mode: "apiKey", accepted: [] });
    expect(rejection.headers["x-amzn-ErrorType"]).toBe("LimitExceededException");
    expect(rejection.reply.body).toBe('{"message":"Limit Exceeded"}');
    vi.advanceTimersByTime(30_000);
    expect(await reasons(usage, 3)).toEqual(["ok", "ok", "quota_exceeded"]);
  });

  it("rejects over the rate, and that does not count against the quota", async () => {
    vi.useFakeTimers({ now: Date.parse("2026-11-30T00:00:00Z"), toFake: ["Date", "performance"] });
    const usage = usageOf({ rate: 2, burst: 3, quota: { limit: 5, period: "day" } });
    expect(await reasons(usage, 5)).toEqual(["ok", "ok", "ok", "rate_exceeded", "rate_exceeded"]);
    const rejection = (await count(usage)) as AuthError;
    expect(rejection.headers).toMatchObject({
      "RateLimit-Policy": '"rate";q=3;w=2, "quota";q=5;w=86400',
      RateLimit: '"rate";r=0;t=1, "quota";r=2;t=86400',
      "Retry-After": "1",
    });
    rejection.within({ id: "1", format: "apigateway", mode: "apiKey", accepted: [] });
    expect(rejection.headers["x-amzn-ErrorType"]).toBe("TooManyRequestsException");
    expect(rejection.reply.body).toBe('{"message":"Too Many Requests"}');
    vi.advanceTimersByTime(500);
    expect(await reasons(usage, 1)).toEqual(["ok"]);
    vi.advanceTimersByTime(5000);
    expect(await reasons(usage, 3)).toEqual(["ok", "quota_exceeded", "quota_exceeded"]);
  });

  it("counts each caller by itself, by plan, mode, issuer and id", async () => {
    const usage = createUsage(memoryStore(), {
      plans: { one: { quota: { limit: 1, period: "day" } }, two: { quota: { limit: 1, period: "day" } } },
      plan: ({ scopes }) => scopes[0] ?? "one",
    });
    const callers = [
      alice,
      caller("bob"),
      caller("alice", { mode: "oidc", issuer: "https://a.example.com" }),
      caller("alice", { mode: "oidc", issuer: "https://b.example.com" }),
      caller("alice", { scopes: ["two"] }),
    ];
    for (const who of callers) expect(await reasons(usage, 2, who)).toEqual(["ok", "quota_exceeded"]);
    // Callers without an id share one.
    expect(await reasons(usage, 1, caller(null))).toEqual(["ok"]);
    expect(await reasons(usage, 1, caller(null))).toEqual(["quota_exceeded"]);
  });

  it("of null limits nothing; a plan that does not exist is an error of the server", async () => {
    const names: (string | null)[] = [null, "glod", "constructor"];
    const plans = { free: { quota: { limit: 1, period: "day" as const } } };
    const usage = createUsage(memoryStore(), { plans, plan: () => names.shift() ?? null });
    expect(await reasons(usage, 3)).toEqual(["ok", "usage_plan_unknown", "usage_plan_unknown"]);
    expect(await reasons(usage, 10)).toEqual(Array.from({ length: 10 }, () => "ok"));
  });
});

it("asks the store once for requests that wait together, and not at all for a caller over its limit", async () => {
  const store = memoryStore();
  const asked: number[] = [];
  const slow: Store = {
    ...store,
    async take(id, limits, requests) {
      asked.push(requests);
      await sleep(20);
      return store.take?.(id, limits, requests) ?? Promise.reject(new Error());
    },
  };
  const usage = usageOf({ quota: { limit: 60, period: "day" } }, slow);
  const first = reasons(usage, 1);
  await sleep(5);
  const more = reasons(usage, 99);
  expect(await first).toEqual(["ok"]);
  const outcomes = await more;
  expect(outcomes.filter((outcome) => outcome === "ok")).toHaveLength(59);
  expect(asked).toEqual([1, 99]);
  expect(await reasons(usage, 50)).toEqual(Array.from({ length: 50 }, () => "quota_exceeded"));
  expect(asked).toEqual([1, 99]);
});

it("asks again after a minute whether a caller over its quota is still", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  let isEmptied = false;
  const usage = usageOf(
    { quota: { limit: 1, period: "month" } },
    {
      ...memoryStore(),
      take: async () => ({ granted: isEmptied ? 1 : 0, passed: 1, tokens: 0, used: 1, resetSeconds: 1e6 }),
    },
  );
  expect(await reasons(usage, 1)).toEqual(["quota_exceeded"]);
  isEmptied = true;
  vi.advanceTimersByTime(59_000);
  const rejection = (await count(usage)) as AuthError;
  expect(rejection.headers["Retry-After"]).toBe(String(1e6 - 59));
  vi.advanceTimersByTime(1001);
  expect(await reasons(usage, 1)).toEqual(["ok"]);
});

describe.each(["down", "hanging"] as const)("a store that is %s", (state) => {
  function faulty(): { store: Store; set: (now: "up" | typeof state) => void; asked: () => number } {
    const store = memoryStore();
    let now: "up" | typeof state = "up";
    let asked = 0;
    const take: Store["take"] = async (...args) => {
      asked++;
      if (now === "hanging") return new Promise(() => {});
      if (now === "down") throw new Error("connect ECONNREFUSED");
      return store.take?.(...args) ?? Promise.reject(new Error());
    };
    return { store: { ...store, take }, set: (next) => (now = next), asked: () => asked };
  }
  const plans = { free: { quota: { limit: 3, period: "day" as const } } };

  it("is a 503 by default, and recovers", async () => {
    const { store, set, asked } = faulty();
    const usage = createUsage(store, { plans, plan: () => "free" });
    expect(await reasons(usage, 1)).toEqual(["ok"]);
    set(state);
    const rejection = (await count(usage)) as AuthError;
    expect([rejection.status, rejection.reason]).toEqual([503, "usage_store_down"]);
    // The others do not wait for it.
    const [before, started] = [asked(), performance.now()];
    for (let i = 0; i < 20; i++) expect(await reasons(usage, 1)).toEqual(["usage_store_down"]);
    expect(performance.now() - started).toBeLessThan(state === "down" ? 500 : 2900);
    expect(asked() - before).toBeLessThanOrEqual(2);
    set("up");
    await vi.waitFor(async () => expect(await reasons(usage, 1)).toEqual(["ok"]), {
      timeout: 5000,
      interval: 100,
    });
    expect(await reasons(usage, 2)).toEqual(["ok", "quota_exceeded"]);
    expect(errors.mock.calls.flat()).toEqual([
      expect.stringMatching(
        /^authmodes: the memory cannot count requests \(.*\); until it can, requests are answered with 503$/,
      ),
      "authmodes: the memory counts requests again",
    ]);
  }, 20_000);

  it("lets requests pass uncounted if the option says so", async () => {
    const { store, set } = faulty();
    const usage = createUsage(store, { plans, plan: () => "free", ifStoreFails: "allow" });
    set(state);
    expect(await reasons(usage, 10)).toEqual(Array.from({ length: 10 }, () => "ok"));
    set("up");
    await sleep(1100);
    expect(await reasons(usage, 5)).toEqual(["ok", "ok", "ok", "quota_exceeded", "quota_exceeded"]);
  }, 20_000);
});

it("counts requests of API keys, and no wrong key", async () => {
  const store = memoryStore();
  const keys = await openKeys(store);
  const { id, key } = await keys.create({ name: "victim", metadata: { plan: "free" } });
  const usage: AuthOptions["usage"] = createUsage(store, {
    plans: { free: { rate: 1000, quota: { limit: 2, period: "month" } } },
    plan: (who) => keys.get(who.id ?? "")?.metadata["plan"] ?? null,
  });
  const auth = createAuth([apiKey({ keys: keys.find })], { usage });
  auth.onEvent(() => {});
  const view = (value: string): RequestView => ({
    method: "GET",
    target: "/",
    host: "a",
    rawHeaders: ["x-api-key", value],
    exact: true,
    header: (name) => (name === "x-api-key" ? value : undefined),
    body: async () => new Uint8Array(),
  });
  const outcomeOf = (value: string) =>
    auth.authenticate(view(value)).then(
      (who) => who.id,
      (error: AuthError) => error.status,
    );
  const wrong = Array.from({ length: 1000 }, (_, i) => `${key.slice(0, -9)}${String(i).padStart(9, "0")}`);
  expect(new Set(await Promise.all(wrong.map(outcomeOf)))).toEqual(new Set([401]));
  expect([await outcomeOf(key), await outcomeOf(key), await outcomeOf(key)]).toEqual([id, id, 429]);
  await keys.close();
});

describe("throws when it is built", () => {
  const plan = () => "free";
  const quota = { limit: 1, period: "day" };
  it.each([
    [{ plan }, "plans has a plan for each name"],
    [{ plan, plans: {} }, "plans has a plan for each name"],
    [{ plans: { free: { rate: 1 } } }, "plan is missing"],
    [{ plan, plans: { free: {} } }, "plans.free limits nothing"],
    [{ plan, plans: { free: { rate: 0 } } }, "rate is a number"],
    [{ plan, plans: { free: { rate: Number.NaN } } }, "rate is a number"],
    [{ plan, plans: { free: { rate: 1, burst: 1.5 } } }, "burst is a whole number"],
    [{ plan, plans: { free: { rate: "5" } } }, "over 0, not '5'"],
    [{ plan, plans: { free: { rate: 5, burst: "5" } } }, "from 1 on, not '5'"],
    [{ plan, plans: { free: { quota: { ...quota, limit: "5" } } } }, "from 1 on, not '5'"],
    [{ plan, plans: { free: { burst: 5, quota } } }, "burst needs rate"],
    [{ plan, plans: { free: { burst: 5 } } }, "burst needs rate"],
    [{ plan, plans: { free: { rate: 1e-9, quota } } }, "over 31 days"],
    [{ plan, plans: { free: { rate: 0.1, burst: 300_000 } } }, "over 31 days"],
    [{ plan, plans: { free: { rateLimit: 5 } } }, "Write 'rate'"],
    [{ plan, plans: { free: { quota: { ...quota, limit: 0 } } } }, "limit is a whole number"],
    [
      { plan, plans: { free: { quota: { ...quota, period: "DAY" } } } },
      "period is 'day', 'week' or 'month', not 'DAY'",
    ],
    [{ plan, plans: { 'a"b': { quota } } }, "a plan's name has letters"],
    [
      { plan, plans: { free: { quota } }, ifStoreFails: "open" },
      "ifStoreFails is 'reject' or 'allow', not 'open'",
    ],
    [{ plan, plans: { free: { quota } }, failOpen: true }, "Write 'ifStoreFails'"],
  ])("for %j", (options, message) => {
    expect(() => createUsage(memoryStore(), options as UsageOptions)).toThrow(message);
    expect(() => createUsage(memoryStore(), options as UsageOptions)).toThrow(TypeError);
  });

  it("for a store that cannot count", () => {
    expect(() => createUsage(fileStore("x.jsonl"), { plan, plans: { free: { rate: 1 } } })).toThrow(
      "takes a store that counts",
    );
  });
});
