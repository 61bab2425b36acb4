import { describe, expect, it, vi } from "vitest";
import { opened } from "./accepted-modes.ts";
import { createAuth } from "./auth.ts";
import { AuthError } from "../refusal/error.ts";
import type { AuthEvent } from "./events.ts";
import type { Policy, RuleDecision } from "../policy/policy.ts";
import { fakeMode } from "../test/modes.ts";
import { viewOf } from "../test/view.ts";

const allowed: RuleDecision = {
  allowed: true,
  rule: "Order:owner",
  writes: {},
  explanation: "Order owner: alice",
};
const denied: RuleDecision = {
  allowed: false,
  reason: "record-filtered",
  missing: false,
  explanation: "Order owner: alice, not bob",
};
const policy: Policy = {
  decide: () => allowed,
  list: () => ({ allowed: true, rule: "r", filter: { kind: "always" }, explanation: "" }),
  mask: (_identity, _model, record) => record,
  maskWritten: (_identity, _model, record) => record,
  displayed: (_model, record) => record,
  fields: () => new Set(),
  needsRecord: () => false,
};

function known() {
  const auth = createAuth([fakeMode("red"), fakeMode("blue")], { policy });
  const events: AuthEvent[] = [];
  auth.onEvent((event) => events.push(event));
  return { auth, events, request: viewOf({ headers: [["X-Red", "good"]] }) };
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("opened(auth).authorize()", () => {
  it("hands the policy on, to narrowed auths too", () => {
    const { auth } = known();
    expect(opened(auth).shared.policy).toBe(policy);
    expect(opened(auth.only("red")).shared.policy).toBe(policy);
    expect(opened(createAuth([fakeMode("red")])).shared.policy).toBeUndefined();
  });

  it("decides about the caller that was verified, and reports the rule under the same id", async () => {
    const { auth, events, request } = known();
    const identity = await auth.authenticate(request);
    const asked: unknown[] = [];
    const decision = opened(auth).authorize(request, (caller) => {
      asked.push(caller);
      return allowed;
    });
    expect(asked).toEqual([identity]);
    expect(decision).toBe(allowed);
    const [accepted, byRule] = events;
    expect(accepted).toMatchObject({ type: "accepted", rule: undefined, detail: undefined });
    expect(byRule).toMatchObject({
      type: "allowed",
      id: accepted?.id,
      mode: "red",
      caller: identity.id,
      rule: "Order:owner",
      detail: "Order owner: alice",
      code: undefined,
    });
  });

  it("refuses by a denial, which the log explains and the caller does not learn", async () => {
    const { auth, events, request } = known();
    await auth.authenticate(request);
    const error = thrownBy(() => opened(auth).authorize(request, () => denied));
    expect(error).toBeInstanceOf(AuthError);
    expect(error).toMatchObject({ code: "forbidden", status: 403, reason: "record_filtered", mode: "red" });
    const event = events.at(-1);
    expect(event).toMatchObject({
      type: "refused",
      code: "forbidden",
      detail: "Order owner: alice, not bob",
      rule: undefined,
    });
    const body = error instanceof AuthError ? error.reply.body : "";
    expect(body).toContain(event?.id);
    expect(body).not.toContain("alice");
  });

  it("answers 404 if the denial says that there is no such record", async () => {
    const { auth, request } = known();
    await auth.authenticate(request);
    const error = thrownBy(() => opened(auth).authorize(request, () => ({ ...denied, missing: true })));
    expect(error).toMatchObject({ code: "not_found", status: 404 });
  });

  it("asks no rule if the request was not authenticated, or the mode is not accepted", async () => {
    const { auth, request } = known();
    const decide = vi.fn<() => RuleDecision>(() => allowed);
    expect(thrownBy(() => opened(auth).authorize(request, decide))).toMatchObject({
      code: "misconfigured",
      reason: "not_authenticated",
    });
    await auth.authenticate(request);
    expect(thrownBy(() => opened(auth.only("blue")).authorize(request, decide))).toMatchObject({
      status: 401,
      code: "mode_not_accepted",
    });
    expect(decide).not.toHaveBeenCalled();
  });

  it("passes on what is no refusal, and reports nothing", async () => {
    const { auth, events, request } = known();
    await auth.authenticate(request);
    const bug = new TypeError("there is no field 'titel'");
    const decide = () => {
      throw bug;
    };
    expect(thrownBy(() => opened(auth).authorize(request, decide))).toBe(bug);
    expect(events).toHaveLength(1);
  });

  it("takes a policy, and none beside reportOnly", () => {
    const modes = [fakeMode("red")];
    // @ts-expect-error: rules are no policy until createPolicy() made one
    expect(() => createAuth(modes, { policy: { models: {} } })).toThrow("createPolicy()");
    expect(() => createAuth(modes, { policy, reportOnly: true })).toThrow("reportOnly");
  });

  it.each(Object.keys(policy))("takes no policy without %s", (name) => {
    const modes = [fakeMode("red")];
    const partial = { ...policy, [name]: undefined };
    expect(() => createAuth(modes, { policy: partial })).toThrow(name === "decide" ? "createPolicy()" : name);
  });

  it("says what became of filter()", () => {
    const { list: filter, ...others } = policy;
    const old = { ...others, filter } as unknown as Policy;
    expect(() => createAuth([fakeMode("red")], { policy: old })).toThrow("filter() is not called any more");
  });
});
