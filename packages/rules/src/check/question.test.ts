import type { Identity } from "@authmodes/core";
import { describe, expect, it } from "vitest";
import { checkBoot } from "./boot-check.ts";
import { AuthError } from "@authmodes/core";
import { createPolicy } from "../policy.ts";
import { compareDecisions } from "../report/compare-decisions.ts";
import { restAccess } from "../decide/rest-access.ts";
import { parseSchema } from "../sdl.ts";
import { bookstore } from "../test/bookstore.ts";
import { authorized, guest, key, member, nobody, oidcUser, user } from "../test/identities.ts";

// Programmer's mistakes in what a policy is asked. None of them may allow anything.

const policy = bookstore();
const alice = user("alice");
const libby = member("libby", "Librarians");
const order = { id: "1", owner: "sub-alice::alice" };

/** A call with arguments that the types would not let pass. */
function call(method: (...args: never[]) => unknown, ...args: readonly unknown[]): () => unknown {
  return () => method(...(args as never[]));
}

describe("half an identity", () => {
  const without = (identity: Identity, ...names: readonly string[]): object =>
    Object.fromEntries(Object.entries(identity).filter(([name]) => !names.includes(name)));

  it.each<[unknown, string]>([
    [undefined, "The identity is undefined. Pass what authenticate() returned"],
    [null, "The identity is null"],
    ["alice", "The identity is alice"],
    [{}, "has no mode (text)"],
    [{ mode: "userPool" }, "The identity of mode userPool has no id"],
    [{ mode: "userPool", groups: ["Librarians"] }, "has no id"],
    [without(libby, "groups"), "has no groups (a list)"],
    [{ ...libby, groups: "Librarians" }, "has no groups (a list)"],
    [without(alice, "claims"), "has no claims (an object)"],
    [{ ...alice, claims: null }, "has no claims (an object)"],
    [without(alice, "username"), "has no username (text)"],
    [without(oidcUser("otto"), "sub"), "has no sub (text)"],
    [without(authorized("Report.profit"), "deniedFields"), "has no deniedFields (a list)"],
    [without(guest, "userArn"), "has no userArn (text)"],
    [{ ...key, id: undefined }, "has no id (text or null)"],
    [Promise.resolve(alice), "has no mode (text)"],
  ])("throws: %j", (identity, message) => {
    const calls = [
      call(policy.decide.bind(policy), identity, { model: "Order", operation: "get", record: order }),
      call(policy.decide.bind(policy), identity, { model: "Order", operation: "create", input: {} }),
      call(policy.filter.bind(policy), identity, { model: "Order" }),
      call(policy.mask.bind(policy), identity, "Order", order),
      call(policy.maskWritten.bind(policy), identity, "Order", order),
      call(policy.nullFieldsAfterWrite.bind(policy), identity, "Order", order),
      call(policy.readableFields.bind(policy), identity, "Order", order),
      call(policy.checkFilterFields.bind(policy), identity, "Order", ["note"]),
      call(policy.decideField.bind(policy), identity, "Order", "note", order),
      call(restAccess({ "/x": { signedIn: ["read"] } }).decide, identity, { method: "GET", route: "/x" }),
    ];
    for (const mistake of calls) {
      expect(mistake).toThrow(TypeError);
      expect(mistake).toThrow(message);
    }
  });

  it.each([{ ...nobody, mode: "refused" }, nobody, { ...nobody, mode: "saml", id: "x" }])(
    "is not needed for callers that no rule covers: %j",
    (identity) => {
      expect(policy.decide(identity as never, { model: "Book", operation: "get" })).toMatchObject({
        reason: "mode-not-configured",
      });
    },
  );
});

describe("a question that is misspelt", () => {
  const question = { model: "Order", operation: "update", record: order } as const;

  it.each<[unknown, string]>([
    [undefined, "decide(): pass an object with model, operation, record, input, args, fields."],
    [null, "decide(): pass an object"],
    ["Order", "decide(): pass an object"],
    [[question], "decide(): pass an object"],
    [{ model: "Order", operation: "get", rceord: order }, "Write 'record'."],
    [{ ...question, inptu: { owner: "bob" } }, "Write 'input'."],
    [{ ...question, fileds: ["owner"] }, "Write 'fields'."],
    [{ ...question, identity: alice }, "There is no member of a question 'identity'."],
    [{ modle: "Order", operation: "get", record: order }, "Write 'model'."],
    [{ model: "Order", opertion: "get", record: order }, "Write 'operation'."],
    [{ model: "Order", record: order }, "There is no operation undefined."],
    [{ operation: "get", record: order }, "There is no model undefined."],
  ])("throws: %j", (wrong, message) => {
    const mistake = call(policy.decide.bind(policy), alice, wrong);
    expect(mistake).toThrow(TypeError);
    expect(mistake).toThrow(message);
  });

  it("throws even if the record would be enough to decide", () => {
    const models = { Note: { rules: [{ allow: "owner" }], fields: { id: { type: "ID!" } } } } as const;
    const notes = createPolicy({ models });
    for (const operation of ["get", "list", "update", "delete"]) {
      const asked = { model: "Note", operation, record: order, inptu: { id: "2" } };
      expect(call(notes.decide.bind(notes), alice, asked)).toThrow("Write 'input'.");
    }
  });

  it("throws at the first question by an operation, however many were asked by another", () => {
    const notes = createPolicy({
      models: { Note: { rules: [{ allow: "owner" }], fields: { id: { type: "ID!" } } } },
    });
    for (let i = 0; i < 200; i++) notes.decide(alice, { model: "Note", operation: "get", record: order });
    const asked = { model: "Note", operation: "update", record: order, inptu: { id: "2" } };
    expect(call(notes.decide.bind(notes), alice, asked)).toThrow("Write 'input'.");
  });

  it("throws at the 100th question by an operation too", () => {
    const notes = createPolicy({
      models: { Note: { rules: [{ allow: "owner" }], fields: { id: { type: "ID!" } } } },
    });
    const question = { model: "Note", operation: "get", record: order } as const;
    for (let i = 1; i < 100; i++) notes.decide(alice, question);
    expect(call(notes.decide.bind(notes), alice, { ...question, inptu: {} })).toThrow("Write 'input'.");
  });

  it("is no longer searched for after 100 questions, which are decided like the first", () => {
    const rules = [{ allow: "owner" }, { allow: "groups", groupsField: "teams" }] as const;
    const models = { Note: { rules, fields: { teams: { type: "[String]" } } } };
    const notes = createPolicy({ models });
    const records = [
      order,
      { owner: "bob", teams: ["Librarians"] },
      { owner: libby.username },
      { owner: "bob" },
      {},
    ];
    for (const operation of ["get", "list", "update", "delete"] as const) {
      const decided = (): readonly string[] =>
        records.map((record) => JSON.stringify(notes.decide(libby, { model: "Note", operation, record })));
      const first = decided();
      for (let i = 0; i < 100; i++) expect(decided()).toEqual(first);
    }
  });

  it("takes a member that is undefined for one that is left out", () => {
    const ask = (asked: object): unknown => call(policy.decide.bind(policy), alice, asked)();
    for (const operation of ["get", "update", "delete"]) {
      const asked = { model: "Order", operation, record: undefined, input: undefined, args: undefined };
      expect(ask(asked)).toMatchObject({ allowed: false, reason: "needs-record" });
    }
    expect(ask({ model: "Order", operation: "create", input: undefined })).toMatchObject({
      allowed: false,
      reason: "needs-input",
    });
    const listed = { model: "Order", operation: undefined, args: undefined };
    for (const list of [policy.list.bind(policy), policy.filter.bind(policy)])
      expect(call(list, alice, listed)()).toEqual(call(list, alice, { model: "Order" })());
    for (const record of [undefined, null]) {
      const decided = call(policy.decideField.bind(policy), alice, "Employee", "ssn", record)();
      expect(decided).toMatchObject({ reason: "needs-record" });
    }
  });

  it("throws for lists, records, and what compares or checks policies", () => {
    const mistakes: readonly (readonly [() => unknown, string])[] = [
      [
        call(policy.filter.bind(policy), alice, undefined),
        "filter(): pass an object with model, operation, args.",
      ],
      [call(policy.filter.bind(policy), alice, { model: "Order", opertion: "sync" }), "Write 'operation'."],
      [
        call(policy.filter.bind(policy), alice, { model: "Order", operation: "update" }),
        "reading operation 'update'",
      ],
      [call(policy.mask.bind(policy), alice, "Order", undefined), "mask(): the record is an object"],
      [call(policy.maskWritten.bind(policy), alice, "Order", null), "maskWritten(): the record is an object"],
      [call(policy.nullFieldsAfterWrite.bind(policy), alice, "Order"), "the record is an object"],
      [call(policy.displayed.bind(policy), "Order"), "displayed(): the record is an object"],
      [call(policy.matrix.bind(policy), "Ordr"), "Write 'Order'."],
      [call(policy.needsRecord.bind(policy), "Ordr", "get"), "Write 'Order'."],
      [call(checkBoot, { policy, modes: [], productoin: true }), "Write 'production'."],
      [call(restAccess, {}, { isuers: {} }), "Write 'issuers'."],
      [call(restAccess, {}, { issuers: { oidc: undefined } }), "oidc is undefined"],
      [call(restAccess({}).decide, alice, { method: "GET", rout: "/" }), "Write 'route'."],
    ];
    for (const [mistake, message] of mistakes) {
      expect(mistake).toThrow(TypeError);
      expect(mistake).toThrow(message);
    }
    const compared = compareDecisions(policy, policy);
    expect(call(compared.policy.decide, alice, { model: "Order", rceord: order })).toThrow("Write 'record'.");
  });
});

describe("an undefined member", () => {
  it.each<[object, string]>([
    [{ issuers: { userPools: undefined } }, "issuers: userPools is undefined"],
    [{ issuers: undefined }, "issuers is undefined"],
    [{ matchOwnerParts: undefined }, "matchOwnerParts is undefined"],
    [{ nseted: true }, "Write 'nested'."],
  ])("of the options throws: %j", (options, message) => {
    expect(() => createPolicy({ models: {} }, options)).toThrow(message);
  });

  it("of a rule is an error: left out, it would grant every operation", () => {
    const rule = { allow: "owner", operations: undefined };
    const models = { Note: { rules: [rule as never], fields: { id: { type: "ID!" } } } };
    expect(() => createPolicy({ models })).toThrow("operations is undefined");
  });
});

describe("a write without its input", () => {
  const policy = createPolicy(
    parseSchema(`
      type Post @model(subscriptions: null) @auth(rules: [{ allow: custom }, { allow: private }, { allow: groups, groups: ["Admins"] }]) {
        id: ID! title: String place: Place
      }
      type Place { code: String @auth(rules: [{ allow: groups, groups: ["Admins"] }, { allow: custom }]) }
      type Plain @model(subscriptions: null) @auth(rules: [{ allow: custom }]) { id: ID! }
    `),
    { providers: ["userPools", "function"] },
  );
  const update = { model: "Post", operation: "update", record: { id: "1" } } as const;
  const create = { model: "Post", operation: "create" } as const;

  it.each([update, create])("is not allowed if a field of the input could be denied", (question) => {
    expect(policy.decide(authorized("Post.title"), question)).toMatchObject({ reason: "needs-input" });
    expect(policy.decide(authorized("Place.code"), question)).toMatchObject({ reason: "needs-input" });
    expect(policy.decide(user("alice"), question)).toMatchObject({ reason: "needs-input" });
  });

  it.each([update, create])("is allowed if every input is", (question) => {
    expect(policy.decide(authorized("Plain.id"), question).allowed).toBe(true);
    expect(policy.decide(member("ada", "Admins"), question).allowed).toBe(true);
  });
});

describe("what comes from the caller", () => {
  const create = { model: "Order", operation: "create" } as const;

  it.each<[() => unknown, string]>([
    [call(policy.decide.bind(policy), alice, { ...create, input: "note" }), "input is an object"],
    [call(policy.decide.bind(policy), alice, { ...create, input: null }), "input is an object"],
    [call(policy.decide.bind(policy), alice, { ...create, input: [] }), "input is an object"],
    [call(policy.decide.bind(policy), alice, { ...create, input: { nto: 1 } }), "field of Order 'nto'"],
    [call(policy.decide.bind(policy), alice, { ...create, args: "x" }), "args is an object"],
    [call(policy.list.bind(policy), alice, { model: "Order", args: [] }), "args is an object"],
    [call(policy.checkFilterFields.bind(policy), alice, "Order", ["nto"]), "field of Order 'nto'"],
  ])("is answered 400: %#", (ask, message) => {
    expect(ask).toThrow(AuthError);
    expect(ask).toThrow(
      expect.objectContaining({
        code: "invalid_input",
        status: 400,
        detail: expect.stringContaining(message),
      }),
    );
  });
});
