import { type AuthRule, createPolicy, type PolicyOptions } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import { describe, expect, it } from "vitest";
import { type CallerForm, firstCaller, identityOf, sampleRecord } from "./callers.ts";
import { analyser } from "../../analyse.ts";
import { judge, namedProviders, objections, servedProviders } from "./choices.ts";
import { readDraft } from "./draft-text.ts";
import { draftOf, ruleOf, withStrategy } from "./draft.ts";
import { changedTypes, changesOf, difference } from "./rights.ts";
import { decideByRole } from "./why.ts";
import { roleWords, ruleInWords } from "./words.ts";

const rules: readonly (readonly [AuthRule, string])[] = [
  [{ allow: "public", operations: ["read"] }, "Anyone with an API key may read."],
  [{ allow: "public", provider: "identityPool" }, "Guests of the identity pool may do everything."],
  [
    { allow: "public", provider: "identityPool", includeSignedIn: true, operations: ["get", "list"] },
    "Guests and signed-in users of the identity pool may get and list.",
  ],
  [
    { allow: "private", operations: ["create", "read", "update"] },
    "Every user of the user pool may create, read and update.",
  ],
  [
    { allow: "private", provider: "iam", operations: [] },
    "Every signed-in user of the identity pool may do nothing.",
  ],
  [{ allow: "owner" }, "The owner named in owner may do everything."],
  [
    { allow: "owner", ownerField: "author", provider: "oidc", identityClaim: "sub" },
    "The owner named in author (OpenID provider, known by sub) may do everything.",
  ],
  [{ allow: "groups", groups: ["A", "B"] }, "Members of A or B may do everything."],
  [
    { allow: "groups", groupsField: "team", groupClaim: "roles", provider: "oidc" },
    "Members of the groups in team (OpenID provider, by roles) may do everything.",
  ],
  [
    { allow: "owner", allOf: [{ allow: "groups", groups: ["Staff"] }] },
    "The owner named in owner may do everything, if they are also members of Staff.",
  ],
  [{ allow: "custom" }, "Callers that the Lambda authorizer accepts may do everything."],
];

describe("rules in words", () => {
  it.each(rules)("%j", (rule, words) => {
    expect(ruleInWords(rule)).toBe(words);
  });

  it("names the roles of the matrix", () => {
    expect(
      roleWords({ allow: "groups", groups: ["A", "B"] }).map(({ name, short }) => [name, short]),
    ).toEqual([
      ["userPools:staticGroup:A:cognito:groups", "A"],
      ["userPools:staticGroup:B:cognito:groups", "B"],
    ]);
  });
});

describe("the form of a rule", () => {
  it.each(rules)("loses nothing of %j", (rule) => {
    const { provider, ...rest } = rule;
    expect(ruleOf(draftOf(rule))).toEqual(provider === "iam" ? { ...rest, provider: "identityPool" } : rule);
  });

  it("keeps what was typed when another strategy is looked at", () => {
    const draft = draftOf({ allow: "groups", groups: ["A"] });
    expect(
      ruleOf(withStrategy(withStrategy(draft, "owner", ["userPools"]), "groups", ["userPools"])),
    ).toEqual({
      allow: "groups",
      groups: ["A"],
    });
  });
});

describe("what can be chosen", () => {
  const schema = parseSchema(
    "type A @model @auth(rules: [{ allow: owner }]) { id: ID! b: String }\ntype Query { q: String }",
  );
  const options: PolicyOptions = { providers: ["apiKey", "userPools"] };
  const codes = (found: readonly { readonly code: string }[]) => found.map(({ code }) => code);

  it.each<[AuthRule, string | undefined, string | undefined]>([
    [{ allow: "public" }, undefined, undefined],
    [{ allow: "public", provider: "oidc" }, undefined, "provider-of-strategy"],
    [{ allow: "custom" }, undefined, "provider-not-configured"],
    [{ allow: "groups", groups: [] }, undefined, "groups-empty"],
    [{ allow: "owner", operations: ["get"] }, "b", "operation-on-field"],
  ])("%j on %s: %j", (rule, field, expected) => {
    const at = field === undefined ? { type: "A" } : { type: "A", field };
    expect(judge(schema, at, options)(rule)?.code).toBe(expected);
  });

  it("objects to a role that stands there already, and not to what was wrong before", () => {
    const twice: readonly AuthRule[] = [{ allow: "owner" }, { allow: "owner", operations: ["read"] }];
    expect(codes(objections(schema, { type: "A" }, twice, options))).toEqual(["role-twice"]);
    expect(codes(objections(schema, { type: "A" }, [{ allow: "owner" }], { providers: ["apiKey"] }))).toEqual(
      [],
    );
  });

  it("judges fields outside models as such", () => {
    const at = { type: "Query", field: "q" };
    const objectionTo = judge(schema, at, options);
    expect(objectionTo({ allow: "owner" })?.code).toBe("dynamic-rule-outside-models");
    expect(objectionTo({ allow: "private", operations: ["read"] })?.code).toBe("operations-outside-models");
  });

  it("offers what the server serves", () => {
    const modes = [{ mode: "iam" }, { mode: "lambda" }, { mode: "none" }];
    expect(servedProviders(modes, undefined)).toEqual(["identityPool", "function"]);
    const { options, providers } = createPolicy({ models: {} }, { providers: ["iam", "oidc"] });
    const named = namedProviders({ options, providers, stale: false, needsRestart: false });
    expect(servedProviders(modes, named)).toEqual(["identityPool", "oidc"]);
    expect(namedProviders({ options: {}, providers, stale: false, needsRestart: false })).toBe(undefined);
  });
});

describe("a text", () => {
  const analyse = analyser(readDraft);

  it("is read once as long as it is the file's or the page's", () => {
    const read: string[] = [];
    const once = analyser((text, asked) => {
      read.push(text);
      return readDraft(text, asked);
    });
    const options: PolicyOptions = {};
    // As it is edited twice, and saved: then the edited text is that of the file.
    for (const text of ["", "# a", "", "# b", "", "# b", "# b"]) once(text, options);
    expect(read).toEqual(["", "# a", "# b"]);
    once("# b", { providers: ["apiKey"] });
    expect(read).toEqual(["", "# a", "# b", "# b"]);
  });

  it("may be empty, or a comment", () => {
    expect(analyse("\n# nothing\n", {})).toMatchObject({ schema: { models: {} }, errors: [] });
  });

  it("has its errors at their lines", () => {
    const { schema, errors } = analyse(
      "type A @model @auth(rules: [{ allow: ownr }]) {\n  id: ID!\n  b: Strin\n}",
      {},
    );
    expect(schema).toBeUndefined();
    expect(errors.map(({ position }) => position?.line)).toEqual([1, 3]);
  });

  it("has a schema where only its rules cannot stand together", () => {
    const analysis = analyse(
      "type A @model @auth(rules: [{ allow: owner }, { allow: owner }]) { id: ID! }",
      {},
    );
    expect(analysis.schema?.models["A"]).toBeDefined();
    expect(analysis.policy).toBeUndefined();
    expect(analysis.errors).toMatchObject([{ code: "role-twice", position: { line: 1 } }]);
  });
});

describe("the difference of two schemas", () => {
  const policyOf = (sdl: string) => createPolicy(parseSchema(sdl));
  const told = (before: string, after: string) => {
    const [old, now] = [policyOf(before), policyOf(after)];
    const { widened, narrowed } = difference(old, now);
    const say = (rights: typeof widened) =>
      changesOf(rights, [now, old]).map(
        ({ who, operations, fields }) => `${who}: ${operations} ${fields.join(" ")}`,
      );
    return { types: changedTypes(old, now), widened: say(widened), narrowed: say(narrowed) };
  };
  const a = (auth: string, field = "") => `type A @model ${auth} { id: ID! b: String ${field} }`;
  const c = "\ntype C @model @auth(rules: [{ allow: owner }]) { id: ID! }";

  it("tells who may do more and who less, of what changed alone", () => {
    const before = a("@auth(rules: [{ allow: owner, operations: [read] }])") + c;
    const after = a('@auth(rules: [{ allow: groups, groups: ["G"], operations: [read] }])') + c;
    expect(told(before, after)).toEqual({
      types: ["A"],
      widened: ["Members of G: read id b"],
      narrowed: ["The owner named in owner: read id b"],
    });
  });

  it.each([
    [
      "a sandbox",
      a(""),
      `input AMPLIFY { globalAuthRule: AuthRule = { allow: public } }\n${a("")}`,
      /sandbox.*create, read/,
    ],
    [
      "deleting whole records",
      a("@auth(rules: [{ allow: owner }])", "@auth(rules: [{ allow: owner, operations: [read] }])"),
      a("@auth(rules: [{ allow: owner }])"),
      /owner: delete whole records/,
    ],
    [
      "a query",
      "type Query { q: String @auth(rules: [{ allow: private }]) }",
      "type Query { q: String @auth(rules: [{ allow: private }, { allow: public }]) }",
      /API key: read q/,
    ],
    [
      "a nested field that loses its rules",
      "type N { x: String @auth(rules: [{ allow: private }]) }",
      "type N { x: String }",
      /Readers of the parent: read x/,
    ],
  ])("sees %s open", (_what, before, after, sentence) => {
    expect(told(before, after).widened.join("\n")).toMatch(sentence);
  });
});

describe("why", () => {
  const sdl = `
type Order @model @auth(rules: [
  { allow: owner }
  { allow: owner, provider: oidc, identityClaim: "sub" }
  { allow: groups, groups: ["Librarians", "Poets"], operations: [read] }
]) {
  id: ID!
  note: String
  owner: String @auth(rules: [{ allow: owner, operations: [read, delete] }])
}`;
  const policy = createPolicy(parseSchema(sdl));
  const model = policy.schema.models["Order"];
  const ask = (form: Partial<CallerForm>, isTheirs: boolean) => {
    const identity = identityOf({ ...firstCaller, ...form }, {});
    if (model === undefined) throw new TypeError("There is no Order.");
    const record = sampleRecord(model, isTheirs ? identity : undefined);
    const { decision, steps } = decideByRole(policy, identity, { model: "Order", operation: "get", record });
    return [decision.allowed, steps.map((step) => [step.who, step.decision.allowed])];
  };

  it.each<[string, Partial<CallerForm>, boolean, boolean, string | undefined]>([
    ["an owner", {}, true, true, "The owner named in owner"],
    ["a stranger", {}, false, false, undefined],
    ["a librarian", { groups: "Librarians" }, false, true, "Members of Librarians"],
    ["a poet", { groups: "Poets" }, false, true, "Members of Poets"],
    [
      "an OpenID owner",
      { kind: "oidc", name: "otto" },
      true,
      true,
      "The owner named in owner (OpenID provider, known by sub)",
    ],
    ["a key", { kind: "apiKey" }, true, false, undefined],
  ])("tells which role lets %s pass", (_who, form, isTheirs, allowed, role) => {
    const [isAllowed, steps] = ask(form, isTheirs);
    expect(isAllowed).toBe(allowed);
    const letting = (steps as [string, boolean][]).filter(([, lets]) => lets).map(([who]) => who);
    expect(letting).toEqual(role === undefined ? [] : [role]);
    expect(steps).toHaveLength(4);
  });

  it("judges a single role as the whole policy does: owners by their full value where two providers name them", () => {
    const identity = identityOf(firstCaller, {});
    const record = { id: "1", owner: "alice" };
    const { decision, steps } = decideByRole(policy, identity, { model: "Order", operation: "get", record });
    expect(decision.allowed).toBe(false);
    expect(steps.map((step) => step.decision.allowed)).toEqual([false, false, false, false]);
  });

  it("says of a single role what it does not let callers do, although another one lets them", () => {
    const identity = identityOf({ ...firstCaller, groups: "Poets" }, {});
    const { steps } = decideByRole(policy, identity, { model: "Order", operation: "create" });
    const sentence = "Order: this rule does not let userPool callers create";
    expect(steps.filter(({ explanation }) => explanation === sentence).map(({ who }) => who)).toEqual([
      "The owner named in owner (OpenID provider, known by sub)",
      "Members of Librarians",
      "Members of Poets",
    ]);
  });
});
