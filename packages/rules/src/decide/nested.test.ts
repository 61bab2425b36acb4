import type { Identity } from "@authmodes/core";
import { describe, expect, it } from "vitest";
import { createPolicy, type Policy } from "../policy.ts";
import { parseSchema } from "../sdl.ts";
import { key, machine, member, user } from "../test/identities.ts";
import type { Decision, Question, Values } from "../types.ts";

// Alice owns an order. Its items, its note and its shop are of other models.

const sdl = `
  type Order @model(subscriptions: null) @auth(rules: [{ allow: owner }, { allow: groups, groups: ["Clerks"] }]) {
    id: ID!
    title: String
    owner: String
    items: [Item] @hasMany
    lines: [Line] @hasMany
    note: Note @hasOne
    shop: Shop @belongsTo
    vault: Vault @belongsTo
    tags: [Tag] @manyToMany(relationName: "OrderTags")
    address: Address
  }
  type Item @model(subscriptions: null) @auth(rules: [{ allow: groups, groups: ["Admin"] }, { allow: private, operations: [get] }]) {
    id: ID!
    orderId: ID
    owner: String
    cost: Float @auth(rules: [{ allow: groups, groups: ["Admin"] }])
    order: Order @belongsTo
  }
  type Line @model(subscriptions: null) @auth(rules: [{ allow: owner }, { allow: groups, groups: ["Admin"] }]) {
    id: ID!
    text: String
    owner: String
    parts: [Line] @hasMany
  }
  type Note @model(subscriptions: null) @auth(rules: [{ allow: private }]) {
    id: ID!
    text: String
  }
  type Shop @model(subscriptions: null) @auth(rules: [{ allow: private, operations: [read] }, { allow: groups, groups: ["Admin"] }]) {
    id: ID!
    name: String
    secret: String @auth(rules: [{ allow: groups, groups: ["Admin"] }])
  }
  type Tag @model(subscriptions: null) @auth(rules: [{ allow: private, operations: [create, read, update] }]) {
    id: ID!
    name: String
  }
  type Vault @model(subscriptions: null) @auth(rules: [{ allow: groups, groups: ["Admin"] }]) { id: ID! }
  type Address { street: String, shop: Shop, inner: Address }
`;
const options = { providers: ["userPools", "apiKey", "identityPool"], adminRoles: ["machine"] } as const;
const closed = createPolicy(parseSchema(sdl), options);
const open = createPolicy(parseSchema(sdl), { ...options, nested: true });

const alice = user("alice");
const clerk = member("clara", "Clerks");
const admin = member("ada", "Admin", "Clerks");
const mine = { id: "1", owner: "sub-alice::alice" };

function create(policy: Policy, identity: Identity, input: Values): Decision {
  return policy.decide(identity, { model: "Order", operation: "create", input });
}

function update(policy: Policy, identity: Identity, input: Values): Decision {
  return policy.decide(identity, { model: "Order", operation: "update", record: mine, input });
}

describe("an input with a relation, without the option", () => {
  const inputs: readonly Values[] = [
    { items: { create: [{ id: "i1", owner: "bob" }] } },
    { lines: { create: {} } },
    { items: { deleteMany: {} } },
    { shop: { connect: { id: "1" } } },
    { note: {} },
    { note: null },
    { lines: [] },
    { lines: undefined },
    { lines: "text" },
    { address: { shop: { create: {} } } },
    { address: { inner: { inner: [{ shop: null }] } } },
  ];

  it.each(inputs)("is denied to owners, groups and administrators: %j", (input) => {
    for (const identity of [alice, clerk, admin, machine]) {
      for (const decision of [create(closed, identity, input), update(closed, identity, input)]) {
        expect(decision).toMatchObject({ allowed: false, reason: "field-denied" });
      }
    }
  });

  it("names the keys, and says how to turn nested decisions on", () => {
    const decision = create(closed, alice, { title: "x", items: { create: {} }, note: {} });
    expect(decision).toMatchObject({ deniedFields: ["items", "note"] });
    expect(decision.explanation).toContain("option nested is off");
  });

  it("is denied for reads and deletes too, whatever they mean by it", () => {
    for (const operation of ["get", "delete"] as const) {
      const question: Question = { model: "Order", operation, record: mine, input: { items: {} } };
      expect(closed.decide(alice, question).allowed).toBe(false);
      expect(open.decide(alice, question).allowed).toBe(false);
    }
  });

  it("is denied in the sandbox, and to IAM principals above the rules", () => {
    const models = parseSchema(`
      input AMPLIFY { globalAuthRule: AuthRule = { allow: public } }
      type Blog @model { id: ID!, posts: [Post] @hasMany }
      type Post @model @auth(rules: [{ allow: private }]) { id: ID! }
    `);
    const input = { posts: { create: {} } };
    const question: Question = { model: "Blog", operation: "create", input };
    expect(createPolicy(models).decide(key, question).allowed).toBe(false);
    expect(createPolicy(models, { nested: true }).decide(key, question)).toMatchObject({
      reason: "no-role-for-operation",
    });
    expect(createPolicy(models, { iamAccess: true }).decide(machine, question).allowed).toBe(false);
  });

  it("is no relation if the type is embedded", () => {
    const input = { title: "x", address: { street: "Main", inner: { street: "Side" } } };
    expect(create(closed, alice, input).allowed).toBe(true);
    expect(update(closed, alice, input).allowed).toBe(true);
  });

  it("a write of such a model is never allowed without its input", () => {
    expect(closed.decide(alice, { model: "Order", operation: "update", record: mine })).toMatchObject({
      reason: "needs-input",
    });
    expect(closed.decide(clerk, { model: "Order", operation: "update" }).allowed).toBe(false);
    expect(closed.decide(machine, { model: "Order", operation: "create" }).allowed).toBe(false);
    expect(closed.decide(alice, { model: "Order", operation: "delete", record: mine }).allowed).toBe(true);
  });

  it("nothing in an input turns nested decisions on", () => {
    expect(create(closed, alice, { lines: { nested: true, create: {} } }).allowed).toBe(false);
    const build = (): Policy => createPolicy(parseSchema(sdl), { ...options, nested: "yes" as never });
    expect(build).toThrow("nested is true or false");
  });
});

describe("nested decisions: create", () => {
  it("asks the related model's rules for each record", () => {
    expect(create(open, alice, { items: { create: [{ id: "i1" }] } })).toMatchObject({
      allowed: false,
      reason: "no-matching-role",
      deniedFields: ["items"],
      explanation: expect.stringContaining("Order.items: Item"),
    });
    expect(create(open, admin, { items: { create: [{ id: "i1" }, { id: "i2" }] } }).allowed).toBe(true);
    const lines = [{ text: "a" }, { text: "b", owner: "sub-bob::bob" }];
    expect(create(open, alice, { lines: { create: lines } })).toMatchObject({ reason: "no-matching-role" });
  });

  it("puts the owners of nested records into the nested data", () => {
    const owner = "sub-alice::alice";
    const input = { title: "x", lines: { create: [{ text: "a" }, { parts: { create: { text: "b" } } }] } };
    const decision = create(open, alice, input);
    expect(decision).toMatchObject({
      allowed: true,
      rule: "Order:userPools:owner:owner:sub::username, Line:userPools:owner:owner:sub::username",
    });
    expect("writes" in decision && { ...input, ...decision.writes }).toEqual({
      title: "x",
      owner,
      lines: {
        create: [
          { text: "a", owner },
          { owner, parts: { create: { text: "b", owner } } },
        ],
      },
    });
    const many = create(open, alice, {
      lines: { createMany: { data: [{ text: "a" }], skipDuplicates: true } },
    });
    expect(many).toMatchObject({
      writes: { lines: { createMany: { data: [{ text: "a", owner }], skipDuplicates: true } } },
    });
  });

  it("rejects records within records beyond a depth", () => {
    let line: Values = { text: "deepest" };
    for (let i = 0; i < 6; i++) line = { parts: { create: line } };
    expect(create(open, alice, { lines: { create: line } }).allowed).toBe(true);
    for (let i = 0; i < 3; i++) line = { parts: { create: line } };
    expect(create(open, alice, { lines: { create: line } }).allowed).toBe(false);
    for (let i = 0; i < 20_000; i++) line = { parts: { create: line } };
    expect(create(open, alice, { lines: { create: line } })).toMatchObject({ reason: "field-denied" });
  });

  it("asks for the foreign key's own right, which belongsTo changes", () => {
    // The shop's key is on the order: it could be each field that the input does not have.
    expect(create(open, alice, { shop: { connect: { id: "1" } } }).allowed).toBe(true);
    const locked = createPolicy(
      parseSchema(`
        type Post @model(subscriptions: null) @auth(rules: [{ allow: owner, ownerField: "userId" }]) {
          id: ID!
          userId: String @auth(rules: [{ allow: owner, ownerField: "userId", operations: [read, delete] }])
          user: User @belongsTo(fields: ["userId"])
        }
        type User @model(subscriptions: null) @auth(rules: [{ allow: private }]) { id: ID! }
      `),
      { nested: true },
    );
    const record = { id: "1", userId: "sub-alice::alice" };
    const give = { user: { connect: { id: "bob" } } };
    const question: Question = { model: "Post", operation: "update", record, input: give };
    expect(locked.decide(alice, question)).toMatchObject({ allowed: false, deniedFields: ["user"] });
    expect(locked.decide(alice, { ...question, input: { user: { create: { id: "b" } } } }).allowed).toBe(
      false,
    );
    expect(locked.decide(alice, { ...question, input: { user: { disconnect: true } } }).allowed).toBe(false);
    expect(locked.decide(alice, { ...question, input: { user: { delete: true } } }).allowed).toBe(false);
    // In a create the owner is filled in beside it, and no ORM takes both.
    expect(locked.decide(alice, { model: "Post", operation: "create", input: give })).toMatchObject({
      writes: { userId: "sub-alice::alice" },
    });
  });
});

describe("nested decisions: records that exist", () => {
  const forms: readonly (readonly [form: Values, who: readonly Identity[]])[] = [
    // Lines: owners can change their own, and without the record the rules cannot tell whose it is; Admin can change all.
    [{ lines: { connect: { id: "l1" } } }, [admin]],
    [{ lines: { connect: [{ id: "l1" }, { id: "l2" }] } }, [admin]],
    [{ lines: { connectOrCreate: { where: { id: "l1" }, create: { text: "x" } } } }, [admin]],
    [{ lines: { update: { where: { id: "l1" }, data: { text: "x" } } } }, [admin]],
    [{ lines: { updateMany: { where: {}, data: { text: "x" } } } }, [admin]],
    [{ lines: { upsert: { where: { id: "l1" }, update: { text: "x" }, create: { text: "x" } } } }, [admin]],
    [{ lines: { delete: { id: "l1" } } }, [admin]],
    [{ lines: { deleteMany: [{}] } }, [admin]],
    [{ lines: { set: [{ id: "l1" }] } }, [admin]],
    [{ lines: { set: [] } }, [admin]],
    [{ lines: { disconnect: [{ id: "l1" }] } }, [admin]],
    [{ lines: { update: { where: { id: "l1" }, data: { parts: { deleteMany: {} } } } } }, [admin]],
    // Notes: every signed-in user may do everything with all of them.
    [{ note: { connect: { id: "n1" } } }, [alice, clerk, admin]],
    [{ note: { create: { text: "x" } } }, [alice, clerk, admin]],
    [{ note: { update: { text: "x" } } }, [alice, clerk, admin]],
    [{ note: { update: { where: { text: "y" }, data: { text: "x" } } } }, [alice, clerk, admin]],
    [{ note: { upsert: { update: { text: "x" }, create: { text: "x" } } } }, [alice, clerk, admin]],
    [{ note: { delete: true } }, [alice, clerk, admin]],
    [{ note: { delete: { text: "y" } } }, [alice, clerk, admin]],
    [{ note: { disconnect: true } }, [alice, clerk, admin]],
    // Shops: to link one it must be readable.
    [{ shop: { connect: { id: "s1" } } }, [alice, clerk, admin]],
    [{ vault: { connect: { id: "v1" } } }, [admin]],
    [{ shop: { disconnect: true } }, [alice, clerk, admin]],
    [{ shop: { create: { name: "x" } } }, [admin]],
    [{ shop: { connectOrCreate: { where: { id: "s1" }, create: { name: "x" } } } }, [admin]],
    [{ shop: { update: { name: "x" } } }, [admin]],
    [{ shop: { delete: true } }, [admin]],
    // Tags: every signed-in user can update them; no rule lets a field be set to null.
    [{ tags: { connect: { id: "t1" } } }, [alice, clerk, admin]],
    [{ tags: { disconnect: { id: "t1" } } }, []],
    [{ tags: { set: [{ id: "t1" }] } }, []],
    // Items may be read and no more, except by Admin.
    [{ items: { connect: { id: "i1" } } }, [admin]],
  ];

  it.each(forms)("%j", (input, who) => {
    const allowed = [alice, clerk, admin].filter((identity) => update(open, identity, input).allowed);
    expect(allowed).toEqual(who);
    expect(update(open, machine, input).allowed).toBe(true);
  });

  it("says that the record would be needed, which is not loaded", () => {
    const decision = update(open, alice, { lines: { delete: { id: "l1" } } });
    expect(decision).toMatchObject({ reason: "needs-record", deniedFields: ["lines"] });
    expect(decision.explanation).toBe(
      "Order.lines: Line owner: the decision depends on the record, which was not loaded",
    );
  });

  it("a link that replaces the one record removes the old one's link", () => {
    const replaced = createPolicy(
      parseSchema(`
        type Order @model @auth(rules: [{ allow: private }]) { id: ID!, note: Note @hasOne }
        type Note @model @auth(rules: [{ allow: private, operations: [create, read] }]) { id: ID!, text: String }
      `),
      { nested: true },
    );
    const question: Question = { model: "Order", operation: "create", input: { note: { create: {} } } };
    expect(replaced.decide(alice, question).allowed).toBe(true);
    expect(replaced.decide(alice, { ...question, operation: "update", record: mine }).allowed).toBe(false);
  });
});

describe("nested decisions: conditions", () => {
  it.each<[Values, boolean]>([
    [{ id: "s1" }, true],
    [{ name: { startsWith: "a" } }, true],
    [{ AND: [{ name: "a" }, { NOT: { id: { in: ["1"] } } }] }, true],
    [{ secret: { startsWith: "a" } }, false],
    [{ id: "s1", secret: "a" }, false],
    [{ OR: [{ id: "s1" }, { NOT: [{ secret: "a" }] }] }, false],
    [{ id_secret: { id: "s1", secret: "a" } }, false],
    [{ orders: { some: {} } }, false],
  ])("filters by what the caller may read: %j", (where, allowed) => {
    expect(update(open, alice, { shop: { connect: where } }).allowed).toBe(allowed);
  });

  it("names a record by its key although the caller may not read it, and does not search by it", () => {
    const policy = createPolicy(
      parseSchema(`
        type Order @model @auth(rules: [{ allow: private }]) { id: ID!, drops: [Drop] @hasMany }
        type Drop @model @auth(rules: [{ allow: private, operations: [update, delete] }]) { id: ID!, text: String, order: Order @belongsTo }
      `),
      { nested: true },
    );
    const ask = (drops: Values): boolean =>
      policy.decide(alice, { model: "Order", operation: "update", record: mine, input: { drops } }).allowed;
    expect(ask({ delete: { id: "1" } })).toBe(true);
    expect(ask({ deleteMany: { id: { gt: "1" } } })).toBe(false);
    expect(ask({ deleteMany: { text: "a" } })).toBe(false);
    expect(ask({ deleteMany: { order: { id: "1" } } })).toBe(false);
  });
});

describe("nested decisions: what is no form of Prisma's", () => {
  it.each<Values>([
    { items: {}, lines: { destroy: {} } },
    { lines: { constructor: {} } },
    { lines: null },
    { lines: [] },
    { lines: "x" },
    { lines: { create: null } },
    { lines: { create: "x" } },
    { lines: { create: [[{}]] } },
    { lines: { create: { nope: 1 } } },
    { lines: { createMany: { data: [{}], other: 1 } } },
    { lines: { createMany: { data: [{}], skipDuplicates: "x" } } },
    { lines: { createMany: {} } },
    { lines: { connect: true } },
    { lines: { connect: null } },
    { lines: { delete: true } },
    { lines: { disconnect: true } },
    { lines: { update: { where: { id: "1" } } } },
    { lines: { update: { where: { id: "1" }, data: { id: "2" } } } },
    { lines: { upsert: { where: { id: "1" }, create: {} } } },
    { note: { createMany: { data: {} } } },
    { note: { set: [] } },
    { note: { deleteMany: {} } },
    { note: { updateMany: { data: {} } } },
    { note: { create: [{}] } },
    { note: { update: { data: { text: "x" }, other: 1 } } },
    { note: { delete: "yes" } },
  ])("is denied, also to administrators: %j", (input) => {
    for (const identity of [alice, admin, machine]) {
      expect(update(open, identity, input)).toMatchObject({ allowed: false, reason: "field-denied" });
    }
  });

  it.each(["update", "updateMany", "upsert", "delete", "deleteMany", "set", "disconnect"])(
    "a create has no %s",
    (name) => {
      const part = { where: {}, data: {}, update: {}, create: {} };
      expect(create(open, admin, { lines: { [name]: part } }).explanation).toContain(
        `${name} is no operation`,
      );
    },
  );

  it("an ambiguous form is denied", () => {
    const sdl = `
      type Order @model @auth(rules: [{ allow: private }]) { id: ID!, log: Log @hasOne }
      type Log @model @auth(rules: [{ allow: private }]) { id: ID!, data: AWSJSON, text: String }
    `;
    const policy = createPolicy(parseSchema(sdl), { nested: true });
    const ask = (log: Values): boolean =>
      policy.decide(alice, { model: "Order", operation: "update", record: mine, input: { log } }).allowed;
    expect(ask({ update: { text: "x" } })).toBe(true);
    expect(ask({ update: { data: { text: "x" } } })).toBe(false);
  });

  it("a relation to no model of the schema is denied", () => {
    const field = { type: "[Elsewhere]", relation: "hasMany" } as const;
    const policy = createPolicy(
      { models: { Blog: { rules: [{ allow: "private" }], fields: { id: { type: "ID!" }, posts: field } } } },
      { nested: true },
    );
    const input = { posts: { create: {} } };
    expect(policy.decide(alice, { model: "Blog", operation: "create", input }).allowed).toBe(false);
  });
});

describe("an object for a field that holds text", () => {
  const note = createPolicy({
    models: {
      Note: {
        rules: [
          { allow: "owner" },
          { allow: "groups", groups: ["Clerks"] },
          { allow: "groups", groupsField: "teams" },
        ],
        fields: {
          id: { type: "ID!" },
          owner: { type: "String" },
          teams: { type: "[String]" },
          text: { type: "String" },
          place: { type: "Place" },
        },
      },
      Draft: {
        rules: [{ allow: "owner", operations: ["create", "read", "update"] }],
        fields: { id: { type: "ID!" }, text: { type: "String" }, count: { type: "Int" } },
      },
    },
    types: {
      Place: {
        fields: {
          street: { type: "String" },
          secret: { type: "String", rules: [{ allow: "groups", groups: ["Admin"] }] },
        },
      },
    },
  });
  const write = (identity: Identity, input: Values): Decision[] => [
    note.decide(identity, { model: "Note", operation: "update", record: mine, input }),
    note.decide(identity, { model: "Note", operation: "create", input }),
  ];

  it.each<Values>([
    { owner: { set: "bob" } },
    { owner: {} },
    { owner: [{ set: "bob" }] },
    { teams: { set: ["Admin"] } },
    { teams: { push: "Admin" } },
    { teams: [["Admin"]] },
  ])("is denied if a rule looks at the field: %j", (input) => {
    for (const identity of [alice, clerk]) {
      for (const decision of write(identity, input)) expect(decision.allowed).toBe(false);
    }
  });

  it("counts as null if an ORM writes null for it", () => {
    const ask = (input: Values): Decision =>
      note.decide(alice, { model: "Draft", operation: "update", record: mine, input });
    expect(ask({ text: null })).toMatchObject({ deniedFields: ["text"] });
    expect(ask({ text: { set: null } })).toMatchObject({ deniedFields: ["text"] });
    expect(ask({ text: { unset: true } })).toMatchObject({ deniedFields: ["text"] });
    expect(ask({ count: { increment: 1 } }).allowed).toBe(true);
  });

  it("reaches no field of an embedded object that is closed", () => {
    for (const place of [
      { secret: "x" },
      { set: { secret: "x" } },
      { update: { secret: "x" } },
      [{ set: [{ secret: "x" }] }],
    ]) {
      for (const decision of write(clerk, { place })) expect(decision.allowed).toBe(false);
    }
    for (const decision of write(clerk, { place: { street: "x" } })) expect(decision.allowed).toBe(true);
  });

  it("is denied, not a stack overflow, if it is nested thousands of times", () => {
    let place: unknown = { street: "x" };
    for (let i = 0; i < 100_000; i++) place = [place];
    for (const decision of write(clerk, { place, teams: place })) {
      expect(decision).toMatchObject({ reason: "field-denied" });
    }
  });
});

describe("a foreign key that is undefined in the input", () => {
  const policy = createPolicy(
    parseSchema(`
      type Post @model(subscriptions: null) @auth(rules: [{ allow: owner, ownerField: "userId" }]) {
        id: ID!
        userId: String @auth(rules: [{ allow: owner, ownerField: "userId", operations: [create, read, update] }])
        user: User @belongsTo
      }
      type User @model(subscriptions: null) @auth(rules: [{ allow: private, operations: [read] }]) { id: ID! }
    `),
    { nested: true },
  );

  it.each([{}, { userId: undefined }])("is removed by a disconnect: %j", (more) => {
    const record = { id: "1", userId: "sub-alice::alice" };
    const input = { ...more, user: { disconnect: true } };
    const decision = policy.decide(alice, { model: "Post", operation: "update", record, input });
    expect(decision).toMatchObject({ allowed: false, deniedFields: ["user"] });
  });
});
