import { describe, expect, it } from "vitest";
import { createPolicy } from "../policy.ts";
import { parseSchema } from "../sdl.ts";
import { user } from "../test/identities.ts";

// Schemas of public reports about Amplify, and what they mean here.

const ann = user("ann", { sub: "u1" });
const mine = ["u1::ann", "u1", "ann"];
const policyOf = (sdl: string) => createPolicy(parseSchema(sdl));

describe("schemas of public reports", () => {
  it("owners may give a note away, of which a warning says how to forbid it (category-api 1503)", () => {
    const policy = policyOf(
      `type Note @model @auth(rules: [{ allow: owner }]) { id: ID! owner: String text: String }`,
    );
    const record = { id: "1", owner: "u1::ann", text: "a" };
    const input = { owner: "u2::bob" };
    expect(policy.decide(ann, { operation: "update", model: "Note", record, input }).allowed).toBe(true);
    expect(policy.warnings.map(({ code }) => code)).toContain("owner-may-reassign");
    expect(policy.decide(ann, { operation: "create", model: "Note", input }).allowed).toBe(false);
  });

  it("a field that no role may create is denied in every create (category-api 1648)", () => {
    const policy =
      policyOf(`type Order @model(subscriptions: { level: off }) @auth(rules: [{ allow: owner, ownerField: "userID" }]) {
      id: ID! @auth(rules: [{ allow: owner, operations: [read, update, delete] }])
      userID: String! @auth(rules: [{ allow: owner, operations: [read] }])
      products: [String]
    }`);
    const create = { model: "Order", operation: "create" } as const;
    expect(policy.decide(ann, { ...create, input: { userID: "u1::ann" } })).toMatchObject({
      allowed: false,
      deniedFields: ["userID"],
    });
  });

  it("two owners of one record have their own fields (category-api 2553)", () => {
    const both = `{ allow: owner, ownerField: "sender", operations: [create, read] }, { allow: owner, ownerField: "recipient", operations: [read] }`;
    const policy =
      policyOf(`type Approval @model(subscriptions: { level: off }) @auth(rules: [{ allow: owner }]) {
      id: ID! @auth(rules: [{ allow: owner, ownerField: "sender" }, { allow: owner, ownerField: "recipient", operations: [read] }])
      sender: String @auth(rules: [${both}])
      recipient: String @auth(rules: [${both}])
      confirmed: Boolean @auth(rules: [{ allow: owner, ownerField: "sender", operations: [read] }, { allow: owner, ownerField: "recipient", operations: [read, update] }])
    }`);
    const record = { id: "1", sender: "u2::bob", recipient: "u1::ann" };
    const update = { model: "Approval", operation: "update", record } as const;
    expect(policy.decide(ann, { ...update, input: { confirmed: true } }).allowed).toBe(true);
    expect(policy.decide(ann, { ...update, input: { recipient: "u3::eve" } }).allowed).toBe(false);
    expect(policy.decide(user("bob", { sub: "u2" }), { ...update, input: { confirmed: true } }).allowed).toBe(
      false,
    );
  });

  it("lists hold the records of either owner field (cli 9560)", () => {
    const policy = policyOf(`type Invitation @model @auth(rules: [
      { allow: owner, ownerField: "inviteerId", operations: [create, read, update, delete] }
      { allow: owner, ownerField: "inviteeId", operations: [read, delete] }
    ]) { id: ID! inviteerId: String inviteeId: String text: String }`);
    expect(policy.filter(ann, { model: "Invitation" })).toEqual({
      kind: "or",
      any: ["inviteerId", "inviteeId"].map((field) => ({ kind: "equals", field, anyOf: mine })),
    });
  });

  it("lists hold the records that name the caller among several owners (js 4139)", () => {
    const policy = policyOf(
      `type Chat @model @auth(rules: [{ allow: owner, ownerField: "users" }]) { id: ID! users: [String] text: String }`,
    );
    expect(policy.filter(ann, { model: "Chat" })).toEqual({ kind: "contains", field: "users", anyOf: mine });
  });
});
