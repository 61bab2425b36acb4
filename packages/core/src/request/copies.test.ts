import { createAuth, type SharedAuth } from "../auth/auth.ts";
import { askable, type Check, lastVerified, recheck, rememberRecheck } from "../auth/recheck.ts";
import { fakeMode } from "../test/modes.ts";
import { viewOf } from "../test/view.ts";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { AuthError } from "../refusal/error.ts";
import { viewState } from "./state.ts";
import { nodeView } from "./node.ts";

describe("a copy of a view", () => {
  it("has neither the caller nor the verification of the view that it was made from", async () => {
    const auth = createAuth([fakeMode("red")]);
    auth.onEvent(() => {});
    const view = viewOf({ headers: [["x-red", "good"]] });
    await auth.authenticate(view);
    const copy = { ...view, target: "/other", rawHeaders: [], header: () => undefined };
    expect(auth.identity(copy)).toBeUndefined();
    await expect(auth.authenticate(copy)).rejects.toMatchObject({ code: "credentials_missing" });
  });
});

describe("two copies of this package, as bundlers make them", () => {
  it("know each other's refusals", async () => {
    vi.resetModules();
    const copy = await import("../refusal/error.ts");
    expect(copy.AuthError).not.toBe(AuthError);
    expect(new copy.AuthError("forbidden", "x") instanceof AuthError).toBe(true);
    expect(new AuthError("forbidden", "x") instanceof copy.AuthError).toBe(true);
  });

  it("know nothing else for one", () => {
    class OwnError extends AuthError {}
    for (const other of [undefined, null, "AuthError", {}, new Error("x"), { name: "AuthError" }]) {
      expect(other instanceof AuthError).toBe(false);
    }
    expect(new OwnError("forbidden", "x") instanceof AuthError).toBe(true);
    expect(new OwnError("forbidden", "x") instanceof OwnError).toBe(true);
    expect(new AuthError("forbidden", "x") instanceof OwnError).toBe(false);
  });

  it("forward what the other one verified, and nothing that it rejected", async () => {
    vi.resetModules();
    const copy = await import("./state.ts");
    expect(copy.viewState).not.toBe(viewState);
    const view = nodeView(Object.assign(new IncomingMessage(new Socket()), { rawHeaders: ["Host", "a"] }));
    expect(copy.viewState(view)).toBe(viewState(view));
    const by = {} as SharedAuth;
    const forward = { name: "x-api-key", value: "k" };
    const identity = { mode: "apiKey", id: null, groups: [], scopes: [], expiresAt: null };
    const detection = { place: "x-api-key", forward, verify: () => identity };
    viewState(view).decisions.keep({ by, view, identity, detection, rejection: undefined });
    const { decisions } = copy.viewState(view);
    expect(decisions.forwardable(view)).toEqual({ mode: "apiKey", credential: forward });
    const rejection = new AuthError("forbidden", "x");
    decisions.keep({ by, view, identity: undefined, detection: undefined, rejection });
    expect(() => viewState(view).decisions.forwardable(view)).toThrow(rejection);
  });

  it("verify again what the other one verified, built-in or not", async () => {
    vi.resetModules();
    const copy = await import("../auth/recheck.ts");
    expect(copy.recheck).not.toBe(recheck);
    const identity = { mode: "apiKey", id: "a", groups: [], scopes: [], expiresAt: null };
    const verify = vi.fn<Check["verify"]>(() => identity);
    for (const made of [askable({ ...identity }), Object.freeze({ ...identity })]) {
      const caller: typeof identity = Object.create(made); // as frameworks wrap what they inject
      rememberRecheck(made, {}, 0, () => [{ before: made, verify, onChange: undefined }]);
      expect(copy.lastVerified(caller)).toBe(0);
      await copy.recheck(caller, 5);
      expect(lastVerified(caller)).toBe(5);
    }
    expect(verify).toHaveBeenCalledTimes(2);
  });
});
