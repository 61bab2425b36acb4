import mongoose from "mongoose";
import { describe, expect, it } from "vitest";
import { createPolicy } from "../policy.ts";
import { user } from "../test/identities.ts";

// Records that are instances of classes, whose fields may be getters.

const policy = createPolicy({
  models: {
    Order: {
      rules: [{ allow: "owner" }],
      fields: {
        id: { type: "ID!" },
        note: { type: "String" },
        owner: { type: "String" },
        editors: { type: "[String]" },
        secret: { type: "String", rules: [{ allow: "groups", groups: ["Staff"] }] },
        constructor: { type: "String" },
      },
      subscriptions: "off",
    },
  },
});
const alice = user("alice");
const bob = user("bob");
const owner = "sub-alice::alice";

describe("a document of Mongoose", () => {
  const Order = mongoose.model(
    "Order",
    new mongoose.Schema({ note: String, owner: String, editors: [String], secret: String, unknown: String }),
  );
  const order = new Order({ note: "a", owner, editors: ["x"], secret: "s", unknown: "u" });

  it("is decided about", () => {
    const mayGet = (identity: typeof alice): boolean =>
      policy.decide(identity, { model: "Order", operation: "get", record: order }).allowed;
    expect([mayGet(alice), mayGet(bob)]).toEqual([true, false]);
  });

  it("is masked as a plain object with the fields of the model", () => {
    const seen = policy.mask(alice, "Order", order);
    expect(JSON.parse(JSON.stringify(seen))).toEqual({
      id: String(order._id),
      note: "a",
      owner,
      editors: ["x"],
      secret: null,
    });
    expect(Object.getPrototypeOf(seen)).toBe(Object.prototype);
    expect(JSON.parse(JSON.stringify(policy.mask(bob, "Order", order)))).toEqual({
      id: null,
      note: null,
      owner: null,
      editors: null,
      secret: null,
    });
  });
});

describe("an entity", () => {
  class Base {
    id = "1";
    #owner = owner;
    get owner(): string {
      return this.#owner;
    }
  }
  class Entity extends Base {
    note = "a";
    secret = "s";
    total(): number {
      return 1;
    }
  }

  it("is masked with the getters of its classes, without methods", () => {
    expect(policy.mask(alice, "Order", new Entity())).toEqual({ id: "1", note: "a", owner, secret: null });
    expect(policy.decide(bob, { model: "Order", operation: "delete", record: new Entity() }).allowed).toBe(
      false,
    );
  });

  it("may have no prototype", () => {
    const record: object = Object.assign(Object.create(null), { owner, note: "a" });
    expect(policy.mask(alice, "Order", record)).toEqual({ owner, note: "a" });
  });
});

describe("a record without its owner column", () => {
  it("is denied, and the explanation says why", () => {
    const explain = (record: object | null): string =>
      policy.decide(alice, { model: "Order", operation: "update", record, input: {} }).explanation;
    expect(explain({ id: "1", note: "a" })).toBe("Order: owner was not loaded");
    expect(explain({ id: "1", owner: undefined })).toBe("Order: owner was not loaded");
    expect(explain({ id: "1", owner: null })).toBe("Order owner: empty, not alice");
    expect(explain(null)).toBe("Order owner: no such record, not alice");
    const created = policy.decide(bob, { model: "Order", operation: "create", input: { owner } });
    expect(created.explanation).toBe("Order owner: alice, not bob");
  });
});

describe("the condition of an update or a delete", () => {
  const shared = createPolicy({
    models: {
      Order: {
        rules: [{ allow: "owner" }, { allow: "groups", groups: ["Staff"] }],
        fields: { id: { type: "ID!" }, owner: { type: "String" } },
      },
      Split: {
        rules: [{ allow: "owner", operations: ["read"] }],
        fields: {
          id: { type: "ID!" },
          note: { type: "String", rules: [{ allow: "owner" }] },
          team: { type: "String", rules: [{ allow: "groups", groupsField: "team", groupClaim: "in" }] },
          owner: { type: "String" },
        },
        subscriptions: "off",
      },
    },
  });
  const own = { kind: "equals", field: "owner", anyOf: [owner, "sub-alice", "alice"] };

  it("is that of the role that decided", () => {
    for (const operation of ["update", "delete"] as const) {
      const record = { id: "1", owner };
      expect(shared.decide(alice, { model: "Order", operation, record })).toMatchObject({ filter: own });
      const staff = { ...alice, claims: { ...alice.claims, "cognito:groups": ["Staff"] } };
      expect(shared.decide(staff, { model: "Order", operation, record })).toMatchObject({
        filter: { kind: "always" },
      });
    }
    const record = { id: "1", owner };
    expect(shared.decide(alice, { model: "Order", operation: "get", record })).toMatchObject({
      filter: { kind: "always" },
    });
  });

  it("is that of all roles that allowed a part of the input", () => {
    const record = { id: "1", owner, team: "red" };
    const caller = user("alice", { in: ["red"] });
    const input = { note: "x", team: "red" };
    expect(shared.decide(caller, { model: "Split", operation: "update", record, input })).toMatchObject({
      filter: { kind: "and", all: [own, { kind: "equals", field: "team", anyOf: ["red"] }] },
    });
  });
});
