import type { Identity } from "@authmodes/core";
import { describe, expect, it } from "vitest";
import { PolicyError } from "../check/errors.ts";
import type { PolicyOptions } from "../compile/options.ts";
import { createPolicy, type Policy } from "../policy.ts";
import {
  authorized,
  guest,
  identityPool,
  key,
  member,
  oidcUser,
  signedIn,
  user,
} from "../test/identities.ts";
import type { AuthRule, FieldDefinition, ModelDefinition, RuleSchema, Values } from "../types.ts";

// Every `@auth` block of "Customize authorization rules" in Amplify's documentation, accepted, or rejected with a message that says what to write.

const text: FieldDefinition = { type: "String" };
const content = { content: text };

function one(
  rules: readonly AuthRule[],
  fields: ModelDefinition["fields"] = content,
  name = "Todo",
): RuleSchema {
  return { models: { [name]: { rules, fields } } };
}

function build(schema: RuleSchema, options: PolicyOptions = {}): Policy {
  return createPolicy(schema, { identityPool, ...options });
}

/** `crud` with the letters of what is refused left out. */
function rights(policy: Policy, identity: Identity, record: Values, input: Values = {}): string {
  const [model = ""] = Object.keys(policy.schema.models);
  return (["create", "get", "update", "delete"] as const)
    .filter((operation) => policy.decide(identity, { model, operation, record, input }).allowed)
    .map((operation) => ({ create: "c", get: "r", update: "u", delete: "d" })[operation])
    .join("");
}

const alice = user("alice");
const bob = user("bob");
const mine = { owner: "sub-alice::alice" };

describe("per-user data", () => {
  it("{ allow: owner }: owners create, read, update and delete their own", () => {
    const policy = build(one([{ allow: "owner" }]));
    expect(rights(policy, alice, mine)).toBe("crud");
    expect(rights(policy, bob, mine)).toBe("c");
    expect(rights(policy, key, mine)).toBe("");
  });

  it("{ allow: owner, operations: [create, read, update] }: no delete", () => {
    const policy = build(one([{ allow: "owner", operations: ["create", "read", "update"] }]));
    expect(rights(policy, alice, mine)).toBe("cru");
    expect(policy.warnings).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ code: "undeletable" })]),
    );
  });

  it('{ allow: owner, ownerField: "author" }: the owner stands in another field', () => {
    const policy = build(one([{ allow: "owner", ownerField: "author" }], { ...content, author: text }));
    expect(rights(policy, alice, { author: "sub-alice::alice" })).toBe("crud");
    expect(policy.decide(alice, { model: "Todo", operation: "create", input: {} })).toMatchObject({
      writes: { author: "sub-alice::alice" },
    });
  });

  it("owner: String @auth(rules: [{ allow: owner, operations: [read, delete] }]): owners cannot reassign", () => {
    const policy = build(
      one([{ allow: "owner" }], {
        id: { type: "ID!" },
        description: text,
        owner: { ...text, rules: [{ allow: "owner", operations: ["read", "delete"] }] },
      }),
    );
    expect(rights(policy, alice, mine)).toBe("crud");
    expect(rights(policy, alice, mine, { owner: "sub-bob::bob" })).toBe("rd");
    expect(policy.warnings.map(({ code }) => code)).not.toContain("owner-may-reassign");
  });

  it('{ allow: owner, ownerField: "authors" } on a list: each of several owners', () => {
    const policy = build(
      one([{ allow: "owner", ownerField: "authors" }], { ...content, authors: { type: "[String]" } }),
    );
    expect(rights(policy, bob, { authors: ["sub-alice::alice", "sub-bob::bob"] })).toBe("crud");
    expect(policy.decide(bob, { model: "Todo", operation: "create", input: {} })).toMatchObject({
      writes: { authors: ["sub-bob::bob"] },
    });
  });
});

describe("public data", () => {
  it("{ allow: public }: callers with an API key", () => {
    const policy = build(one([{ allow: "public" }]));
    expect([rights(policy, key, {}), rights(policy, alice, {}), rights(policy, guest, {})]).toEqual([
      "crud",
      "",
      "",
    ]);
    expect(policy.warnings).toMatchObject([{ code: "public-api-key" }]);
  });

  it.each(["iam", "identityPool"] as const)(
    "{ allow: public, provider: %s }: guests of the identity pool",
    (provider) => {
      const policy = build(
        one([{ allow: "public", provider }], { id: { type: "ID!" }, title: { type: "String!" } }, "Post"),
      );
      expect([rights(policy, guest, {}), rights(policy, signedIn, {}), rights(policy, key, {})]).toEqual([
        "crud",
        "",
        "",
      ]);
      const codes = policy.warnings.map(({ code }) => code);
      expect(codes).toEqual(provider === "iam" ? ["deprecated-iam", "guests-alone"] : ["guests-alone"]);
    },
  );

  it("includeSignedIn: true, beyond Amplify: signed-in users of the pool too", () => {
    const policy = build(one([{ allow: "public", provider: "identityPool", includeSignedIn: true }]));
    expect([rights(policy, guest, {}), rights(policy, signedIn, {}), rights(policy, alice, {})]).toEqual([
      "crud",
      "crud",
      "",
    ]);
    expect(policy.warnings).toEqual([]);
  });

  it("[{ allow: public, operations: [read] }, { allow: owner }]: callers with a key read, owners do the rest", () => {
    const policy = build(one([{ allow: "public", operations: ["read"] }, { allow: "owner" }]));
    expect([rights(policy, key, mine), rights(policy, alice, mine), rights(policy, bob, mine)]).toEqual([
      "r",
      "crud",
      "c",
    ]);
  });

  it("[{ allow: public, operations: [read], provider: iam }, { allow: owner }]: the same for guests", () => {
    const policy = build(
      one([{ allow: "public", operations: ["read"], provider: "iam" }, { allow: "owner" }]),
    );
    expect([rights(policy, guest, mine), rights(policy, alice, mine), rights(policy, key, mine)]).toEqual([
      "r",
      "crud",
      "",
    ]);
  });

  it("globalAuthRule: { allow: public }: API keys, only on models without rules", () => {
    const schema: RuleSchema = {
      sandbox: true,
      models: { Todo: { fields: content }, Note: { rules: [{ allow: "owner" }], fields: content } },
    };
    const policy = build(schema);
    expect([rights(policy, key, {}), rights(policy, alice, {})]).toEqual(["crud", ""]);
    expect(policy.decide(key, { model: "Note", operation: "get", record: {} }).allowed).toBe(false);
    expect(policy.warnings.map(({ code }) => code)).toContain("sandbox");
  });
});

describe("signed-in users", () => {
  it("{ allow: private }: every user of the pool", () => {
    const policy = build(one([{ allow: "private" }]));
    expect([rights(policy, alice, {}), rights(policy, key, {}), rights(policy, signedIn, {})]).toEqual([
      "crud",
      "",
      "",
    ]);
  });

  it.each(["iam", "identityPool"] as const)(
    "{ allow: private, provider: %s }: the authenticated role",
    (provider) => {
      const policy = build(one([{ allow: "private", provider }]));
      expect([rights(policy, signedIn, {}), rights(policy, guest, {}), rights(policy, alice, {})]).toEqual([
        "crud",
        "",
        "",
      ]);
    },
  );

  it("a child that every user may read is readable through its parent: warned", () => {
    const policy = build({
      models: {
        Todo: {
          rules: [{ allow: "owner" }],
          fields: {
            id: { type: "ID!" },
            name: { type: "String!" },
            task: { type: "[Task]", relation: "hasMany" },
          },
        },
        Task: {
          rules: [{ allow: "owner" }, { allow: "private", operations: ["read"] }],
          fields: { id: { type: "ID!" }, description: { type: "String!" } },
        },
      },
    });
    const tasks = [{ id: "1", description: "d", owner: "sub-bob::bob" }];
    const todo = { id: "1", name: "n", ...mine, task: tasks };
    expect(policy.mask(alice, "Todo", todo)).toEqual(todo);
    expect(policy.warnings).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ code: "child-readable", model: "Todo", field: "task" }),
      ]),
    );
  });
});

describe("groups", () => {
  it('{ allow: groups, groups: ["Admin"] }: members of the group', () => {
    const policy = build(
      one([{ allow: "groups", groups: ["Admin"] }], { id: { type: "ID!" }, wage: { type: "Int" } }, "Salary"),
    );
    expect([rights(policy, member("a", "Admin"), {}), rights(policy, member("b", "Admins"), {})]).toEqual([
      "crud",
      "",
    ]);
  });

  it.each([
    ["groups", "[String]", { groups: ["Admin", "Staff"] }, { groups: ["Staff"] }],
    ["group", "String", { group: "Admin" }, { group: "Staff" }],
  ])(
    '{ allow: groups, groupsField: "%s" } on %s: the groups that the record names',
    (groupsField, type, theirs, others) => {
      const policy = build(
        one([{ allow: "groups", groupsField }], { title: text, [groupsField]: { type } }, "Post"),
      );
      const admin = member("a", "Admin");
      expect(rights(policy, admin, theirs, theirs)).toBe("crud");
      expect(rights(policy, admin, others, others)).toBe("");
      expect(rights(policy, admin, {}, {})).toBe("");
    },
  );

  it("[owner by user_id, groups by user_groups]: claims of one's own", () => {
    const rules: readonly AuthRule[] = [
      { allow: "owner", identityClaim: "user_id" },
      { allow: "groups", groups: ["Moderator"], groupClaim: "user_groups" },
    ];
    const policy = build(
      one(rules, { id: { type: "ID!" }, owner: text, postname: text, content: text }, "Post"),
    );
    expect(rights(policy, user("x", { user_id: "u7" }), { owner: "u7" })).toBe("crud");
    expect(rights(policy, user("y", { user_groups: ["Moderator"] }), { owner: "u7" })).toBe("crud");
    expect(rights(policy, user("u7"), { owner: "u7" })).toBe("");
  });
});

describe("other providers", () => {
  it("{ allow: custom }: callers that the authorizer accepts", () => {
    const policy = build(
      one([{ allow: "custom" }], { id: { type: "ID!" }, wage: { type: "Int" } }, "Salary"),
    );
    expect([rights(policy, authorized(), {}), rights(policy, alice, {})]).toEqual(["crud", ""]);
  });

  it("{ allow: group, provider: oidc } is rejected with the hint to write 'groups'", () => {
    const rules = [
      { allow: "owner", provider: "oidc", identityClaim: "user_id" },
      { allow: "private", provider: "oidc" },
      { allow: "group", provider: "oidc", groupClaim: "user_groups" },
    ] as unknown as readonly AuthRule[];
    expect(() => build(one(rules))).toThrow(PolicyError);
    expect(() => build(one(rules))).toThrow("'groups'");
  });

  it("the same block with allow: groups and groups to name", () => {
    const rules: readonly AuthRule[] = [
      { allow: "owner", provider: "oidc", identityClaim: "user_id" },
      { allow: "private", provider: "oidc", operations: ["read"] },
      { allow: "groups", provider: "oidc", groups: ["staff"], groupClaim: "user_groups" },
    ];
    const policy = build(one(rules));
    expect(rights(policy, oidcUser("o", { user_id: "u1" }), { owner: "u1" })).toBe("crud");
    expect(rights(policy, oidcUser("p", { user_groups: ["staff"] }), { owner: "u1" })).toBe("crud");
    expect(rights(policy, oidcUser("q"), { owner: "u1" })).toBe("r");
  });
});

describe("field-level rules", () => {
  it("ssn: String @auth(rules: [{ allow: owner }]): all callers read the others, only the owner this one", () => {
    const policy = build(
      one(
        [{ allow: "private", operations: ["read"] }, { allow: "owner" }],
        { name: text, email: text, ssn: { ...text, rules: [{ allow: "owner" }] } },
        "Employee",
      ),
    );
    const record = { name: "Alice", ssn: "1", ...mine };
    expect(policy.mask(bob, "Employee", record)).toEqual({ ...record, ssn: null });
    expect(policy.mask(alice, "Employee", record)).toEqual(record);
  });

  it("a group that has no delete on one field cannot delete records", () => {
    const rules: readonly AuthRule[] = [
      { allow: "private", provider: "iam" },
      { allow: "groups", groups: ["Admin"] },
    ];
    const policy = build(
      one(rules, {
        id: { type: "ID!" },
        name: { type: "String!", rules },
        description: { ...text, rules: [{ allow: "private", provider: "iam" }] },
      }),
    );
    expect(rights(policy, member("a", "Admin"), {})).toBe("cru");
    expect(rights(policy, signedIn, {})).toBe("crud");
  });
});
