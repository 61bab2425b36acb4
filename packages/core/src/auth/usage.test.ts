import { describe, expect, it, vi } from "vitest";
import { hashApiKey, apiKey } from "../modes/api-key.ts";
import { none } from "../modes/none.ts";
import { AuthError } from "../refusal/error.ts";
import { partView } from "../request/part-view.ts";
import { fakeMode } from "../test/modes.ts";
import { viewOf } from "../test/view.ts";
import { admits } from "../adapter/around-guards.ts";
import { type Auth, createAuth } from "./auth.ts";
import type { AuthOptions } from "./options.ts";

type Usage = NonNullable<AuthOptions["usage"]>;

const good = () => viewOf({ headers: [["X-Red", "good"]] });

function quiet<A extends Auth>(auth: A): A {
  auth.onEvent(() => {});
  return auth;
}

function overLimit(): AuthError {
  return new AuthError("rate_limited", "quota_exceeded", {
    retryAfter: 60,
    headers: { RateLimit: '"quota";r=0;t=60', "Content-Type": "text/html" },
    awsType: "LimitExceededException",
    awsMessage: "Limit Exceeded",
  });
}

describe("usage", () => {
  it("is asked once for a request, whichever guards run", async () => {
    const usage = vi.fn<Usage>(async () => {});
    const red = fakeMode("red");
    const auth = quiet(createAuth([red, fakeMode("blue")], { usage }));
    const other = quiet(createAuth([red], { usage, publicUrl: "https://api.example.com" }));
    const view = good();
    await Promise.all([auth.authenticate(view), auth.only("red").authenticate(view)]);
    await auth.authenticate(view, {});
    expect(await admits(auth, view)).toBe(true);
    await other.authenticate(view);
    await auth.authenticate(partView(view));
    expect(usage).toHaveBeenCalledOnce();
    expect(usage.mock.calls[0]?.[0]).toMatchObject({ mode: "red" });
    await auth.authenticate(good());
    expect(usage).toHaveBeenCalledTimes(2);
  });

  it.each([
    ["wrong credentials", viewOf({ headers: [["X-Red", "bad"]] })],
    ["no credentials", viewOf({})],
    ["a mode that the route does not accept", viewOf({ headers: [["X-Blue", "good"]] })],
    [
      "a preflight",
      viewOf({
        method: "OPTIONS",
        headers: [
          ["Origin", "a"],
          ["Access-Control-Request-Method", "GET"],
        ],
      }),
    ],
  ])("does not count %s", async (_, view) => {
    const usage = vi.fn<Usage>();
    const auth = quiet(createAuth([fakeMode("red"), fakeMode("blue"), none()], { usage }));
    await auth
      .only("red", "none")
      .authenticate(view)
      .catch(() => {});
    expect(usage).not.toHaveBeenCalled();
  });

  it("does not count a revoked token, and a request that lacks the required key", async () => {
    const usage = vi.fn<Usage>();
    const stored = { id: "partner", hash: await hashApiKey("k".repeat(30)), expiresAt: null };
    const requires = apiKey({ keys: [stored] });
    const auth = quiet(createAuth([fakeMode("red"), none()], { usage, requires }));
    await expect(auth.authenticate(good())).rejects.toMatchObject({ reason: "required_key_missing" });
    expect(usage).not.toHaveBeenCalled();
    // The key is counted, with credentials and without.
    const key = ["X-Api-Key", "k".repeat(30)] as const;
    await auth.authenticate(viewOf({ headers: [["X-Red", "good"], key] }));
    await auth.authenticate(viewOf({ headers: [key] })).catch(() => {});
    expect(usage.mock.calls.map(([caller]) => caller.id)).toEqual(["partner", "partner"]);
  });

  it.each([
    [
      "at once",
      (): void => {
        throw overLimit();
      },
    ],
    ["later", () => Promise.reject(overLimit())],
  ] as const)("rejects %s, each time that a guard asks", async (_, usage: Usage) => {
    // Verified synchronously, as a cached token is.
    const identity = { mode: "red" as const, id: "somebody", groups: [], scopes: [], expiresAt: null };
    const red = { name: "red" as const, detect: () => ({ place: "x-red", verify: () => identity }) };
    const auth = createAuth([red], { usage });
    const events: unknown[] = [];
    auth.onEvent(({ type, caller, reason, mode }) => events.push([type, caller, reason, mode]));
    const view = good();
    const thrown = (await auth.authenticate(view).catch((error: unknown) => error)) as AuthError;
    expect(thrown.status).toBe(429);
    expect(thrown.headers).toMatchObject({
      RateLimit: '"quota";r=0;t=60',
      "Retry-After": "60",
      "Content-Type": "application/problem+json",
    });
    await expect(auth.authenticate(view)).rejects.toMatchObject({ reason: "quota_exceeded" });
    await expect(auth.only("red").authenticate(view)).rejects.toMatchObject({ reason: "quota_exceeded" });
    expect(await admits(auth, view)).toBe(false);
    expect(() => auth.identity(view)).toThrow(AuthError);
    expect(events[0]).toEqual(["refused", "somebody", "quota_exceeded", "red"]);
  });

  it("answers as API Gateway does", async () => {
    const auth = quiet(
      createAuth([fakeMode("red")], { usage: () => Promise.reject(overLimit()), errorFormat: "apigateway" }),
    );
    const thrown = (await auth.authenticate(good()).catch((error: unknown) => error)) as AuthError;
    expect(thrown.headers["x-amzn-ErrorType"]).toBe("LimitExceededException");
    expect(thrown.reply).toMatchObject({ status: 429, body: '{"message":"Limit Exceeded"}' });
  });

  it("only reports in report-only", async () => {
    const auth = createAuth([fakeMode("red")], {
      usage: () => Promise.reject(overLimit()),
      reportOnly: true,
    });
    const events: unknown[] = [];
    auth.onEvent(({ type, reason, reportOnly }) => events.push([type, reason, reportOnly]));
    expect(await auth.authenticate(good())).toMatchObject({ mode: "refused" });
    expect(events).toEqual([["refused", "quota_exceeded", true]]);
  });

  it("is a 503 if it throws anything else, or hangs", async () => {
    const failing = quiet(createAuth([fakeMode("red")], { usage: () => Promise.reject(new Error("down")) }));
    await expect(failing.authenticate(good())).rejects.toMatchObject({ status: 503 });
    vi.useFakeTimers();
    const hanging = quiet(createAuth([fakeMode("red")], { usage: () => new Promise(() => {}) }));
    const asked = hanging.authenticate(good()).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(5000);
    vi.useRealTimers();
    expect(await asked).toMatchObject({ reason: "usage_timeout" });
  });

  it("throws if it would count nothing", () => {
    expect(() => createAuth([none()], { usage: () => {} })).toThrow("usage counts verified credentials");
    expect(() => createAuth([fakeMode("red")], { usage: {} as Usage })).toThrow("usage is a function");
    const misspelt: object = { throttle: () => {} };
    expect(() => createAuth([fakeMode("red")], misspelt)).toThrow("Write 'usage'");
  });
});

it("revoked is asked about temporary credentials too", async () => {
  const session = {
    mode: "iam" as const,
    id: "eu-west-1:1",
    groups: [],
    scopes: [],
    expiresAt: null,
    cognitoIdentityId: "eu-west-1:1",
    cognitoIdentityPoolId: "pool",
    accessKeyId: "ASIA1",
    issuedAt: 1000,
    login: { iss: "issuer", sub: "alice", iat: 900, jti: "j1", originJti: "o1", sid: undefined },
    claims: { sub: "no" },
  };
  const mode = { name: "iam" as const, detect: () => ({ place: "authorization", verify: () => session }) };
  const seen: unknown[] = [];
  const auth = quiet(createAuth([mode], { revoked: (facts) => seen.push(facts) > 0 }));
  await expect(auth.authenticate(viewOf({}))).rejects.toMatchObject({ reason: "token_revoked" });
  expect(seen).toEqual([
    {
      iss: "pool",
      jti: "ASIA1",
      sub: "eu-west-1:1",
      originJti: undefined,
      sid: undefined,
      iat: 1000,
      login: session.login,
    },
  ]);
});
