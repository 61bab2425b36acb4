import { describe, expect, it } from "vitest";
import { AccessDenied } from "../check/errors.ts";
import { createPolicy, type Policy } from "../policy.ts";
import { type Difference, compareDecisions } from "./compare-decisions.ts";
import { member, user } from "../test/identities.ts";
import type { AuthRule } from "../types.ts";

const fields = { id: { type: "ID!" }, title: { type: "String" }, owner: { type: "String" } };

function build(...rules: AuthRule[]): Policy {
  return createPolicy({ models: { Post: { rules, fields } } });
}

const alice = user("alice");
const bob = user("bob");
const get = { model: "Post", operation: "get", record: { id: "1", owner: "sub-alice::alice" } } as const;

describe("compareDecisions", () => {
  it("answers as the live rules do, and counts what the new ones would change", () => {
    const { policy, report } = compareDecisions(build({ allow: "private" }), build({ allow: "owner" }));
    expect([policy.decide(alice, get).allowed, policy.decide(bob, get).allowed]).toEqual([true, true]);
    expect(report()).toEqual({
      questions: 2,
      same: 1,
      wouldDeny: 1,
      wouldAllow: 0,
      otherwise: 0,
      failed: 0,
      byQuestion: { "Post get would-deny": 1 },
    });
  });

  it("tells of each difference, with both decisions", () => {
    const found: Difference[] = [];
    const { policy } = compareDecisions(
      build({ allow: "owner" }),
      build({ allow: "private" }),
      (difference) => found.push(difference),
    );
    expect(policy.decide(bob, get).allowed).toBe(false);
    expect(found).toMatchObject([
      {
        kind: "would-allow",
        model: "Post",
        operation: "get",
        identity: { id: "sub-bob" },
        live: { reason: "record-filtered" },
        candidate: { allowed: true },
      },
    ]);
  });

  it("compares lists by the records that they hold", () => {
    const rules: AuthRule = { allow: "groups", groups: ["Admin"] };
    const { policy, report } = compareDecisions(
      build({ allow: "owner" }, rules),
      build({ allow: "private" }, rules),
    );
    expect(policy.filter(alice, { model: "Post" })).toMatchObject({ kind: "equals" });
    expect(policy.filter(member("a", "Admin"), { model: "Post" })).toEqual({ kind: "always" });
    expect(report()).toMatchObject({
      questions: 2,
      same: 1,
      otherwise: 1,
      byQuestion: { "Post list otherwise": 1 },
    });
  });

  it("throws for a list as the live rules do", () => {
    const { policy, report } = compareDecisions(
      build({ allow: "groups", groups: ["Admin"] }),
      build({ allow: "owner" }),
    );
    expect(() => policy.filter(alice, { model: "Post" })).toThrow(AccessDenied);
    expect(report()).toMatchObject({ wouldAllow: 1 });
  });

  it("is not harmed by a candidate that lacks a model, nor by a listener that throws", () => {
    const other = createPolicy({ models: { Note: { rules: [{ allow: "private" }], fields } } });
    const { policy, report } = compareDecisions(build({ allow: "private" }), other);
    expect(policy.decide(alice, get).allowed).toBe(true);
    expect(report()).toMatchObject({ failed: 1, same: 0 });
    const loud = compareDecisions(build({ allow: "private" }), build({ allow: "owner" }), () => {
      throw new Error("listener");
    });
    expect(loud.policy.decide(bob, get).allowed).toBe(true);
  });

  it("leaves everything else to the live rules", () => {
    const live = build({ allow: "private" });
    const { policy } = compareDecisions(live, build({ allow: "owner" }));
    expect(policy.mask(bob, "Post", get.record)).toEqual(get.record);
    expect(policy.matrix()).toEqual(live.matrix());
    expect(policy.needsRecord("Post", "get")).toBe(false);
    expect(policy.displayed("Post", get.record)).toEqual(get.record);
  });
});

describe("a value that JSON does not have", () => {
  const item = { fields: { id: { type: "ID!" }, size: { type: "BigInt" }, data: { type: "AWSJSON" } } };
  const schema = {
    models: {
      Post: {
        rules: [{ allow: "owner" }],
        fields: { ...fields, items: { type: "[Item]", relation: "hasMany" } },
      },
      Item: { ...item, rules: [{ allow: "private" }] },
    },
  } as const;
  let deeper: unknown = 1;
  for (let i = 0; i < 50_000; i++) deeper = [deeper];

  it.each([{ size: 5n }, { data: deeper }])("does not change the live answer", (data) => {
    const rules = createPolicy(schema, { nested: true });
    const { policy, report } = compareDecisions(rules, rules);
    const input = { items: { create: [data] } };
    expect(policy.decide(alice, { model: "Post", operation: "create", input }).allowed).toBe(true);
    expect(report()).toMatchObject({ questions: 1, failed: 1 });
  });
});
