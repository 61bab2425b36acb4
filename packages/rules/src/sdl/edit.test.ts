import { readFileSync } from "node:fs";
import { array, assert, constantFrom, property, tuple, uniqueArray } from "fast-check";
import { describe, expect, it } from "vitest";
import { createPolicy } from "../policy.ts";
import type { AuthRule } from "../types.ts";
import { addField, addModel, removeField, removeModel, setSubscriptions } from "./edit-types.ts";
import { setRules } from "./edit-rules.ts";
import { printRule } from "./print-rule.ts";
import { parseSchema } from "./parse-schema.ts";

const fixture = readFileSync(new URL("bookstore.fixture.graphql", import.meta.url), "utf8");
/** Indexes are not edited here. */
const bookstore = fixture.replaceAll(/\s+@index(?:\([^)]*\))?/g, "");

const owner: AuthRule = { allow: "owner" };
const readers: AuthRule = { allow: "private", provider: "userPools", operations: ["read"] };
const librarians: AuthRule = { allow: "groups", groups: ["Librarians"] };
const guests: AuthRule = { allow: "public", provider: "identityPool", operations: ["read"] };

describe("rules are written as people write them", () => {
  it.each<[AuthRule, string]>([
    [owner, "{ allow: owner }"],
    [
      { identityClaim: "sub", provider: "oidc", ownerField: "author", allow: "owner" },
      '{ allow: owner, ownerField: "author", provider: oidc, identityClaim: "sub" }',
    ],
    [
      { allow: "groups", groups: ["A", 'the "best"'], operations: ["create", "read"] },
      '{ allow: groups, groups: ["A", "the \\"best\\""], operations: [create, read] }',
    ],
    [
      { allow: "owner", allOf: [{ allow: "groups", groupsField: "team" }] },
      '{ allow: owner, allOf: [{ allow: groups, groupsField: "team" }] }',
    ],
    [
      { allow: "public", provider: "identityPool", includeSignedIn: true },
      "{ allow: public, provider: identityPool, includeSignedIn: true }",
    ],
  ])("%j", (rule, text) => {
    expect(printRule(rule)).toBe(text);
  });
});

describe("rules change and nothing else does", () => {
  it.each<[string, string, readonly AuthRule[], string]>([
    [
      "a first rule goes on the line",
      "type A @model {\n  id: ID!\n}\n",
      [owner],
      "type A @model @auth(rules: [{ allow: owner }]) {\n  id: ID!\n}\n",
    ],
    [
      "rules that are too many for a line get lines of their own",
      "type A @model { # yes\n  id: ID!\n}\n",
      [readers, guests, librarians],
      `type A
  @model
  @auth(
    rules: [
      { allow: private, provider: userPools, operations: [read] }
      { allow: public, provider: identityPool, operations: [read] }
      { allow: groups, groups: ["Librarians"] }
    ]
  ) { # yes
  id: ID!
}
`,
    ],
    [
      "beside directives on lines of their own",
      "type A\n  @model\n{\n  id: ID!\n}\n",
      [owner],
      "type A\n  @model\n  @auth(rules: [{ allow: owner }])\n{\n  id: ID!\n}\n",
    ],
    [
      "a second rule on the line, the first as it was",
      "type A @model @auth(rules: [{allow:owner}]) {\n  id: ID!\n}\n",
      [owner, librarians],
      'type A @model @auth(rules: [{allow:owner}, { allow: groups, groups: ["Librarians"] }]) {\n  id: ID!\n}\n',
    ],
    [
      "a rule that stood without a list",
      "type A @model @auth(rules: {allow: owner}) { id: ID! }",
      [owner, librarians],
      'type A @model @auth(rules: [{allow: owner}, { allow: groups, groups: ["Librarians"] }]) { id: ID! }',
    ],
    [
      "a line that becomes too long is broken",
      "type A @model\n  @auth(rules: [{ allow: owner }]) {\n  id: ID!\n}\n",
      [owner, readers, guests],
      `type A @model
  @auth(
    rules: [
      { allow: owner }
      { allow: private, provider: userPools, operations: [read] }
      { allow: public, provider: identityPool, operations: [read] }
    ]
  ) {
  id: ID!
}
`,
    ],
    [
      "the last rule goes with its directive",
      "type A\n  @model\n  @auth(rules: [{ allow: owner }]) {\n  id: ID!\n}\n",
      [],
      "type A\n  @model {\n  id: ID!\n}\n",
    ],
    [
      "the last rule goes, the comments of its list stay",
      "type A @model @auth(rules: [\n  # nobody else\n  { allow: owner }\n]) {\n  id: ID!\n}\n",
      [],
      "type A @model\n  # nobody else\n  {\n  id: ID!\n}\n",
    ],
    [
      "windows line breaks",
      "type A @model {\r\n  id: ID!\r\n}\r\n",
      [readers, guests],
      "type A\r\n  @model\r\n  @auth(\r\n    rules: [\r\n      { allow: private, provider: userPools, operations: [read] }\r\n      { allow: public, provider: identityPool, operations: [read] }\r\n    ]\r\n  ) {\r\n  id: ID!\r\n}\r\n",
    ],
    ["nothing to remove", "type A @model { id: ID! }", [], "type A @model { id: ID! }"],
  ])("%s", (_name, before, rules, after) => {
    expect(setRules(before, { type: "A" }, rules)).toBe(after);
  });

  const listed = `type A
  @model
  @auth(
    rules: [
      # the author
      {allow:   owner}, # writes
      { allow: private, operations: [read] } # reads
      # and the staff
      { allow: groups, groups: "Librarians" }
    ]
  ) {
  id: ID!
}
`;
  const old: readonly AuthRule[] = [owner, { allow: "private", operations: ["read"] }, librarians];

  it("leaves an equal list as it is", () => {
    expect(setRules(listed, { type: "A" }, old)).toBe(listed);
  });

  it("adds a line behind the comment of the line before", () => {
    expect(setRules(listed, { type: "A" }, [old[0] ?? owner, guests, ...old.slice(1)])).toBe(
      listed.replace(
        "# writes\n",
        "# writes\n      { allow: public, provider: identityPool, operations: [read] }\n",
      ),
    );
  });

  it("adds a first line", () => {
    expect(setRules(listed, { type: "A" }, [guests, ...old])).toBe(
      listed.replace(
        "      {allow:   owner}",
        "      { allow: public, provider: identityPool, operations: [read] }\n      {allow:   owner}",
      ),
    );
  });

  it("changes one line", () => {
    expect(setRules(listed, { type: "A" }, [owner, readers, librarians])).toBe(
      listed.replace(
        "{ allow: private, operations: [read] }",
        "{ allow: private, provider: userPools, operations: [read] }",
      ),
    );
  });

  it("removes a line and keeps its comment", () => {
    expect(setRules(listed, { type: "A" }, [owner, librarians])).toBe(
      listed.replace("      { allow: private, operations: [read] } # reads\n", "      # reads\n"),
    );
    expect(setRules(listed, { type: "A" }, old.slice(0, 2))).toBe(
      listed.replace('      { allow: groups, groups: "Librarians" }\n', ""),
    );
  });

  it("gives a field rules: on its line, or below it", () => {
    const sdl = "type A @model {\n  id: ID!\n  owner: String # kept\n}\n";
    const at = { type: "A", field: "owner" };
    expect(setRules(sdl, at, [owner])).toBe(
      sdl.replace("String #", "String @auth(rules: [{ allow: owner }]) #"),
    );
    expect(setRules(sdl, at, [readers, guests])).toBe(`type A @model {
  id: ID!
  owner: String
    @auth(
      rules: [
        { allow: private, provider: userPools, operations: [read] }
        { allow: public, provider: identityPool, operations: [read] }
      ]
    ) # kept
}
`);
  });

  it("finds fields of extensions", () => {
    const sdl = "type A @model { id: ID! }\nextend type A { b: String }\n";
    expect(setRules(sdl, { type: "A", field: "b" }, [owner])).toBe(
      sdl.replace("b: String", "b: String @auth(rules: [{ allow: owner }])"),
    );
  });

  it("suggests the right name if a type or a field does not exist", () => {
    expect(() => setRules(bookstore, { type: "Bok" }, [owner])).toThrow("Write 'Book'");
    expect(() => setRules(bookstore, { type: "Book", field: "titel" }, [owner])).toThrow("Write 'title'");
  });

  it("says at which position a text cannot be read", () => {
    expect(() => setRules("type A @model {", { type: "A" }, [owner])).toThrow("1:16");
  });
});

describe("models and fields come and go", () => {
  it("begins with nothing, or with a comment", () => {
    const model = "type A @model {\n  id: ID!\n}\n";
    expect(addModel("", "A")).toBe(model);
    expect(addModel("\n\n", "A")).toBe(model);
    expect(addModel("# mine\n", "A")).toBe(`# mine\n\n${model}`);
    expect(addModel("type B { c: Int }", "A")).toBe(`type B { c: Int }\n\n${model}`);
  });

  it.each(["", "9", "a b", "__type", "A @model { id: ID! } type B", "É"])("rejects the name %j", (name) => {
    expect(() => addModel("", name)).toThrow("cannot name");
    expect(() => addField("type A { b: Int }", "A", name, "Int")).toThrow("cannot name");
  });

  it("rejects what exists already", () => {
    expect(() => addModel("enum A { b }", "A")).toThrow("already");
    expect(() => addField("type A { b: Int }", "A", "b", "Int")).toThrow("already");
  });

  it.each(["", "[", "String @auth(rules: [])", "Int } type B { c: Int"])("rejects the type %j", (type) => {
    expect(() => addField("type A { b: Int }", "A", "c", type)).toThrow("is not a type");
  });

  it.each([
    ["type A { b: Int }", "type A { b: Int\n  c: [Int!]\n}"],
    ["type A {\n  b: Int # last\n}\n", "type A {\n  b: Int # last\n  c: [Int!]\n}\n"],
    ["type A {\n  b: Int\n  # more to come\n}\n", "type A {\n  b: Int\n  # more to come\n  c: [Int!]\n}\n"],
    ["type A @model", "type A @model {\n  c: [Int!]\n}"],
  ])("adds a field to %j", (before, after) => {
    expect(addField(before, "A", "c", "[Int!]")).toBe(after);
  });

  it("takes a field with its description and rules, and leaves the others", () => {
    const without = removeField(bookstore, "Order", "owner");
    expect(without).not.toContain("Filled in by the shop");
    expect(Object.keys(parseSchema(without).models["Order"]?.fields ?? {})).not.toContain("owner");
    expect(without.slice(without.indexOf("type Review"))).toBe(
      bookstore.slice(bookstore.indexOf("type Review")),
    );
  });

  it("takes a model", () => {
    const without = removeModel(bookstore, "Order");
    expect(without).toContain("}\n\ntype Review");
    expect(Object.keys(parseSchema(without).models)).toEqual([
      "Book",
      "Review",
      "Club",
      "Employee",
      "Report",
    ]);
    expect(without.startsWith(bookstore.slice(0, bookstore.indexOf("type Order")))).toBe(true);
    expect(removeModel("type A @model { id: ID! }\n", "A")).toBe("");
  });

  it.each([
    ["@model", "off", "@model(subscriptions: null)"],
    ["@model", "public", "@model(subscriptions: { level: public })"],
    ["@model", "on", "@model"],
    ["@model(subscriptions: null)", "on", "@model"],
    ["@model(subscriptions: { level: off })", "public", "@model(subscriptions: { level: public })"],
    ["@model(queries: null)", "off", "@model(queries: null, subscriptions: null)"],
    ["@model(queries: null, subscriptions: null)", "on", "@model(queries: null)"],
  ] as const)("turns subscriptions of %s %s", (before, level, after) => {
    expect(setSubscriptions(`type A ${before} { id: ID! }`, "A", level)).toBe(`type A ${after} { id: ID! }`);
  });
});

describe("the bookstore", () => {
  const { models } = parseSchema(bookstore);

  /** As the fixture, built from nothing. */
  const rebuilt = Object.entries(models).reduce((sdl, [type, { rules = [], fields, subscriptions }]) => {
    let text = addModel(sdl, type);
    for (const [field, { type: fieldType }] of Object.entries(fields)) {
      if (field !== "id") text = addField(text, type, field, fieldType);
    }
    for (const [field, { rules: own = [] }] of Object.entries(fields)) {
      text = own.reduce((so, _rule, index) => setRules(so, { type, field }, own.slice(0, index + 1)), text);
    }
    text = rules.reduce((so, _rule, index) => setRules(so, { type }, rules.slice(0, index + 1)), text);
    return setSubscriptions(text, type, subscriptions ?? "on");
  }, "");

  it("comes out of an empty text rule by rule", () => {
    expect(parseSchema(rebuilt)).toEqual(parseSchema(bookstore));
    expect(createPolicy(parseSchema(rebuilt)).matrix()).toEqual(
      createPolicy(parseSchema(bookstore)).matrix(),
    );
  });

  it("keeps every line that is not about the rules, whatever is set and reset", () => {
    const comments = (sdl: string) => sdl.match(/#.*|^ *".*"$/gm);
    const anyRule = constantFrom<AuthRule>(
      owner,
      readers,
      guests,
      librarians,
      { allow: "public", operations: ["read"] },
      { allow: "groups", groupsField: "members", operations: ["read", "update"] },
      { allow: "owner", provider: "oidc", identityClaim: "sub" },
    );
    const places = Object.entries(models).flatMap(([type, { fields }]) => [
      { type },
      ...Object.keys(fields).map((field) => ({ type, field })),
    ]);
    assert(
      property(
        array(tuple(constantFrom(...places), uniqueArray(anyRule, { maxLength: 5 })), {
          minLength: 1,
          maxLength: 4,
        }),
        (steps) => {
          let sdl = bookstore;
          for (const [at, rules] of steps) {
            sdl = setRules(sdl, at, rules);
            const model = parseRules(sdl, at);
            expect(model).toEqual(rules.length === 0 ? undefined : rules);
          }
          expect(comments(sdl)).toEqual(comments(bookstore));
          expect(sdl).not.toMatch(/[ \t]$/m);
        },
      ),
      { numRuns: 200 },
    );
  });
});

function parseRules(sdl: string, { type, field }: { type: string; field?: string }) {
  const model = parseSchema(sdl).models[type];
  return field === undefined ? model?.rules : model?.fields[field]?.rules;
}
