import { describe, expect, it, vi } from "vitest";
import { AuthError } from "../refusal/error.ts";
import { forwardableOf, rememberAdmission } from "./admissions.ts";
import { viewOf } from "../test/view.ts";

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
    const copy = await import("./admissions.ts");
    const view = viewOf();
    const forward = { name: "x-api-key", value: "k" };
    const verify = () => ({ mode: "apiKey", id: null, groups: [], scopes: [], expiresAt: null });
    const detection = { place: "x-api-key", forward, verify };
    rememberAdmission(view, { by: {}, identity: verify(), detection, rejection: undefined });
    expect(copy.forwardableOf).not.toBe(forwardableOf);
    expect(copy.forwardableOf(view)).toEqual({ mode: "apiKey", credential: forward });
    const rejection = new AuthError("forbidden", "x");
    rememberAdmission(view, { by: {}, identity: undefined, detection: undefined, rejection });
    expect(() => copy.forwardableOf(view)).toThrow(rejection);
  });
});
