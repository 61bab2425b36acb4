import { readFileSync } from "node:fs";
import { buildSchema } from "graphql";
import { describe, expect, it } from "vitest";
import { PolicyError } from "../check/errors.ts";
import { createPolicy } from "../policy.ts";
import { authDirectiveSdl, modelDirectivesSdl, parseSchema } from "../sdl.ts";
import type { Finding } from "../types.ts";
import { maxLength } from "./document.ts";

const bookstore = readFileSync(new URL("bookstore.fixture.graphql", import.meta.url), "utf8");

describe("what is read", () => {
  it("reads the rules of the bookstore, which make a policy and a GraphQL schema", () => {
    const schema = parseSchema(bookstore);
    expect(Object.keys(schema.models)).toEqual(["Book", "Order", "Review", "Club", "Employee", "Report"]);
    expect(schema.models.Book?.fields.costPrice).toEqual({
      type: "Float",
      rules: [{ allow: "groups", groups: ["Librarians"] }],
    });
    expect(schema.models.Order?.indexes).toEqual([{ name: "byOwner", fields: ["owner"] }]);
    expect(createPolicy(schema).schema).toEqual(schema);
    expect(buildSchema(authDirectiveSdl + modelDirectivesSdl + bookstore).getType("Book")).toBeDefined();
  });

  it("reads keys, indexes and relations", () => {
    const { Order } = parseSchema(`
      type Order @model {
        shop: ID! @primaryKey(sortKeyFields: ["number"])
        number: Int! @index(name: "byNumber", queryField: "ordersByNumber") @index(sortKeyFields: "day")
        day: AWSDate @default(value: "2026-11-22")
        lines: [Line] @hasMany(indexName: "byOrder", fields: ["number"])
        parent: Order @belongsTo
        next: Order @hasOne
        tags: [Line] @manyToMany(relationName: "OrderTags")
      }
      type Line @model { id: ID! }
    `).models;
    expect(Order).toEqual({
      fields: {
        shop: { type: "ID!", primaryKey: true },
        number: { type: "Int!" },
        day: { type: "AWSDate" },
        lines: { type: "[Line]", relation: "hasMany" },
        parent: { type: "Order", relation: "belongsTo" },
        next: { type: "Order", relation: "hasOne" },
        tags: { type: "[Line]", relation: "manyToMany" },
      },
      key: ["shop", "number"],
      indexes: [
        { name: "byNumber", fields: ["number"] },
        { name: "byNumberAndDay", fields: ["number", "day"] },
      ],
    });
  });

  it.each([
    ["@model", undefined],
    ['@model(queries: { get: "post" }, timestamps: null)', undefined],
    ["@model(subscriptions: { level: off })", "off"],
    ['@model(subscriptions: { level: public, onCreate: ["a"] })', "public"],
    ["@model(subscriptions: { level: on })", "on"],
    ["@model(subscriptions: null)", "off"],
  ])("reads %s as subscriptions %s", (directive, level) => {
    expect(parseSchema(`type Post ${directive} { id: ID! }`).models.Post?.subscriptions).toBe(level);
  });

  it("reads what this library adds to the rules", () => {
    const rule = '{ allow: owner, allOf: [{ allow: groups, groups: "Editors" }] }';
    const guests = "{ allow: public, provider: identityPool, includeSignedIn: true }";
    const { Post } = parseSchema(`type Post @model @auth(rules: [${rule} ${guests}]) { id: ID! }`).models;
    expect(Post?.rules).toEqual([
      { allow: "owner", allOf: [{ allow: "groups", groups: ["Editors"] }] },
      { allow: "public", provider: "identityPool", includeSignedIn: true },
    ]);
  });

  it("reads nested types and root types, and ignores other kinds of types", () => {
    const schema = parseSchema(`
      "A node." interface Node { id: ID! }
      union Any = Post | Note
      scalar Money @specifiedBy(url: "https://example.com/money")
      enum Status { draft published @deprecated }
      input PostInput { title: String = "none" }
      directive @mine(a: Int) repeatable on FIELD_DEFINITION
      directive @toString on FIELD_DEFINITION
      schema { query: Query }
      """ Posts. """
      type Post implements Node @model { id: ID! note: Note status: Status price: Money @mine @mine @toString any: Any node: Node }
      type Note { text: String secret: String @auth(rules: { allow: private }) }
      type Query { hello(name: String! = "you"): String! @auth(rules: [{ allow: custom }]) }
      extend type Query { bye: String @auth(rules: [{ allow: public }]) }
      extend type Post { subtitle: String @auth(rules: [{ allow: owner }]) }
    `);
    expect(schema.types).toEqual({
      Note: {
        fields: { text: { type: "String" }, secret: { type: "String", rules: [{ allow: "private" }] } },
      },
      Query: {
        fields: {
          hello: { type: "String!", rules: [{ allow: "custom" }] },
          bye: { type: "String", rules: [{ allow: "public" }] },
        },
      },
    });
    expect(schema.models.Post?.fields.subtitle).toEqual({ type: "String", rules: [{ allow: "owner" }] });
    expect(Object.keys(schema.models)).toEqual(["Post"]);
  });

  it("freezes what it read", () => {
    const { Todo } = parseSchema(
      "type Todo @model @auth(rules: [{ allow: owner, operations: read }]) { a: String }",
    ).models;
    expect(Todo?.rules).toEqual([{ allow: "owner", operations: ["read"] }]);
    expect(Object.isFrozen(Todo?.rules?.[0])).toBe(true);
    expect(Object.isFrozen(Todo?.rules?.[0]?.operations)).toBe(true);
  });
});

describe("invalid text", () => {
  // code, position, message, what to write instead
  it.each<[string, string, string, string]>([
    [
      "type Todo @model @auth(rules: [{ allow: guest }]) { a: String }",
      "1:41",
      "strategy 'guest'",
      "write allow: public, provider: identityPool",
    ],
    [
      "type Todo @model @auth(rules: [{ allow: authenticated }]) { a: String }",
      "1:41",
      "strategy 'authenticated'",
      "write allow: private",
    ],
    [
      "type Todo @model @auth(rules: [{ allow: everybody }]) { a: String }",
      "1:41",
      "strategy 'everybody'",
      "use one of owner, groups, private, public, custom",
    ],
    [
      'type Todo @model @auth(rules: [{ allow: "owner" }]) { a: String }',
      "1:41",
      "allow is a word",
      "write allow: owner, without quotes",
    ],
    [
      "type Todo @model @auth(rules: [{ allow: 1 }]) { a: String }",
      "1:41",
      "allow cannot be 1",
      "write one of owner, groups",
    ],
    [
      "type Todo @model @auth(rules: [{ allow: public, provider: userPool }]) { a: String }",
      "1:59",
      "provider 'userPool'",
      "write provider: userPools",
    ],
    [
      "type Todo @model @auth(rules: [{ allow: private, provider: AWS_IAM }]) { a: String }",
      "1:60",
      "provider 'AWS_IAM'",
      "write provider: identityPool",
    ],
    [
      "type Todo @model @auth(rules: [{ allow: owner, operations: [raed] }]) { a: String }",
      "1:61",
      "operation 'raed'",
      "write operations: read",
    ],
    [
      "type Todo @model @auth(rules: [{ allow: owner, operations: [subscribe] }]) { a: String }",
      "1:61",
      "operation 'subscribe'",
      "write operations: listen",
    ],
    [
      "type Todo @model @auth(rules: [{ allow: owner, operations: null }]) { a: String }",
      "1:60",
      "operations is null",
      "leave operations out",
    ],
    [
      "type Todo @model @auth(rules: [{ allow: owner, ownerField: author }]) { a: String }",
      "1:60",
      "ownerField cannot be author",
      'write text: "author", in quotes',
    ],
    [
      'type Todo @model @auth(rules: [{ allow: owner, ownersField: "a" }]) { a: String }',
      "1:48",
      "argument of rules 'ownersField'",
      "write ownerField",
    ],
    [
      "type Todo @model @auth(rules: [{ allow: owner, queries: [get] }]) { a: String }",
      "1:48",
      "argument of rules 'queries'",
      "write operations",
    ],
    [
      "type Todo @model @auth(rules: [{ allow: owner, allow: public }]) { a: String }",
      "1:48",
      "allow is given twice",
      "keep one",
    ],
    [
      "type Todo @model @auth(rules: [{ provider: oidc }]) { a: String }",
      "1:32",
      "has no allow",
      "add allow",
    ],
    [
      "type Todo @model @auth(rules: [owner]) { a: String }",
      "1:32",
      "a rule cannot be owner",
      "write { allow: owner }",
    ],
    [
      "type Todo @model @auth(rule: [{ allow: owner }]) { a: String }",
      "1:24",
      "argument of @auth 'rule'",
      "write rules",
    ],
    ["type Todo @model @auth { a: String }", "1:19", "@auth has no rules", "write @auth(rules:"],
    [
      "type Todo @model @auth(rules: [{ allow: public, provider: userPools }]) { a: String }",
      "1:32",
      "'public' strategy only supports",
      "set provider",
    ],
    [
      "type Todo @model { a: String @auth(rules: [{ allow: owner, operations: [list] }]) }",
      "1:44",
      "'list' operation is not allowed at the field level.",
      "on a field write read",
    ],
    [
      "type Query { a: String @auth(rules: [{ allow: private, operations: [read] }]) }",
      "1:38",
      "cannot specify 'operations'",
      "remove operations",
    ],
    [
      "type Todo @model @auth(rules: [{ allow: owner, allOf: [{ allow: groups, provider: oidc }] }]) { a: String }",
      "1:73",
      "argument of conditions 'provider'",
      "use one of allow",
    ],
    [
      "type Todo @model @auth(rules: [{ allow: owner }]) @auth(rules: [{ allow: public }]) { a: String }",
      "1:52",
      "@auth is here twice",
      "into one list",
    ],
    [
      "type Todo @model { a: String @atuh(rules: [{ allow: owner }]) }",
      "1:31",
      "directive 'atuh'",
      "write @auth",
    ],
    [
      'type Todo @model @key(fields: ["a"]) { a: String }',
      "1:19",
      "directive 'key'",
      "@primaryKey or @index",
    ],
    ["type Todo @model { a: String @toString }", "1:31", "directive 'toString'", "use one of"],
    [
      "interface I { f: String @auth(rules: [{ allow: owner }]) }",
      "1:26",
      "The @auth directive cannot be placed on an interface's field. See I.f",
      "move it",
    ],
    [
      "interface I @auth(rules: [{ allow: owner }]) { f: String }",
      "1:14",
      "@auth has no effect here",
      "move it to a type or a field",
    ],
    ["input I { f: String @auth(rules: [{ allow: owner }]) }", "1:22", "@auth has no effect here", "move it"],
    [
      "enum E @auth(rules: [{ allow: owner }]) { a b @auth(rules: []) }",
      "1:9",
      "@auth has no effect here",
      "move it",
    ],
    [
      "union U @auth(rules: [{ allow: owner }]) = Query type Query { a: String }",
      "1:10",
      "@auth has no effect here",
      "move it",
    ],
    [
      "type Query { f(a: Int @auth(rules: [{ allow: owner }])): String }",
      "1:24",
      "@auth has no effect here",
      "move it",
    ],
    [
      "type Todo @model { a: String } extend type Todo @auth(rules: [{ allow: owner }])",
      "1:50",
      "Directives are not supported on object or interface extensions. See the '@auth' directive on 'Todo'",
      "move it to 'type Todo'",
    ],
    ["type Todo @model { a: String @model }", "1:31", "@model has no effect here", "move it to a type"],
    ["type Query @model { a: String }", "1:13", "Query is a root type", "remove @model"],
    [
      "type Todo @model { a: String } type Todo { b: String }",
      "1:37",
      "a type 'Todo' already",
      "put them together",
    ],
    ["type Todo @model { a: String a: Int }", "1:30", "a field 'a' already", "keep one"],
    [
      "type Todo @model { note: Noet } type Note { a: String }",
      "1:26",
      "There is no type 'Noet'. Write 'Note'.",
      "scalar Noet",
    ],
    ["type Todo @model { __proto__: String }", "1:20", "belong to GraphQL", "rename"],
    ["type __proto__ @model { a: String }", "1:6", "belong to GraphQL", "rename"],
    ["extend type Todo { a: String }", "1:13", "There is no type 'Todo'", "without extend"],
    [
      "type Todo @model(subscription: null) { a: String }",
      "1:18",
      "argument of @model 'subscription'",
      "write subscriptions",
    ],
    [
      "type Todo @model(subscriptions: off) { a: String }",
      "1:33",
      "subscriptions cannot be off",
      "write { level: off }",
    ],
    [
      "type Todo @model(subscriptions: { level: of }) { a: String }",
      "1:42",
      "level of subscriptions 'of'",
      "write level: ",
    ],
    [
      'type Todo @model { a: ID @primaryKey(sortKeyFields: ["c"]) b: Int }',
      "1:53",
      "There is no field 'c'",
      "name fields",
    ],
    [
      "type Todo @model { a: ID @primaryKey b: ID @primaryKey }",
      "1:45",
      "a primary key already",
      "sortKeyFields",
    ],
    [
      'type Todo @model { a: ID @index(name: "x") b: ID @index(name: "x") }',
      "1:51",
      "an index 'x' already",
      "another name",
    ],
    [
      "input AMPLIFY { globalAuthRule: AuthRule = { allow: private } }",
      "1:44",
      "Only { allow: public }",
      "rules on each model",
    ],
    [
      "input AMPLIFY { globalAuthRule: AuthRule = { allow: public, provider: iam } }",
      "1:44",
      "Only { allow: public }",
      "rules on each model",
    ],
    ["input AMPLIFY { globalAuthRule: AuthRule }", "1:17", "has no rule", "{ allow: public }"],
    [
      "input AMPLIFY { global_auth_rule: AuthRule = { allow: public } }",
      "1:17",
      "field of AMPLIFY 'global_auth_rule'",
      "write globalAuthRule",
    ],
    [
      "schema { query: Root } type Root { a: String }",
      "1:17",
      "The query type is 'Root'",
      "rename it to Query",
    ],
    ["{ listTodos }", "1:1", "not a definition", "another file"],
  ])("rejects %s", (sdl, at, message, mend) => {
    const [first] = errorsOf(sdl);
    expect(`${first?.position?.line}:${first?.position?.column}`).toBe(at);
    expect(first?.message).toContain(message);
    expect(first?.mend).toContain(mend);
  });

  it("reports ten errors of a schema with ten errors, in their order, each with its place", () => {
    const errors = errorsOf(`
      type Post @model @auth(rules: [
        { allow: group, groups: ["Admin"] }
        { allow: owner, provider: apiKey }
        { allow: private, operations: [reed, wriet] }
      ]) {
        title: Strin
        ssn: String @aut(rules: [{ allow: owner }])
        note: String @auth(rules: [{ alow: owner }])
      }
      interface Node { id: ID @auth(rules: [{ allow: public }]) }
      extend type Post @auth(rules: [{ allow: public }])
    `);
    expect(
      errors.map(({ position, model, field, code }) => [position?.line, [model, field].join("."), code]),
    ).toEqual([
      [3, "Post.", "unknown-strategy"],
      [4, "Post.", "provider-of-strategy"],
      [5, "Post.", "unknown-operation"],
      [5, "Post.", "unknown-operation"],
      [7, "Post.title", "unknown-type"],
      [8, "Post.ssn", "unknown-directive"],
      [9, "Post.note", "missing-argument"],
      [9, "Post.note", "unknown-argument"],
      [11, "Node.id", "directive-on-interface"],
      [12, "Post.", "directive-on-extension"],
    ]);
  });

  it("says that reading stops at a syntax error", () => {
    expect(errorsOf("type Todo @model {\n  a: String\n  b String }")).toEqual([
      {
        code: "syntax",
        level: "error",
        position: { line: 3, column: 5 },
        message: expect.stringContaining("Syntax Error"),
        mend: expect.stringContaining("stops at the first"),
      },
    ]);
    expect(errorsOf("type Todo @model @auth(rules: [{ allow: 'owner' }]) { a: String }")).toMatchObject([
      { code: "syntax", position: { line: 1, column: 41 } },
    ]);
    expect(errorsOf("")).toMatchObject([{ code: "syntax" }]);
  });

  it("rejects text that is too long or too deep, and other values", () => {
    const comment = `#${" ".repeat(maxLength)}`;
    expect(errorsOf(`type Todo { a: String }${comment}`)).toMatchObject([{ code: "text-too-long" }]);
    const deep = "[".repeat(100_000);
    expect(errorsOf(`type Todo { a: ${deep}`)).toMatchObject([
      { code: "text-too-deep", position: { line: 1, column: 16 + 31 } },
    ]);
    // Brackets in text and in comments are not open.
    expect(parseSchema(`"${deep}" type Todo { a: String } # ${deep}`).types).toHaveProperty("Todo");
    expect(() => parseSchema(new Uint8Array() as unknown as string)).toThrow(TypeError);
  });

  it("tells line and column in the message of the error", () => {
    const sdl = "type Todo @model {\n  a: String @auth(rules: [{ allow: group }])\n}";
    expect(() => parseSchema(sdl)).toThrow(
      "- 2:36: Todo.a: There is no strategy 'group'.\n  Fix: write allow: groups",
    );
  });

  it("gives line, column and file to what createPolicy finds later", () => {
    const later = `type Todo
  @model
  @auth(rules: [{ allow: owner }]) {
  title: String!
  secret: String! @auth(rules: [{ allow: private }])
}
type Empty @model { id: ID! }`;
    const errors = (file?: string) =>
      caught(() => createPolicy(parseSchema(later, file === undefined ? {} : { file })));
    expect(errors().errors).toMatchObject([
      { model: "Todo", field: "title", position: { line: 4, column: 3 } },
    ]);
    expect(errors("rules/shop.graphql").message).toContain(
      "- rules/shop.graphql:4:3: Todo.title: When using",
    );
    const empty = createPolicy(parseSchema("\ntype Empty @model { id: ID! }", { file: "a.graphql" }));
    expect(empty.warnings).toMatchObject([
      { code: "model-without-rules", position: { file: "a.graphql", line: 2, column: 6 } },
    ]);
    // A copy is another schema.
    const copied = createPolicy({ ...parseSchema("type Empty @model { id: ID! }") });
    expect(copied.warnings[0]).not.toHaveProperty("position");
  });

  it("names the file in errors of the text", () => {
    expect(() => parseSchema("type Todo @model {", { file: "a.graphql" })).toThrow("- a.graphql:1:19: ");
    expect(() => parseSchema("type Todo { a: Nope }", { file: "a.graphql" })).toThrow(
      "- a.graphql:1:16: Todo.a",
    );
    expect(() => parseSchema("type Todo { a: ID }", { path: "a.graphql" } as object)).toThrow(
      "parseSchema() has no option 'path'",
    );
  });
});

describe("the directive's definition", () => {
  it("covers everything that a rule can say", () => {
    const everything = `
      type Query { a: String }
      type Todo @model @auth(rules: [
        { allow: owner, provider: oidc, ownerField: "a", identityClaim: "sub", operations: [create, update, delete, read],
          allOf: [{ allow: groups, groupsField: "g", groupClaim: "c" }] }
        { allow: groups, groups: ["A"], provider: userPools, operations: [get, list, search, listen, sync] }
        { allow: public, provider: identityPool, includeSignedIn: true }
        { allow: private, provider: iam }
        { allow: public, provider: apiKey }
        { allow: custom, provider: function }
      ]) { a: String g: String }
      input AMPLIFY { globalAuthRule: AuthRule = { allow: public } }`;
    expect(() => buildSchema(authDirectiveSdl + modelDirectivesSdl + everything)).not.toThrow();
    expect(parseSchema(authDirectiveSdl + modelDirectivesSdl + everything).sandbox).toBe(true);
  });
});

function errorsOf(sdl: string): readonly Finding[] {
  return caught(() => parseSchema(sdl)).errors;
}

function caught(run: () => unknown): PolicyError {
  try {
    run();
  } catch (error) {
    if (error instanceof PolicyError) return error;
    throw error;
  }
  throw new Error("The schema was accepted");
}
