import { AuthError } from "@authmodes/core";
import { describe, expect, it } from "vitest";
import { AccessDenied } from "./check/errors.ts";
import type { PolicyOptions } from "./compile/options.ts";
import { createPolicy, type Policy } from "./policy.ts";
import { bookstore } from "./test/bookstore.ts";
import {
  authorized,
  guest,
  identityPool,
  key,
  machine,
  member,
  nobody,
  oidcUser,
  signedIn,
  user,
} from "./test/identities.ts";
import type { AuthRule, FieldDefinition, ModelDefinition, Operation, Question } from "./types.ts";

const text: FieldDefinition = { type: "String" };
const fields: ModelDefinition["fields"] = { id: { type: "ID!" }, title: text, owner: text };

function build(
  rules: readonly AuthRule[],
  more: Partial<ModelDefinition> = {},
  options: PolicyOptions = {},
): Policy {
  return createPolicy({ models: { Post: { rules, fields, ...more } } }, { identityPool, ...options });
}

const alice = user("alice");
const bob = user("bob");
const mine = { id: "1", title: "t", owner: "sub-alice::alice" };

describe("what is not known when deciding", () => {
  const policy = build([{ allow: "owner" }]);

  it.each(["get", "list", "search", "sync", "update", "delete"] as const)(
    "%s of a record that was not loaded asks for it",
    (operation) => {
      const decision = policy.decide(alice, { model: "Post", operation, input: {} });
      expect(decision).toMatchObject({ allowed: false, reason: "needs-record" });
      expect(decision.explanation).toContain("owner");
    },
  );

  it("create without its input asks for it, unless nothing depends on it", () => {
    expect(policy.decide(alice, { model: "Post", operation: "create" })).toMatchObject({
      reason: "needs-input",
    });
    const open = build([{ allow: "private" }]);
    expect(open.decide(alice, { model: "Post", operation: "create" }).allowed).toBe(true);
    const both = build([{ allow: "private" }, { allow: "owner" }]);
    expect(both.decide(alice, { model: "Post", operation: "create" })).toMatchObject({
      reason: "needs-input",
    });
  });

  it("update by a role that may write some fields asks for the input", () => {
    const some = build([{ allow: "private", operations: ["read", "update"] }]);
    expect(some.decide(alice, { model: "Post", operation: "update", record: mine })).toMatchObject({
      reason: "needs-input",
    });
    const all = build([{ allow: "private" }]);
    expect(all.decide(alice, { model: "Post", operation: "update", record: mine }).allowed).toBe(true);
  });

  it("update asks for the record if the roles that need none do not allow enough", () => {
    const mixed = build([{ allow: "private", operations: ["update"] }, { allow: "owner" }]);
    const question = { model: "Post", operation: "update" } as const;
    expect(mixed.decide(alice, { ...question, input: { title: "x" } }).allowed).toBe(true);
    expect(mixed.decide(alice, { ...question, input: { title: null } })).toMatchObject({
      reason: "needs-record",
    });
    expect(mixed.decide(alice, { ...question, input: { title: null }, record: mine }).allowed).toBe(true);
  });

  it("fields that depend on the record are null without it", () => {
    const guarded = build([{ allow: "private" }], {
      fields: { ...fields, title: { ...text, rules: [{ allow: "owner" }] } },
    });
    const question = { model: "Post", operation: "get" } as const;
    expect(guarded.decide(alice, question)).toMatchObject({ allowed: true, nullFields: ["title"] });
    expect(guarded.decide(alice, { ...question, record: mine })).toMatchObject({ nullFields: [] });
    expect(guarded.decide(alice, { ...question, fields: ["id"] })).toMatchObject({ nullFields: [] });
  });

  it("a route can ask ahead whether it has to load", () => {
    const mixed = build([
      { allow: "private", operations: ["read"] },
      { allow: "owner", operations: ["create", "update"] },
    ]);
    const needs = (operation: Operation): boolean => mixed.needsRecord("Post", operation);
    expect([needs("get"), needs("create"), needs("update"), needs("delete")]).toEqual([
      false,
      false,
      true,
      false,
    ]);
  });
});

/** A mistake of the developer is a TypeError, one of the caller a rejection with a detail for the log. */
function thrownBy(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof AuthError) return `${error.code}: ${error.detail}`;
    return String(error);
  }
  return "nothing";
}

describe("what does not exist", () => {
  const policy = bookstore();
  const ask = (question: object): unknown => policy.decide(alice, question as unknown as Question);

  it.each([
    [{ model: "Bok", operation: "get" }, "There is no model 'Bok'. Write 'Book'."],
    [{ model: "__proto__", operation: "get" }, "There is no model '__proto__'."],
    [{ model: "Book", operation: "read" }, "'read' is a word of rules"],
    [{ model: "Book", operation: "ge" }, "There is no operation 'ge'. Write 'get'."],
    [{ model: "Book", operation: "toString" }, "There is no operation 'toString'."],
    [
      { model: "Book", operation: "get", fields: ["titel"] },
      "There is no field of Book 'titel'. Write 'title'.",
    ],
    [
      { model: "Book", operation: "create", input: { prize: 1 } },
      "There is no field of Book 'prize'. Write 'price'.",
    ],
    [
      { model: "Book", operation: "update", input: JSON.parse('{"__proto__": 1}') },
      "There is no field of Book '__proto__'.",
    ],
  ])("throws with the right spelling: %j", (question, message) => {
    expect(thrownBy(() => ask(question))).toContain(message);
  });

  it("throws for administrators too", () => {
    const act = () => policy.decide(machine, { model: "Book", operation: "create", input: { prize: 1 } });
    expect(thrownBy(act)).toContain("invalid_input");
  });

  it.each([
    () => policy.filter(alice, { model: "Bok" }),
    () => policy.mask(alice, "Bok", {}),
    () => policy.matrix("Bok"),
    () => policy.fields("Bok"),
    () => policy.needsRecord("Bok", "get"),
    () => policy.needsRecord("Book", "read" as Operation),
    () => policy.checkFilterFields(alice, "Book", ["prize"]),
    () => policy.decideField(alice, "Bok", "title"),
    () => policy.decideField(alice, "Book", "titel"),
  ])("throws wherever it is named (%#)", (act) => {
    expect(thrownBy(act)).toMatch(/^(?:TypeError|invalid_input): (?:There is no|'read' is a word)/);
  });

  it("is found quickly and cut short, however long the name in a request is", () => {
    const input = { ["x".repeat(1_000_000)]: 1 };
    const start = performance.now();
    const message = thrownBy(() => ask({ model: "Book", operation: "create", input }));
    expect(performance.now() - start).toBeLessThan(500);
    expect(message).toContain(`There is no field of Book '${"x".repeat(100)}…'. There are id, `);
    expect(message.length).toBeLessThan(400);
  });

  it("cannot break a line of the log", () => {
    const input = { "a\nb": 1 };
    const message = thrownBy(() => ask({ model: "Book", operation: "create", input }));
    expect(message).toContain("There is no field of Book 'a\\u000ab'.");
  });

  it("does not concern fields that exist without being written down", () => {
    const input = { owner: "x", createdAt: "2026", _version: 1 };
    expect(
      build([{ allow: "private" }, { allow: "owner" }]).decide(alice, {
        model: "Post",
        operation: "create",
        input,
      }).allowed,
    ).toBe(true);
  });
});

describe("callers that no rule covers", () => {
  it("are denied, by mode", () => {
    const policy = build([{ allow: "private" }]);
    const question = { model: "Post", operation: "get", record: mine } as const;
    for (const identity of [nobody, key, guest, oidcUser("o"), authorized()]) {
      expect(policy.decide(identity, question)).toMatchObject({
        allowed: false,
        reason: "mode-not-configured",
      });
      expect(() => policy.filter(identity, { model: "Post" })).toThrow(AccessDenied);
      expect(policy.mask(identity, "Post", mine)).toEqual({ id: null, title: null, owner: null });
      expect(policy.readableFields(identity, "Post", mine)).toEqual([]);
    }
  });

  it("are denied if their provider is configured but has no rule", () => {
    const policy = build([{ allow: "private" }], {}, { providers: ["userPools", "apiKey"] });
    const decision = policy.decide(key, { model: "Post", operation: "get", record: mine });
    expect(decision).toMatchObject({ reason: "no-role-for-operation" });
    expect(decision.explanation).toBe("Post: no rule lets apiKey callers get");
  });

  it("are all callers for a model without rules", () => {
    const policy = createPolicy({ models: { Post: { fields } } }, { providers: ["userPools"] });
    expect(policy.decide(alice, { model: "Post", operation: "get", record: mine })).toMatchObject({
      reason: "no-auth-rules",
      explanation: "Post: no rules, so that get is denied",
    });
  });
});

describe("allOf", () => {
  const rules: readonly AuthRule[] = [
    { allow: "owner", allOf: [{ allow: "groups", groups: ["Editors", "Chiefs"] }] },
  ];
  const policy = build(rules);
  const editor = user("alice", { "cognito:groups": ["Editors"] });

  it("holds if all conditions hold", () => {
    const get = { model: "Post", operation: "get", record: mine } as const;
    expect(policy.decide(editor, get)).toMatchObject({
      allowed: true,
      rule: "Post:userPools:owner:owner:sub::username+staticGroup:Editors|Chiefs:cognito:groups",
    });
    expect(policy.decide(alice, get).allowed).toBe(false);
    expect(policy.decide(member("bob", "Editors"), get).allowed).toBe(false);
    expect(policy.filter(editor, { model: "Post" })).toMatchObject({ kind: "equals", field: "owner" });
    expect(() => policy.filter(alice, { model: "Post" })).toThrow(AccessDenied);
  });

  it("throws a rejection that adapters answer", () => {
    for (const [missing, code, status] of [
      [false, "forbidden", 403],
      [true, "not_found", 404],
    ] as const) {
      const explanation = "Post owner: bob, not alice";
      const decision = {
        allowed: false,
        reason: "record-filtered",
        deniedFields: [],
        missing,
        explanation,
      } as const;
      const error: unknown = new AccessDenied(decision);
      expect(error).toBeInstanceOf(AuthError);
      expect(error).toMatchObject({ code, status, reason: "record_filtered", detail: explanation, decision });
      expect(new AuthError("forbidden", "x")).not.toBeInstanceOf(AccessDenied);
    }
  });

  it("fills in the owner if the rest holds", () => {
    const create = { model: "Post", operation: "create", input: {} } as const;
    expect(policy.decide(editor, create)).toMatchObject({ writes: { owner: "sub-alice::alice" } });
    expect(policy.decide(alice, create).allowed).toBe(false);
    const open = build([...rules, { allow: "private" }]);
    expect(open.decide(alice, create)).toMatchObject({ allowed: true, writes: {} });
  });

  it("joins conditions on the record", () => {
    const team = build([{ allow: "groups", groupsField: "team", allOf: [{ allow: "owner" }] }], {
      fields: { ...fields, team: text },
    });
    const get = (record: object): boolean =>
      team.decide(member("alice", "A"), { model: "Post", operation: "get", record: { ...record } }).allowed;
    expect([
      get({ ...mine, team: "A" }),
      get({ ...mine, team: "B" }),
      get({ owner: "x", team: "A" }),
      get(mine),
    ]).toEqual([true, false, false, false]);
    expect(team.filter(member("alice", "A"), { model: "Post" })).toMatchObject({ kind: "and" });
    const create = { model: "Post", operation: "create" } as const;
    expect(team.decide(member("alice", "A"), { ...create, input: { team: "A" } })).toMatchObject({
      writes: { owner: "sub-alice::alice" },
    });
    expect(team.decide(member("alice", "A"), { ...create, input: { team: "B" } }).allowed).toBe(false);
  });
});

describe("hideAsMissing", () => {
  it("makes the records of others look as if there were none", () => {
    const hidden = build([{ allow: "owner" }], {}, { hideAsMissing: true });
    const shown = build([{ allow: "owner" }]);
    for (const operation of ["get", "update", "delete"] as const) {
      const question = { model: "Post", operation, record: mine, input: {} };
      expect(hidden.decide(bob, question)).toMatchObject({ allowed: false, missing: true });
      expect(shown.decide(bob, question)).toMatchObject({ allowed: false, missing: false });
    }
  });

  it("hides nothing that the caller may get", () => {
    const policy = build(
      [{ allow: "owner" }, { allow: "private", operations: ["read"] }],
      {},
      { hideAsMissing: true },
    );
    expect(policy.decide(bob, { model: "Post", operation: "delete", record: mine })).toMatchObject({
      missing: false,
    });
  });
});

describe("a record that does not exist", () => {
  it("is missing for callers that a rule covers, whichever the rule", () => {
    const open = build([{ allow: "private" }]);
    const owned = build([{ allow: "owner" }]);
    for (const operation of ["update", "delete"] as const) {
      const question = { model: "Post", operation, record: null, input: {} };
      expect(open.decide(alice, question)).toMatchObject({ reason: "record-missing", missing: true });
      expect(owned.decide(alice, question)).toMatchObject({ reason: "no-matching-role", missing: true });
    }
    const get = { model: "Post", operation: "get", record: null } as const;
    expect(owned.decide(alice, get)).toMatchObject({ reason: "record-missing", missing: true });
    expect(open.decide(alice, get)).toMatchObject({ allowed: true });
  });
});

describe("updates", () => {
  it("by a role of some fields cannot change which record is meant", () => {
    const policy = build([{ allow: "private", operations: ["read", "update"] }], {
      fields: { ...fields, id: { type: "ID!", rules: [{ allow: "private", operations: ["read"] }] } },
    });
    const update = (id: unknown): unknown =>
      policy.decide(alice, { model: "Post", operation: "update", record: mine, input: { id, title: "x" } });
    expect(update("1")).toMatchObject({ allowed: true });
    expect(update(1)).toMatchObject({ allowed: true });
    expect(update("2")).toMatchObject({ reason: "field-denied", deniedFields: ["id"] });
    // Objects are not compared, not even with a stored key that is an object itself.
    const record = { ...mine, id: { $oid: "1" } };
    const input = { id: { $oid: "2" }, title: "x" };
    expect(policy.decide(alice, { model: "Post", operation: "update", record, input })).toMatchObject({
      deniedFields: ["id"],
    });
  });

  it("name each rule that allows a part of them", () => {
    const policy = build([{ allow: "private", operations: ["read"] }], {
      fields: {
        id: { type: "ID" },
        title: { ...text, rules: [{ allow: "private", operations: ["update"] }] },
        owner: { ...text, rules: [{ allow: "owner", operations: ["update"] }] },
      },
    });
    const input = { title: "x", owner: "y" };
    expect(policy.decide(alice, { model: "Post", operation: "update", record: mine, input })).toMatchObject({
      rule: "Post:userPools:private, Post:userPools:owner:owner:sub::username",
    });
    expect(policy.decide(bob, { model: "Post", operation: "update", record: mine, input })).toMatchObject({
      deniedFields: ["owner"],
    });
  });

  it("are denied to a provider whose roles may only delete, if the API has several", () => {
    const rules: readonly AuthRule[] = [{ allow: "owner", operations: ["delete"] }];
    const question = { model: "Post", operation: "update", record: mine, input: { id: "1" } } as const;
    expect(build(rules).decide(alice, question).allowed).toBe(true);
    const several = build(rules, {}, { providers: ["userPools", "apiKey"] });
    expect(several.decide(alice, question)).toMatchObject({ reason: "no-role-for-operation" });
  });

  it("may set the keys that relations add, but not those that have rules of their own", () => {
    const models = (comment: ModelDefinition["fields"]): Policy =>
      createPolicy({
        models: {
          Blog: {
            rules: [{ allow: "private" }],
            fields: { id: { type: "ID!" }, posts: { type: "[Post]", relation: "hasMany" } },
          },
          Post: {
            rules: [{ allow: "owner", operations: ["create", "read", "update"] }],
            subscriptions: "off",
            fields: { ...fields, ...comment },
          },
        },
      });
    const question = {
      model: "Post",
      operation: "update",
      record: mine,
      input: { blogPostsId: "2" },
    } as const;
    expect(models({}).decide(alice, question).allowed).toBe(true);
    const written = models({ blogPostsId: { type: "ID", rules: [{ allow: "groups", groups: ["Admin"] }] } });
    expect(written.decide(alice, question)).toMatchObject({ deniedFields: ["blogPostsId"] });
  });
});

describe("what an authorizer denies", () => {
  const policy = createPolicy({
    models: {
      Report: {
        rules: [{ allow: "custom" }],
        fields: { id: { type: "ID!" }, profit: text, note: { type: "Note" } },
      },
      Country: { rules: [{ allow: "custom" }], fields: { id: { type: "ID!" } } },
    },
    types: {
      Note: { fields: { text, secret: text } },
      Query: { fields: { totals: { ...text, rules: [{ allow: "custom" }] } } },
    },
  });

  it("is null when read and denied when written", () => {
    const identity = authorized("Report.profit", "Note.secret");
    const record = { id: "1", profit: "7", note: { text: "a", secret: "b" } };
    expect(policy.mask(identity, "Report", record)).toEqual({
      id: "1",
      profit: null,
      note: { text: "a", secret: null },
    });
    expect(policy.decide(identity, { model: "Report", operation: "get", record })).toMatchObject({
      nullFields: ["profit", "note.secret"],
    });
    expect(policy.decide(identity, { model: "Report", operation: "create", input: record })).toMatchObject({
      reason: "field-denied",
      deniedFields: ["profit", "note.secret"],
    });
    expect(() => policy.checkFilterFields(identity, "Report", ["profit"])).toThrow(AccessDenied);
  });

  it.each([
    ["Mutation.createReport", "Report", "create"],
    ["Mutation.updateReport", "Report", "update"],
    ["Mutation.deleteReport", "Report", "delete"],
    ["Query.getReport", "Report", "get"],
    ["Query.listReports", "Report", "list"],
    ["Query.listCountries", "Country", "list"],
    ["Query.searchReports", "Report", "search"],
    ["Query.syncReports", "Report", "sync"],
  ] as const)("by root field is refused on every way to the model: %s", (field, model, operation) => {
    const question = { model, operation, record: { id: "1" }, input: {} };
    expect(policy.decide(authorized(field), question)).toMatchObject({
      reason: "field-denied",
      deniedFields: [field],
    });
    expect(policy.decide(authorized("Query.other"), question).allowed).toBe(true);
    if (operation === "list") expect(() => policy.filter(authorized(field), { model })).toThrow(AccessDenied);
  });

  it("is denied as a root field", () => {
    expect(policy.decideField(authorized("Query.totals"), "Query", "totals")).toMatchObject({
      reason: "field-denied",
    });
    expect(policy.decideField(authorized(), "Query", "totals").allowed).toBe(true);
  });
});

describe("fields outside models", () => {
  const schema = {
    models: {
      Todo: {
        rules: [{ allow: "private" }],
        fields: { id: { type: "ID!" }, note: { type: "Note" }, notes: { type: "[Note]" } },
      },
    },
    types: {
      Note: {
        fields: {
          content: text,
          admin: { ...text, rules: [{ allow: "groups", groups: ["Admin"] }] },
          inner: { type: "Note" },
        },
      },
      Query: {
        fields: {
          open: text,
          admins: { ...text, rules: [{ allow: "groups", groups: ["Admin"] }] },
          guests: { ...text, rules: [{ allow: "public", provider: "identityPool" }] },
          keys: { ...text, rules: [{ allow: "public" }] },
        },
      },
    },
  } as const;
  const policy = createPolicy(schema, { identityPool, providers: ["userPools", "identityPool", "apiKey"] });
  const admin = member("a", "Admin");
  const note = { content: "c", admin: "s", inner: { content: "d", admin: "t" } };

  it("of nested types are guarded when read, at any depth", () => {
    expect(policy.mask(alice, "Todo", { note, notes: [note, null] })).toEqual({
      note: { content: "c", admin: null, inner: { content: "d", admin: null } },
      notes: [{ content: "c", admin: null, inner: { content: "d", admin: null } }, null],
    });
    expect(policy.mask(admin, "Todo", { note: { ...note, unknown: 1 } })).toEqual({ note });
    expect(policy.decide(alice, { model: "Todo", operation: "get", record: { note } })).toMatchObject({
      nullFields: ["note.admin", "notes.admin"],
    });
  });

  it("of nested types are guarded when written, at any depth; in compat they are not", () => {
    const input = { note: { content: "c", inner: { admin: "t" } }, notes: [{ admin: "u" }] };
    for (const operation of ["create", "update"] as const) {
      const question = { model: "Todo", operation, input, record: { id: "1" } } as const;
      expect(policy.decide(alice, question)).toMatchObject({
        reason: "field-denied",
        deniedFields: ["note.inner.admin", "notes.admin"],
      });
      expect(policy.decide(admin, question).allowed).toBe(true);
      const compat = createPolicy(schema, { compat: { openNestedWrites: true } });
      expect(compat.decide(alice, question).allowed).toBe(true);
    }
  });

  it("of roots follow their rules, or are open to the default provider", () => {
    const decide = (identity: Parameters<Policy["decideField"]>[0], field: string): unknown =>
      policy.decideField(identity, "Query", field);
    expect(decide(alice, "open")).toMatchObject({ allowed: true, rule: "default-provider" });
    expect(decide(guest, "open")).toMatchObject({ allowed: false, reason: "no-auth-rules" });
    expect(decide(admin, "admins")).toMatchObject({
      allowed: true,
      rule: "Query.admins:userPools:staticGroup:Admin:cognito:groups",
    });
    expect(decide(alice, "admins")).toMatchObject({ allowed: false, reason: "no-matching-role" });
    expect(decide(guest, "admins")).toMatchObject({ allowed: false, reason: "no-role-for-operation" });
    expect(decide(guest, "guests")).toMatchObject({ allowed: true });
    expect(decide(signedIn, "guests")).toMatchObject({ allowed: false });
    expect(decide(key, "keys")).toMatchObject({ allowed: true });
    expect(decide(alice, "keys")).toMatchObject({ allowed: false, reason: "no-role-for-operation" });
    expect(policy.decideField(alice, "Note", "content")).toMatchObject({ allowed: true, rule: "no-rules" });
    expect(policy.decideField(alice, "Note", "admin")).toMatchObject({ allowed: false });
  });
});

describe("fields of models", () => {
  it("are decided one by one for resolvers", () => {
    const policy = bookstore();
    const employee = { id: "1", ssn: "1", owner: "sub-alice::alice" };
    expect(policy.decideField(alice, "Employee", "ssn", employee).allowed).toBe(true);
    expect(policy.decideField(bob, "Employee", "ssn", employee)).toMatchObject({
      reason: "no-matching-role",
    });
    expect(policy.decideField(bob, "Employee", "ssn")).toMatchObject({ reason: "needs-record" });
    expect(policy.decideField(bob, "Employee", "name").allowed).toBe(true);
    expect(policy.decideField(bob, "Book", "costPrice")).toMatchObject({ reason: "no-matching-role" });
    expect(policy.readableFields(bob, "Employee")).toEqual(["id", "name", "email", "owner"]);
    expect(policy.readableFields(alice, "Employee", employee)).toContain("ssn");
    expect(policy.readableFields(alice, "Employee")).not.toContain("ssn");
  });
});

describe("guarded fields", () => {
  it("are shown only by the rules of the caller's own provider", () => {
    const policy = build([{ allow: "private" }, { allow: "public" }], {
      fields: { ...fields, title: { ...text, rules: [{ allow: "public", operations: ["read"] }] } },
    });
    const question = { model: "Post", operation: "get", record: mine } as const;
    expect(policy.decide(alice, question)).toMatchObject({ nullFields: ["title"] });
    expect(policy.decide(key, question)).toMatchObject({ nullFields: [] });
  });

  it("are shown by any kind of reading", () => {
    const policy = build([{ allow: "private", operations: ["get", "list"] }], {
      subscriptions: "off",
      fields: { ...fields, title: { ...text, rules: [{ allow: "owner" }] } },
    });
    expect(policy.mask(alice, "Post", mine)).toEqual(mine);
    expect(policy.mask(bob, "Post", mine)).toEqual({ ...mine, title: null });
  });

  it("are guarded from readers without get, too", () => {
    const policy = build([{ allow: "owner" }, { allow: "groups", groups: ["A"], operations: ["list"] }], {
      fields: { ...fields, title: { ...text, rules: [{ allow: "owner" }] } },
    });
    expect(policy.mask(member("bob", "A"), "Post", mine)).toEqual({ ...mine, title: null });
    expect(policy.nullFieldsAfterWrite(alice, "Post", mine, true)).toEqual(["title"]);
  });
});

describe("a group claim that is one text", () => {
  const group = user("alice", { "cognito:groups": "A" });
  const list = user("alice", { "cognito:groups": '["A", "B"]' });

  it("counts for fields of one group, also as a JSON list", () => {
    const policy = build([{ allow: "groups", groupsField: "team" }], { fields: { ...fields, team: text } });
    for (const caller of [group, list]) {
      for (const operation of ["get", "update", "delete"] as const) {
        const question = { model: "Post", operation, record: { id: "1", team: "A" }, input: {} };
        expect(policy.decide(caller, question).allowed).toBe(true);
      }
    }
  });

  it("counts for fields of several groups when writing; Amplify filters them only by lists", () => {
    const teams = { ...fields, teams: { type: "[String]" } };
    const policy = build([{ allow: "groups", groupsField: "teams" }], { fields: teams });
    for (const caller of [group, list]) {
      const question = { model: "Post", record: { id: "1", teams: ["A"] }, input: {} };
      expect(policy.decide(caller, { ...question, operation: "update" }).allowed).toBe(true);
      expect(policy.decide(caller, { ...question, operation: "get" }).allowed).toBe(false);
      expect(() => policy.filter(caller, { model: "Post" })).toThrow(AccessDenied);
    }
  });
});

describe("answers to writes", () => {
  const guarded: Partial<ModelDefinition> = {
    fields: { ...fields, title: { ...text, rules: [{ allow: "owner" }] } },
  };
  const rules: readonly AuthRule[] = [{ allow: "owner" }, { allow: "private", operations: ["read"] }];

  it("hide guarded fields from all callers if subscribers receive them", () => {
    expect(build(rules, guarded).nullFieldsAfterWrite(alice, "Post", mine, true)).toEqual(["title"]);
    const administered = build(rules, guarded, { adminRoles: ["machine"] });
    expect(administered.nullFieldsAfterWrite(machine, "Post", mine, true)).toEqual(["title"]);
    const off = build(rules, { ...guarded, subscriptions: "off" });
    expect(off.nullFieldsAfterWrite(alice, "Post", mine, true)).toEqual([]);
    expect(off.nullFieldsAfterWrite(bob, "Post", mine, true)).toEqual(["title"]);
  });

  it("show what a read shows if no subscriber receives them as they are", () => {
    const policy = build(rules, guarded);
    expect(policy.maskWritten(alice, "Post", mine)).toEqual(policy.mask(alice, "Post", mine));
    expect(policy.maskWritten(alice, "Post", mine)).toEqual(mine);
    expect(policy.maskWritten(bob, "Post", mine)).toEqual({ ...mine, title: null });
    expect(policy.nullFieldsAfterWrite(alice, "Post", mine)).toEqual([]);
    expect(policy.nullFieldsAfterWrite(bob, "Post", mine)).toEqual(["title"]);
  });

  it("show the record to callers that may write but not read it", () => {
    const policy = build([{ allow: "owner", operations: ["create", "delete"] }]);
    expect(policy.maskWritten(alice, "Post", mine)).toEqual(mine);
    expect(policy.mask(alice, "Post", mine)).toEqual({ id: null, title: null, owner: null });
  });

  it("leave out relations to models with other roles", () => {
    const related = (ruleOfComment: AuthRule, subscriptions: "on" | "off" = "on"): readonly string[] =>
      createPolicy({
        models: {
          Post: {
            rules: [{ allow: "private" }],
            subscriptions,
            fields: { id: { type: "ID!" }, comments: { type: "[Comment]", relation: "hasMany" } },
          },
          Comment: { rules: [ruleOfComment], fields },
        },
      }).nullFieldsAfterWrite(alice, "Post", { id: "1" }, true);
    expect(related({ allow: "owner" })).toEqual(["comments"]);
    expect(related({ allow: "private" })).toEqual([]);
    expect(related({ allow: "owner" }, "off")).toEqual([]);
  });
});

describe("masks", () => {
  const policy = createPolicy({
    models: {
      Order: {
        rules: [{ allow: "private" }],
        fields: {
          id: { type: "ID!" },
          lines: { type: "[Line]", relation: "hasMany" },
          best: { type: "Line" },
          tag: { type: "Tag" },
        },
      },
      Line: { rules: [{ allow: "owner" }], fields: { id: { type: "ID!" }, owner: text } },
      Tag: { fields: { id: { type: "ID!" } } },
    },
  });

  it("follow the related model's rules", () => {
    const own = { id: "1", owner: "sub-alice::alice" };
    const foreign = { id: "2", owner: "sub-bob::bob" };
    expect(
      policy.mask(alice, "Order", { id: "1", lines: [own, foreign], best: foreign, tag: { id: "1" } }),
    ).toEqual({
      id: "1",
      lines: [own],
      best: null,
      tag: null,
    });
    expect(policy.mask(alice, "Order", { id: "1", best: "line-1" })).toEqual({ id: "1", best: "line-1" });
  });

  it("leave out what is no field, and leave their input as it was", () => {
    const record = Object.freeze({ id: "1", passwordHash: "x", tag: null });
    expect(policy.mask(alice, "Order", record)).toEqual({ id: "1", tag: null });
  });

  it("show all fields to callers that the rules do not apply to", () => {
    const shop = bookstore();
    const book = { id: "1", title: "Emma", costPrice: 3 };
    expect(shop.mask(machine, "Book", { ...book, secret: 1 })).toEqual(book);
    expect(shop.filter(machine, { model: "Book" })).toEqual({ kind: "always" });
    expect(
      shop.decide(machine, { model: "Book", operation: "update", record: null, input: {} }),
    ).toMatchObject({ missing: true });
  });
});

describe("listening", () => {
  const policy = build([{ allow: "owner" }, { allow: "groups", groups: ["Admin"] }]);
  const listen = (args?: Record<string, unknown>): unknown =>
    policy.decide(alice, { model: "Post", operation: "listen", ...(args !== undefined && { args }) });

  it("is allowed with the condition that events have to match", () => {
    const filter = { kind: "equals", field: "owner", anyOf: ["sub-alice::alice", "sub-alice", "alice"] };
    expect(listen()).toMatchObject({ allowed: true, filter });
    expect(listen({ owner: "alice" })).toMatchObject({ allowed: true, filter });
    expect(listen({ owner: null })).toMatchObject({ allowed: true, filter });
    expect(policy.decide(member("a", "Admin"), { model: "Post", operation: "listen" })).toMatchObject({
      filter: { kind: "always" },
    });
  });

  it("is denied for another owner", () => {
    expect(listen({ owner: "bob" })).toMatchObject({ allowed: false, reason: "owner-argument-mismatch" });
    expect(listen({ owner: ["alice"] })).toMatchObject({ allowed: false, reason: "owner-argument-mismatch" });
  });
});

describe("key arguments", () => {
  const policy = build([{ allow: "owner", identityClaim: "username" }], {
    key: ["owner", "id"],
    indexes: [{ name: "byTitle", fields: ["title"] }],
  });

  it.each([
    [{ owner: "bob" }, "owner-key-argument-mismatch"],
    [{ owner: { eq: "bob" } }, "owner-key-argument-mismatch"],
    [{ owner: { eq: ["alice", "bob"] } }, "owner-key-argument-mismatch"],
  ])("of another user are denied immediately: %j", (args, reason) => {
    for (const record of [undefined, null, mine]) {
      const question = {
        model: "Post",
        operation: "get",
        args,
        ...(record !== undefined && { record }),
      } as const;
      expect(policy.decide(alice, question)).toMatchObject({ allowed: false, reason });
    }
    expect(() => policy.filter(alice, { model: "Post", args })).toThrow(AccessDenied);
  });

  it.each([
    [{ owner: "alice" }],
    [{ owner: { eq: "alice" } }],
    [{ owner: { beginsWith: "b" } }],
    [{}],
    [{ index: "byTitle", owner: "bob" }],
  ])("of the caller, and others than keys, leave the filter as it was: %j", (args) => {
    expect(policy.filter(alice, { model: "Post", args })).toEqual({
      kind: "equals",
      field: "owner",
      anyOf: ["alice"],
    });
  });
});

describe("compat.partialClaimsRead", () => {
  const partial = oidcUser("s1");
  const rules: readonly AuthRule[] = [{ allow: "owner", provider: "oidc" }];

  it("lets the part of a name that is there read, not write; by default it does nothing", () => {
    const compat = build(rules, {}, { compat: { partialClaimsRead: true } });
    const question = (operation: Operation, owner: string): Question => ({
      model: "Post",
      operation,
      record: { owner },
      input: {},
    });
    expect(compat.decide(partial, question("get", "s1")).allowed).toBe(true);
    expect(compat.decide(partial, question("get", "s1::u1")).allowed).toBe(false);
    expect(compat.decide(partial, question("update", "s1")).allowed).toBe(false);
    expect(compat.decide(partial, question("listen", "s1")).allowed).toBe(false);
    expect(build(rules).decide(partial, question("get", "s1")).allowed).toBe(false);
  });
});

describe("a policy", () => {
  it("caches decisions only for frozen identities", () => {
    const policy = build([{ allow: "groups", groups: ["Admin"] }]);
    const groups: string[] = [];
    const loose = { ...alice, claims: { "cognito:groups": groups } };
    const question = { model: "Post", operation: "get", record: mine } as const;
    expect(policy.decide(loose, question).allowed).toBe(false);
    groups.push("Admin");
    expect(policy.decide(loose, question).allowed).toBe(true);
  });

  it("reads the claims again if only the identity around them is frozen", () => {
    const policy = build([{ allow: "groups", groups: ["Admin"] }]);
    const claims: Record<string, unknown> = { "cognito:groups": ["Admin"] };
    const shallow = Object.freeze({ ...alice, claims });
    const question = { model: "Post", operation: "get", record: mine } as const;
    expect(policy.decide(shallow, question).allowed).toBe(true);
    claims["cognito:groups"] = [];
    expect(policy.decide(shallow, question).allowed).toBe(false);
  });

  it("tells callers apart that ask in turns", () => {
    const policy = build([{ allow: "owner" }]);
    const question = { model: "Post", operation: "get", record: mine } as const;
    const allowed = [alice, bob, alice, bob, bob, alice].map(
      (caller) => policy.decide(caller, question).allowed,
    );
    expect(allowed).toEqual([true, false, true, false, false, true]);
  });

  it("changes neither what it is asked nor what it answered", () => {
    const policy = build([{ allow: "owner" }]);
    const input = Object.freeze({ title: "x" });
    const decision = policy.decide(alice, { model: "Post", operation: "create", input });
    expect(decision).toMatchObject({ writes: { owner: "sub-alice::alice" } });
    const again = policy.decide(alice, { model: "Post", operation: "get", record: mine });
    expect(Object.isFrozen(again)).toBe(true);
  });

  it("answers in JSON with everything that a log needs", () => {
    const policy = build([{ allow: "owner" }]);
    const denied = policy.decide(bob, { model: "Post", operation: "get", record: mine });
    expect(JSON.parse(JSON.stringify(denied))).toEqual({
      allowed: false,
      reason: "record-filtered",
      deniedFields: [],
      missing: false,
      explanation: "Post owner: alice, not bob",
    });
    const allowed = policy.decide(alice, { model: "Post", operation: "get", record: mine });
    expect(JSON.parse(JSON.stringify(allowed))).toMatchObject({
      allowed: true,
      explanation: "Post owner: alice",
    });
  });
});

it("takes a rule that compat.dropDynamicFieldRules drops for none", () => {
  const rules: readonly AuthRule[] = [{ allow: "owner" }];
  const schema = { models: {}, types: { Query: { fields: { mine: { ...text, rules } } } } };
  const policy = createPolicy(schema, {
    providers: ["userPools", "apiKey"],
    compat: { dropDynamicFieldRules: true },
  });
  for (const caller of [alice, key]) {
    expect(policy.decideField(caller, "Query", "mine")).toMatchObject({ reason: "no-matching-role" });
  }
});
