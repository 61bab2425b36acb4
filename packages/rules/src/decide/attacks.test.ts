import type { Identity } from "@authmodes/core";
import { describe, expect, it } from "vitest";
import { matches } from "../compile/condition.ts";
import { AccessDenied, PolicyError } from "../check/errors.ts";
import { createPolicy } from "../policy.ts";
import {
  authorized,
  guest,
  identityPool,
  member,
  oidcIssuer,
  oidcUser,
  poolIdentity,
  principal,
  user,
} from "../test/identities.ts";
import type { AuthRule, Decision, ModelDefinition, Values } from "../types.ts";

// Attempts to pass for another user.

function noteOf(rules: readonly AuthRule[], fields: ModelDefinition["fields"] = {}): ModelDefinition {
  return {
    rules,
    fields: { id: { type: "ID!" }, text: { type: "String" }, owner: { type: "String" }, ...fields },
  };
}

const ownedByBoth = createPolicy({
  models: {
    Note: noteOf([{ allow: "owner" }, { allow: "owner", provider: "oidc", identityClaim: "sub" }]),
  },
});

function get(identity: Identity, record: Values): Decision {
  return ownedByBoth.decide(identity, { model: "Note", operation: "get", record });
}

describe("owners", () => {
  const owned = createPolicy({ models: { Note: noteOf([{ allow: "owner" }]) } });

  it("a user named `<sub>::alice` is not alice", () => {
    const forger = user("sub-alice::alice", { sub: "sub-mallory" });
    const record = { id: "1", owner: "sub-alice::alice" };
    expect(owned.decide(forger, { model: "Note", operation: "get", record }).allowed).toBe(false);
    expect(owned.decide(forger, { model: "Note", operation: "delete", record }).allowed).toBe(false);
    expect(owned.decide(forger, { model: "Note", operation: "create", input: {} }).allowed).toBe(false);
    expect(() => owned.filter(forger, { model: "Note" })).toThrow(AccessDenied);
  });

  it.each([
    ["a:", ":b"],
    ["a", "::b"],
    ["a:", "b"],
  ])("a name that could be split in two ways matches no user: %s and %s", (sub, name) => {
    const forger = user(name, { sub });
    expect(owned.decide(forger, { model: "Note", operation: "create", input: {} }).allowed).toBe(false);
  });

  it("a single claim that looks like a joined value matches none that another rule stores", () => {
    const policy = createPolicy({
      models: { Note: noteOf([{ allow: "owner" }, { allow: "owner", identityClaim: "username" }]) },
    });
    const forger = user("sub-alice::alice", { sub: "sub-mallory" });
    const record = { id: "1", owner: "sub-alice::alice" };
    expect(policy.decide(forger, { model: "Note", operation: "get", record }).allowed).toBe(false);
    expect(policy.decide(user("alice"), { model: "Note", operation: "get", record }).allowed).toBe(true);
  });

  it("an OIDC subject that looks like a pool user's stored name is not that user", () => {
    expect(get(oidcUser("sub-alice::alice"), { id: "1", owner: "sub-alice::alice" }).allowed).toBe(false);
  });

  it("a pool user whose name is an OIDC subject does not own that subject's records", () => {
    const record = { id: "1", owner: "otto-subject" };
    expect(get(oidcUser("otto-subject"), record).allowed).toBe(true);
    expect(get(user("otto-subject"), record).allowed).toBe(false);
    expect(get(user("x", { sub: "otto-subject" }), record).allowed).toBe(false);
  });

  it("with strict owners a later user of the same name does not inherit records", () => {
    const strict = createPolicy(
      { models: { Note: noteOf([{ allow: "owner" }]) } },
      { matchOwnerParts: false },
    );
    const later = user("alice", { sub: "sub-other" });
    const question = { model: "Note", operation: "get", record: { id: "1", owner: "alice" } } as const;
    expect(owned.decide(later, question).allowed).toBe(true);
    expect(strict.decide(later, question).allowed).toBe(false);
    expect(strict.decide(later, { ...question, record: { owner: "sub-other::alice" } }).allowed).toBe(true);
  });

  it("letters are compared byte by byte", () => {
    for (const owner of [
      "sub-alice::Alice",
      "sub-alice::alice ",
      "SUB-ALICE::alice",
      "sub-alice::alic\u0435",
    ]) {
      expect(
        owned.decide(user("alice"), { model: "Note", operation: "get", record: { owner } }).allowed,
      ).toBe(false);
    }
  });

  it.each([
    ["an object", { toString: () => "alice" }],
    ["a list", ["alice"]],
    ["empty text", ""],
    ["a number", 0],
    ["true", true],
    ["null", null],
  ])("a user name that is %s matches no record", (_kind, value) => {
    const policy = createPolicy({
      models: { Note: noteOf([{ allow: "owner", identityClaim: "username" }]) },
    });
    const caller = user("ignored", { username: value });
    for (const owner of [value, "alice", String(value), null, undefined, "", [], {}]) {
      const record = { id: "1", owner };
      expect(policy.decide(caller, { model: "Note", operation: "get", record }).allowed).toBe(false);
    }
    expect(policy.decide(caller, { model: "Note", operation: "create", input: {} }).allowed).toBe(false);
    expect(() => policy.filter(caller, { model: "Note" })).toThrow(AccessDenied);
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "the claim %s is not inherited",
    (claim) => {
      const policy = createPolicy({
        models: {
          Note: noteOf([
            { allow: "owner", identityClaim: claim },
            { allow: "groups", groups: [claim, "Object"], groupClaim: claim },
          ]),
        },
      });
      const decision = policy.decide(user("alice"), { model: "Note", operation: "create", input: {} });
      expect(decision.allowed).toBe(false);
    },
  );

  it("claims that an object inherits are not the token's", () => {
    const inherited = { sub: "sub-alice", username: "alice", "cognito:groups": ["Admin"] };
    const caller = { ...user("x"), claims: Object.create(inherited) as Record<string, unknown> };
    expect(owned.decide(caller, { model: "Note", operation: "create", input: {} }).allowed).toBe(false);
    const bySubject = createPolicy({ models: { Note: noteOf([{ allow: "owner", identityClaim: "sub" }]) } });
    expect(bySubject.decide(caller, { model: "Note", operation: "create", input: {} }).allowed).toBe(false);
    const admins = createPolicy({ models: { Note: noteOf([{ allow: "groups", groups: ["Admin"] }]) } });
    expect(admins.decide(caller, { model: "Note", operation: "create", input: {} }).allowed).toBe(false);
  });

  it("a token whose JSON has its own __proto__ gains nothing by it", () => {
    const claims = JSON.parse('{"__proto__": {"username": "alice", "sub": "sub-alice"}}') as Record<
      string,
      unknown
    >;
    const caller = user("x", { ...claims, username: undefined, sub: "" });
    expect(owned.decide(caller, { model: "Note", operation: "create", input: {} }).allowed).toBe(false);
  });

  it("a record without an owner belongs to no user", () => {
    for (const owner of [null, undefined, "", [], {}, 0, ["sub-alice::alice"]]) {
      expect(
        owned.decide(user("alice"), { model: "Note", operation: "get", record: { owner } }).allowed,
      ).toBe(false);
    }
  });

  it("leaving out a second owner field does not allow another user's name in the first", () => {
    const schema = {
      models: {
        Pair: {
          rules: [
            { allow: "owner", ownerField: "a" },
            { allow: "owner", ownerField: "b" },
          ],
          fields: { id: { type: "ID!" }, a: { type: "String" }, b: { type: "String" } },
        },
      },
    } as const;
    const question = { model: "Pair", operation: "create", input: { a: "sub-bob::bob" } } as const;
    expect(createPolicy(schema).decide(user("alice"), question).allowed).toBe(false);
    const shared = { ...question, input: { b: "sub-bob::bob" } };
    expect(createPolicy(schema).decide(user("alice"), shared)).toMatchObject({
      writes: { a: "sub-alice::alice" },
    });
    const compat = createPolicy(schema, { compat: { filledOwnerAllows: true } });
    expect(compat.decide(user("alice"), question).allowed).toBe(true);
  });
});

describe("groups", () => {
  const librarians: readonly AuthRule[] = [
    { allow: "groups", provider: "oidc", groups: ["Librarians"], groupClaim: "groups" },
  ];

  it("a partner's issuer cannot grant the group of another", () => {
    const policy = createPolicy({ models: { Note: noteOf(librarians) } }, { issuers: { oidc: oidcIssuer } });
    const question = { model: "Note", operation: "create", input: {} } as const;
    expect(policy.decide(oidcUser("x", { groups: ["Librarians"] }), question).allowed).toBe(true);
    const partner = oidcUser("x", { groups: ["Librarians"], iss: "https://partner.example.com" });
    expect(policy.decide(partner, question)).toMatchObject({ allowed: false, reason: "mode-not-configured" });
  });

  it("two issuers for one provider are rejected, unless their names mean the same", () => {
    const issuers = { oidc: [oidcIssuer, "https://partner.example.com"] };
    const schema = {
      models: { Note: noteOf(librarians), Open: noteOf([{ allow: "private", provider: "oidc" }]) },
    };
    const error = thrown(() => createPolicy(schema, { issuers }));
    expect(error).toBeInstanceOf(PolicyError);
    expect((error as PolicyError).errors).toMatchObject([{ code: "several-issuers", model: "Note" }]);
    expect(() => createPolicy(schema, { issuers, sharedNamespace: true })).not.toThrow();
  });

  it("owners in a shared namespace match only by the full stored value", () => {
    const policy = createPolicy(
      { models: { Note: noteOf([{ allow: "owner" }]) } },
      { issuers: { userPools: [user("x").issuer, "https://other"] }, sharedNamespace: true },
    );
    const question = { model: "Note", operation: "get" } as const;
    expect(policy.decide(user("alice"), { ...question, record: { owner: "sub-alice::alice" } }).allowed).toBe(
      true,
    );
    expect(policy.decide(user("alice"), { ...question, record: { owner: "alice" } }).allowed).toBe(false);
  });

  it.each([
    ["another group that contains it", "SuperAdmins"],
    ["an object", { Admin: true }],
    ["a number", 1],
    ["a list in a list", [["Admin"]]],
    ["a list of objects", [{ name: "Admin" }]],
    ["a JSON list in text, for a static group", '["Admin"]'],
    ["empty text", ""],
    ["null", null],
  ])("a group claim that is %s is not the group Admin", (_kind, groups) => {
    const policy = createPolicy({ models: { Note: noteOf([{ allow: "groups", groups: ["Admin"] }]) } });
    const caller = user("alice", { "cognito:groups": groups });
    expect(policy.decide(caller, { model: "Note", operation: "create", input: {} }).allowed).toBe(false);
  });

  it("one group as text is that group", () => {
    const policy = createPolicy({ models: { Note: noteOf([{ allow: "groups", groups: ["Admin"] }]) } });
    const caller = user("alice", { "cognito:groups": "Admin" });
    expect(policy.decide(caller, { model: "Note", operation: "create", input: {} }).allowed).toBe(true);
  });

  it("a list field that holds text never matches, and a text field never a list", () => {
    const policy = createPolicy({
      models: {
        Many: noteOf([{ allow: "groups", groupsField: "teams" }], { teams: { type: "[String]" } }),
        One: noteOf([{ allow: "groups", groupsField: "team" }], { team: { type: "String" } }),
      },
    });
    const caller = member("alice", "A");
    const allowed = (model: "Many" | "One", record: Values): boolean =>
      policy.decide(caller, { model, operation: "get", record }).allowed;
    expect([allowed("Many", { teams: ["A"] }), allowed("Many", { teams: "A" })]).toEqual([true, false]);
    expect([allowed("One", { team: "A" }), allowed("One", { team: ["A"] })]).toEqual([true, false]);
  });

  it("a group without a name is none, in lists and in records", () => {
    const policy = createPolicy({
      models: { Note: noteOf([{ allow: "groups", groupsField: "team" }], { team: { type: "String" } }) },
    });
    const caller = user("alice", { "cognito:groups": ["", null, ["A"]] });
    for (const team of ["", null, undefined, "A", ["A"]]) {
      expect(policy.decide(caller, { model: "Note", operation: "get", record: { team } }).allowed).toBe(
        false,
      );
    }
    expect(() => policy.filter(caller, { model: "Note" })).toThrow(AccessDenied);
  });

  it("knows no limit of groups", () => {
    const policy = createPolicy({
      models: { Note: noteOf([{ allow: "groups", groupsField: "teams" }], { teams: { type: "[String]" } }) },
    });
    const caller = member("alice", ...Array.from({ length: 100 }, (_, i) => `team-${i}`));
    const isListed = matches(policy.filter(caller, { model: "Note" }));
    expect(isListed({ teams: ["x", "team-99"] })).toBe(true);
    expect(isListed({ teams: ["team-100"] })).toBe(false);
  });
});

describe("IAM principals", () => {
  const policy = createPolicy(
    {
      models: {
        Note: noteOf([
          { allow: "private", provider: "identityPool" },
          { allow: "public", provider: "identityPool", operations: ["read"] },
        ]),
      },
    },
    { identityPool, adminRoles: ["Admin", "arn:aws:iam::123456789012:role/path/Ops"] },
  );
  const create = (identity: Identity): Decision =>
    policy.decide(identity, { model: "Note", operation: "create", input: {} });

  it.each([
    ["the session is named as an admin role", "arn:aws:sts::123456789012:assumed-role/other/Admin"],
    ["the role's name contains an admin's", "arn:aws:sts::123456789012:assumed-role/NotAdmin/x"],
    ["the role's name begins with an admin's", "arn:aws:sts::123456789012:assumed-role/Admin2/x"],
    ["the role of an ARN, in another account", "arn:aws:sts::999999999999:assumed-role/Ops/x"],
    ["the user's path is named as an admin role", "arn:aws:iam::123456789012:user/Admin/bob"],
  ])("are no admins if %s", (_why, arn) => {
    expect(create(principal(arn))).toMatchObject({ allowed: false, reason: "no-matching-role" });
  });

  it.each([
    "arn:aws:sts::123456789012:assumed-role/Admin/x",
    "arn:aws:iam::123456789012:role/Admin",
    "arn:aws:iam::123456789012:user/Admin",
    "arn:aws:sts::123456789012:assumed-role/Ops/x",
  ])("are admins by name or ARN: %s", (arn) => {
    expect(create(principal(arn))).toMatchObject({ allowed: true, rule: "admin-role-bypass" });
  });

  it("the pool's own roles are never admins", () => {
    const careless = createPolicy(policy.schema, { identityPool, adminRoles: ["unauth-role"] });
    const question = { model: "Note", operation: "create", input: {} } as const;
    expect(careless.decide(guest, question).allowed).toBe(false);
  });

  it("identities of another pool are strangers", () => {
    expect(create(poolIdentity("authenticated", "other-role", "us-east-1:other")).allowed).toBe(false);
    expect(create(poolIdentity("authenticated", "other-role")).allowed).toBe(true);
  });

  it("without an identity pool its rules never apply", () => {
    const unknown = createPolicy(policy.schema);
    for (const caller of [guest, poolIdentity("authenticated")]) {
      expect(unknown.decide(caller, { model: "Note", operation: "get", record: {} }).allowed).toBe(false);
    }
  });

  it("IAM access is only for principals from outside identity pools", () => {
    const open = createPolicy(policy.schema, { identityPool, iamAccess: true });
    const question = { model: "Note", operation: "delete", record: {} } as const;
    expect(open.decide(principal("arn:aws:iam::1:user/x"), question)).toMatchObject({
      rule: "generic-iam-bypass",
    });
    expect(open.decide(guest, question).allowed).toBe(false);
  });
});

it.each([
  ["update", "Mutation.updateNote"],
  ["delete", "Mutation.deleteNote"],
  ["get", "Query.getNote"],
  ["list", "Query.listNotes"],
] as const)("what an authorizer denied is denied, whatever the rules allow: %s", (operation, denied) => {
  const policy = createPolicy({ models: { Note: noteOf([{ allow: "custom" }]) } });
  const question = { model: "Note", operation, record: { id: "1" } } as const;
  expect(policy.decide(authorized(), question).allowed).toBe(true);
  expect(policy.decide(authorized(denied), question)).toMatchObject({
    reason: "field-denied",
    deniedFields: [denied],
  });
});

it("what callers and records say cannot break a line of the log, nor fill it", () => {
  const policy = createPolicy({ models: { Note: noteOf([{ allow: "owner", identityClaim: "username" }]) } });
  const caller = user("mallory\n2026 allowed everything");
  const record = { owner: `bob\u001b[31m${"x".repeat(10_000)}` };
  const { explanation } = policy.decide(caller, { model: "Note", operation: "get", record });
  expect(explanation).toMatch(/^[\x20-\x7e…]+$/);
  expect(explanation.length).toBeLessThan(400);
});

function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
