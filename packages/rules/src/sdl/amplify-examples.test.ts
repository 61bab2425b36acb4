import { describe, expect, it } from "vitest";
import { PolicyError } from "../check/errors.ts";
import type { AuthRule, FieldDefinition, RuleSchema } from "../types.ts";
import { parseSchema } from "../sdl.ts";

// Every example of `@auth` in the Amplify documentation "Customize authorization rules".

const string: FieldDefinition = { type: "String" };
const id: FieldDefinition = { type: "ID!" };
const title: FieldDefinition = { type: "String!" };

interface Example {
  readonly name: string;
  readonly sdl: string;
  readonly schema: RuleSchema;
}

function todo(
  name: string,
  rule: string,
  rules: readonly AuthRule[],
  more: Record<string, FieldDefinition> = {},
): Example {
  const extra = Object.entries(more).map(([field, { type }]) => ` ${field}: ${type}`);
  return {
    name,
    sdl: `type Todo @model @auth(rules: [${rule}]) {\n content: String\n${extra.join("\n")}}`,
    schema: { models: { Todo: { rules, fields: { content: string, ...more } } } },
  };
}

function model(
  name: string,
  sdl: string,
  rules: readonly AuthRule[],
  fields: Record<string, FieldDefinition>,
): Example {
  return { name, sdl, schema: { models: { [/type (\w+)/.exec(sdl)?.[1] ?? ""]: { rules, fields } } } };
}

const salary = { id, wage: { type: "Int" }, currency: string };
const salaryFields = "{ id: ID! wage: Int currency: String }";

const examples: readonly Example[] = [
  todo("an owner", "{ allow: owner }", [{ allow: "owner" }]),
  todo(
    "everybody reads, the owner does everything",
    "{ allow: public, operations: [read] }, { allow: owner }",
    [{ allow: "public", operations: ["read"] }, { allow: "owner" }],
  ),
  {
    name: "the global rule",
    sdl: "input AMPLIFY {\n globalAuthRule: AuthRule = { allow: public }\n}",
    schema: { models: {}, sandbox: true },
  },
  todo("public", "{ allow: public }", [{ allow: "public" }]),
  model(
    "public with the provider iam",
    "# public authorization with provider override\ntype Post @model @auth(rules: [{ allow: public, provider: iam }]) { id: ID! title: String! }",
    [{ allow: "public", provider: "iam" }],
    { id, title },
  ),
  model(
    "public with the provider identityPool",
    "type Post @model @auth(rules: [{ allow: public, provider: identityPool }]) { id: ID! title: String! }",
    [{ allow: "public", provider: "identityPool" }],
    { id, title },
  ),
  todo("an owner who cannot delete", "{ allow: owner, operations: [create, read, update] }", [
    { allow: "owner", operations: ["create", "read", "update"] },
  ]),
  todo(
    "an owner in another field",
    '{ allow: owner, ownerField: "author" }',
    [{ allow: "owner", ownerField: "author" }],
    { author: string },
  ),
  model(
    "an owner who cannot reassign",
    `type Todo @model @auth(rules: [{ allow: owner }]) {
       id: ID!
       description: String
       owner: String @auth(rules: [{ allow: owner, operations: [read, delete] }])
     }`,
    [{ allow: "owner" }],
    {
      id,
      description: string,
      owner: { type: "String", rules: [{ allow: "owner", operations: ["read", "delete"] }] },
    },
  ),
  todo(
    "several owners",
    '{ allow: owner, ownerField: "authors" }',
    [{ allow: "owner", ownerField: "authors" }],
    { authors: { type: "[String]" } },
  ),
  todo("whoever is signed in", "{ allow: private }", [{ allow: "private" }]),
  model(
    "private with the provider iam",
    "type Post @model @auth(rules: [{ allow: private, provider: iam }]) { id: ID! title: String! }",
    [{ allow: "private", provider: "iam" }],
    { id, title },
  ),
  model(
    "private with the provider identityPool",
    "type Post @model @auth(rules: [{ allow: private, provider: identityPool }]) { id: ID! title: String! }",
    [{ allow: "private", provider: "identityPool" }],
    { id, title },
  ),
  {
    name: "a child that its parent's owner reads",
    sdl: `
      type Todo @model @auth(rules: [{ allow: owner }]) { id: ID! name: String! task: [Task] @hasMany }
      type Task @model @auth(rules: [{ allow: owner }, { allow: private, operations: [read] }]) {
        id: ID!
        description: String!
      }`,
    schema: {
      models: {
        Todo: {
          rules: [{ allow: "owner" }],
          fields: { id, name: title, task: { type: "[Task]", relation: "hasMany" } },
        },
        Task: {
          rules: [{ allow: "owner" }, { allow: "private", operations: ["read"] }],
          fields: { id, description: title },
        },
      },
    },
  },
  model(
    "a static group",
    `type Salary @model @auth(rules: [{ allow: groups, groups: ["Admin"] }]) ${salaryFields}`,
    [{ allow: "groups", groups: ["Admin"] }],
    salary,
  ),
  model(
    "dynamic groups, several of them",
    '# Dynamic group authorization\ntype Post @model @auth(rules: [{ allow: groups, groupsField: "groups" }]) { id: ID! title: String groups: [String] }',
    [{ allow: "groups", groupsField: "groups" }],
    { id, title: string, groups: { type: "[String]" } },
  ),
  model(
    "a dynamic group",
    'type Post @model @auth(rules: [{ allow: groups, groupsField: "group" }]) { id: ID! title: String group: String }',
    [{ allow: "groups", groupsField: "group" }],
    { id, title: string, group: string },
  ),
  model(
    "a Lambda function",
    `type Salary @model @auth(rules: [{ allow: custom }]) ${salaryFields}`,
    [{ allow: "custom" }],
    salary,
  ),
  model(
    "two rules without a comma between them",
    `type Post
       @model
       @auth(
         rules: [
           { allow: public, operations: [read], provider: iam }
           { allow: owner }
         ]
       ) {
       title: String
       content: String
     }`,
    [{ allow: "public", operations: ["read"], provider: "iam" }, { allow: "owner" }],
    { title: string, content: string },
  ),
  model(
    "a field for its owner alone",
    `type Employee @model @auth(rules: [{ allow: private, operations: [read] }, { allow: owner }]) {
       name: String
       email: String
       ssn: String @auth(rules: [{ allow: owner }])
     }`,
    [{ allow: "private", operations: ["read"] }, { allow: "owner" }],
    { name: string, email: string, ssn: { type: "String", rules: [{ allow: "owner" }] } },
  ),
  model(
    "a field that administrators cannot delete",
    `type Todo
       @model
       @auth(
         rules: [
           { allow: private, provider: iam }
           { allow: groups, groups: ["Admin"] }
         ]
       ) {
       id: ID!
       name: String!
         @auth(
           rules: [
             { allow: private, provider: iam }
             { allow: groups, groups: ["Admin"] }
           ]
         )
       description: String @auth(rules: [{ allow: private, provider: iam }])
     }`,
    [
      { allow: "private", provider: "iam" },
      { allow: "groups", groups: ["Admin"] },
    ],
    {
      id,
      name: {
        type: "String!",
        rules: [
          { allow: "private", provider: "iam" },
          { allow: "groups", groups: ["Admin"] },
        ],
      },
      description: { type: "String", rules: [{ allow: "private", provider: "iam" }] },
    },
  ),
  model(
    "claims of one's own",
    `type Post
       @model
       @auth(
         rules: [
           { allow: owner, identityClaim: "user_id" }
           { allow: groups, groups: ["Moderator"], groupClaim: "user_groups" }
         ]
       ) {
       id: ID!
       owner: String
       postname: String
       content: String
     }`,
    [
      { allow: "owner", identityClaim: "user_id" },
      { allow: "groups", groups: ["Moderator"], groupClaim: "user_groups" },
    ],
    { id, owner: string, postname: string, content: string },
  ),
];

describe("the examples of Amplify's documentation", () => {
  it.each(examples)("accepts $name", ({ sdl, schema }) => {
    expect(parseSchema(sdl)).toEqual(schema);
  });

  it("rejects the misspelt rule of its OpenID Connect example, with the right spelling", () => {
    const sdl = `type Todo
  @model
  @auth(
    rules: [
      { allow: owner, provider: oidc, identityClaim: "user_id" }
      { allow: private, provider: oidc }
      { allow: group, provider: oidc, groupClaim: "user_groups" }
    ]
  ) {
  content: String
}`;
    const error = errorOf(sdl);
    expect(error.errors).toEqual([
      {
        code: "unknown-strategy",
        level: "error",
        model: "Todo",
        position: { line: 7, column: 16 },
        message: "There is no strategy 'group'.",
        mend: "write allow: groups",
      },
    ]);
    // Spelt right, it still does not say which groups.
    expect(errorOf(sdl.replace("allow: group,", "allow: groups,")).errors).toMatchObject([
      { code: "groups-missing", position: { line: 7, column: 7 } },
    ]);
    const mended = sdl.replace("allow: group,", 'allow: groups, groups: ["Moderator"],');
    expect(parseSchema(mended).models.Todo?.rules).toHaveLength(3);
  });

  it("accepts the definition of the directive next to its uses", () => {
    const definition = `
      directive @auth(rules: [AuthRule!]!) on OBJECT | FIELD_DEFINITION
      input AuthRule { allow: AuthStrategy! provider: AuthProvider operations: [ModelOperation] # Required
        groups: [String] }
      enum AuthStrategy { owner groups private public custom }
      enum AuthProvider { apiKey iam oidc userPools function }
      enum ModelOperation { create update delete read get list sync listen search }`;
    const schema = parseSchema(
      `${definition} type Todo @model @auth(rules: [{ allow: owner }]) { content: String }`,
    );
    expect(schema).toEqual({
      models: { Todo: { rules: [{ allow: "owner" }], fields: { content: string } } },
    });
  });
});

function errorOf(sdl: string): PolicyError {
  try {
    parseSchema(sdl);
  } catch (error) {
    if (error instanceof PolicyError) return error;
    throw error;
  }
  throw new Error("The schema was accepted");
}
