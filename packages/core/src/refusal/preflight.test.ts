import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { opened } from "../auth/accepted-modes.ts";
import { verifyAhead } from "../adapter/around-guards.ts";
import { type Auth, createAuth } from "../auth/auth.ts";
import { AuthError } from "./error.ts";
import type { AuthEvent } from "../auth/events.ts";
import { none } from "../modes/none.ts";
import { PreflightAnswer } from "./preflight.ts";
import { fakeMode } from "../test/modes.ts";
import { viewOf } from "../test/view.ts";
import type { RequestView } from "../types.ts";

const headers = [
  ["Origin", "x"],
  ["Access-Control-Request-Method", "x"],
] as const;

function preflightTo(target = "/", ...more: readonly (readonly [string, string])[]): RequestView {
  return viewOf({ method: "OPTIONS", target, headers: [...headers, ...more] });
}

const warned = vi.spyOn(console, "warn");
beforeEach(() => void warned.mockReset().mockImplementation(() => {}));
afterEach(() => void vi.unstubAllEnvs());

describe("a CORS preflight", () => {
  it.each([{}, { reportOnly: true }])("is never authenticated, with %j", async (options) => {
    const auth = createAuth([fakeMode("red"), none()], options);
    const events: AuthEvent[] = [];
    auth.onEvent((event) => events.push(event));
    for (const view of [
      preflightTo(),
      preflightTo("/", ["X-Red", "good"]),
      preflightTo("/", ["X-Red", "bad"]),
    ]) {
      for (const narrowed of [auth, auth.only("none"), auth.only("red")]) {
        const thrown: unknown = await narrowed.authenticate(view).catch((error: unknown) => error);
        expect(thrown).toBeInstanceOf(PreflightAnswer);
        expect(() => opened(narrowed).guard(view)).toThrow(PreflightAnswer);
        expect(narrowed.identity(view)).toBeUndefined();
      }
    }
    expect(events).toEqual([]);
  });

  it("is answered like a rejection, by all that know how, with 204 and nothing else", () => {
    const answer = new PreflightAnswer();
    expect(answer).toBeInstanceOf(AuthError);
    expect(answer.reply).toEqual({ status: 204, headers: {}, body: "" });
    expect([answer.status, answer.headers]).toEqual([204, {}]);
    expect(answer.within({ id: "1", format: "appsync", mode: "iam", accepted: [] }).reply.status).toBe(204);
  });

  it("has its body neither read nor verified ahead", () => {
    const red = fakeMode("red");
    const detect = vi.fn<typeof red.detect>((request) => red.detect(request));
    const auth = createAuth([{ ...red, readsBody: true, detect }]);
    expect(verifyAhead(auth, preflightTo("/", ["X-Red", "good"]))).toBeUndefined();
    expect(detect).not.toHaveBeenCalled();
  });

  it("is no other request", async () => {
    const auth = createAuth([fakeMode("red")]);
    auth.onEvent(() => {});
    for (const view of [
      viewOf({ method: "OPTIONS" }),
      viewOf({ method: "OPTIONS", headers: [headers[0]] }),
      viewOf({ method: "OPTIONS", headers: [headers[1]] }),
      viewOf({ method: "POST", headers }),
      viewOf({ method: "options", headers }),
    ]) {
      await expect(auth.authenticate(view)).rejects.toMatchObject({ status: 401 });
    }
  });
});

describe("the log of preflights", () => {
  const auth = () => createAuth([fakeMode("red")]);
  const pass = (guarded: Auth, view: RequestView, advice?: string) => {
    try {
      void opened(guarded).guard(view, undefined, advice);
    } catch {
      // Whether it is answered is asked above.
    }
  };

  it("names each path once in development, and what to do", () => {
    const served = auth();
    for (const target of ["/orders?a=1", "/orders?a=2", "/line\nbreak", "/orders"]) {
      pass(served, preflightTo(target));
    }
    pass(served, preflightTo("/nest"), "call app.enableCors()");
    const lines = warned.mock.calls.map(([line]) => String(line));
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain("preflight for /orders ");
    expect(lines[0]).toContain("mount cors() before authenticate()");
    expect(lines[1]).toContain("/line\\u000abreak");
    expect(lines[2]).toContain("call app.enableCors()");
  });

  it("is bounded", () => {
    const served = auth();
    for (let path = 0; path < 1000; path++) pass(served, preflightTo(`/${path}`));
    expect(warned).toHaveBeenCalledTimes(100);
  });

  it("is silent in production, for other requests, and if they are let pass", () => {
    const none = auth();
    none.onEvent(() => {});
    pass(none, viewOf({ method: "OPTIONS" }));
    pass(createAuth([fakeMode("red")], { preflight: "pass" }), preflightTo());
    vi.stubEnv("NODE_ENV", "production");
    pass(auth(), preflightTo());
    expect(warned).not.toHaveBeenCalled();
  });
});

describe("preflight: 'pass'", () => {
  it("lets guards pass a preflight, which has no caller", async () => {
    const auth = createAuth([fakeMode("red"), none()], { preflight: "pass" });
    const events: AuthEvent[] = [];
    auth.onEvent((event) => events.push(event));
    const view = preflightTo();
    expect(opened(auth).guard(view)).toBeUndefined();
    expect(auth.identity(view)).toBeUndefined();
    for (let asked = 0; asked < 2; asked++) {
      expect(() => opened(auth).requireIdentity(view, "not a mistake")).toThrow(AuthError);
    }
    expect(events).toMatchObject([{ code: "credentials_missing", reason: "no_credentials" }]);
  });

  it("is the only value", () => {
    for (const preflight of ["answer", "Pass", true, false, null, ["pass"]]) {
      expect(() => createAuth([none()], { preflight: preflight as "pass" })).toThrow(
        "preflight takes 'pass' only",
      );
    }
  });
});
