import type { Identity } from "@authmodes/core";
import { describe, expect, it } from "vitest";
import { AccessDenied } from "../check/errors.ts";
import { matches } from "../compile/condition.ts";
import { createPolicy, type Policy } from "../policy.ts";
import { compareDecisions } from "../report/compare-decisions.ts";
import { reloadablePolicy } from "../report/reloadable-policy.ts";
import { bookstore } from "../test/bookstore.ts";
import { authorized, guest, key, member, nobody, oidcUser, user } from "../test/identities.ts";
import type { ListQuestion, RuleSchema } from "../types.ts";

const policy = bookstore();
const alice = user("alice");
const callers: readonly Identity[] = [
  alice,
  member("libby", "Librarians"),
  oidcUser("otto"),
  key,
  guest,
  authorized("Query.listBooks"),
  authorized("Book.price"),
  nobody,
];

/** What `decide` says of a list, or of a get, by itself: the answer, or that it depends on each record. */
function byDecide(one: Policy, identity: Identity, asked: Required<Omit<ListQuestion, "args">>): object {
  const { allowed, explanation, ...decision } = one.decide(identity, asked);
  if ("reason" in decision && decision.reason === "needs-record") return { allowed: true, rule: "filtered" };
  return "rule" in decision
    ? { allowed, rule: decision.rule, explanation, nullFields: decision.nullFields }
    : { allowed, reason: decision.reason, explanation };
}

describe("list", () => {
  it("answers as decide does, or allows what the filter holds", () => {
    const answers = new Set<string>();
    for (const identity of callers) {
      for (const model of Object.keys(policy.schema.models)) {
        for (const operation of ["get", "list", "search", "sync"] as const) {
          const decision = policy.list(identity, { model, operation });
          expect(decision).toMatchObject(byDecide(policy, identity, { model, operation }));
          answers.add(decision.allowed ? decision.rule : decision.reason);
          if (decision.allowed) {
            expect(policy.filter(identity, { model, operation })).toEqual(decision.filter);
          } else {
            expect(() => policy.filter(identity, { model, operation })).toThrow(AccessDenied);
          }
        }
      }
    }
    expect(answers).toContain("filtered");
    expect(answers).toContain("mode-not-configured");
    expect(answers.size).toBeGreaterThan(4);
  });

  it("names the fields that decide about each record, and filters by them", () => {
    const decision = policy.list(alice, { model: "Order" });
    expect(decision).toMatchObject({ allowed: true, rule: "filtered", writes: {} });
    expect(decision.explanation).toBe("Order: filtered by owner");
    const isMine = matches(decision.allowed ? decision.filter : { kind: "never" });
    expect([isMine({ owner: "sub-alice::alice" }), isMine({ owner: "sub-bob::bob" })]).toEqual([true, false]);
  });

  it("lists the fields that may be null in a record, as decide does without one", () => {
    const rules = [
      { allow: "owner" },
      { allow: "groups", groupsField: "teams", operations: ["list"] },
    ] as const;
    const secret = { type: "String", rules: [{ allow: "owner" }] } as const;
    const fields = { owner: { type: "String" }, teams: { type: "[String]" }, secret };
    const own = createPolicy({ models: { Note: { rules, fields, subscriptions: "off" } } });
    expect(own.list(member("mia", "a"), { model: "Note" })).toMatchObject({ nullFields: ["secret"] });
  });

  it("denies a key that names another user, and checks what it is asked", () => {
    const schema = {
      models: { Note: { rules: [{ allow: "owner" }], fields: { owner: { type: "ID!" } }, key: ["owner"] } },
    };
    const own = createPolicy(schema as unknown as RuleSchema);
    const asked = { model: "Note", args: { owner: "bob" } };
    expect(own.list(alice, asked)).toMatchObject({ reason: "owner-key-argument-mismatch" });
    const wrong = { model: "Note", opertion: "sync" };
    expect(() => own.list(alice, wrong as never)).toThrow("list(): There is no member of a question");
    expect(() => own.list(alice, { model: "Note", operation: "listen" as never })).toThrow(
      "reading operation",
    );
    expect(() => own.list(alice, { model: "Note", args: null as never })).toThrow(
      expect.objectContaining({ code: "invalid_input", detail: "list(): args is an object of arguments" }),
    );
  });

  it("is answered by the newest rules, and compared with a candidate", () => {
    const closed = createPolicy({ models: { Note: { fields: { id: { type: "ID!" } } } } });
    const open = createPolicy({
      models: { Note: { rules: [{ allow: "private" }], fields: { id: { type: "ID!" } } } },
    });
    const reloadable = reloadablePolicy(closed);
    expect(reloadable.policy.list(alice, { model: "Note" }).allowed).toBe(false);
    reloadable.replace(open);
    expect(reloadable.policy.list(alice, { model: "Note" }).allowed).toBe(true);
    const compared = compareDecisions(closed, open);
    expect(compared.policy.list(alice, { model: "Note" }).allowed).toBe(false);
    expect(compared.report().byQuestion).toEqual({ "Note list would-allow": 1 });
  });
});
