import { describe, expect, it, vi } from "vitest";
import { AuthError } from "./error.ts";
import { forwardableOf, rememberForwardable } from "./forwardable.ts";
import { viewOf } from "./test/view.ts";

describe("two copies of this package, as bundlers make them", () => {
  it("know each other's refusals", async () => {
    vi.resetModules();
    const copy = await import("./error.ts");
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

  it("forward what the other one verified", async () => {
    vi.resetModules();
    const copy = await import("./forwardable.ts");
    const view = viewOf();
    const forward = { name: "x-api-key", value: "k" };
    const verify = () => ({ mode: "apiKey", id: null, groups: [], scopes: [], expiresAt: null });
    rememberForwardable(view, { mode: "apiKey", detection: { place: "x-api-key", forward, verify } });
    expect(copy.forwardableOf).not.toBe(forwardableOf);
    expect(copy.forwardableOf(view)).toEqual({ mode: "apiKey", credential: forward });
  });
});
