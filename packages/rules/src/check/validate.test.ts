import { describe, expect, it } from "vitest";
import { PolicyError } from "./errors.ts";
import type { PolicyOptions } from "../compile/options.ts";
import { createPolicy } from "../policy.ts";
import type { AuthRule, FieldDefinition, Finding, ModelDefinition, RuleSchema } from "../types.ts";

const text: FieldDefinition = { type: "String" };
const fields: ModelDefinition["fields"] = { id: { type: "ID!" }, title: text, owner: text };

function errorsOf(schema: unknown, options?: PolicyOptions): readonly Finding[] {
  try {
    createPolicy(schema as RuleSchema, options);
  } catch (error) {
    if (error instanceof PolicyError) return error.errors;
    throw error;
  }
  return [];
}

function errorsOfRule(rule: unknown, options?: PolicyOptions): readonly Finding[] {
  return errorsOf({ models: { Post: { rules: [rule], fields } } }, options);
}

function errorsOfField(rule: unknown): readonly Finding[] {
  return errorsOf({
    models: { Post: { subscriptions: "off", fields: { ...fields, title: { ...text, rules: [rule] } } } },
  });
}

describe("a rule", () => {
  it.each([
    ["no rule", null, "rule-shape", "a rule is an object"],
    ["a misspelt argument", { allow: "owner", ownerFeild: "a" }, "unknown-argument", "Write 'ownerField'"],
    ["a misspelt strategy", { allow: "group" }, "unknown-strategy", "Write 'groups'"],
    ["no strategy", {}, "unknown-strategy", "There is no strategy undefined"],
    [
      "a misspelt provider",
      { allow: "owner", provider: "userPool" },
      "unknown-provider",
      "Write 'userPools'",
    ],
    ["a misspelt operation", { allow: "owner", operations: ["raed"] }, "unknown-operation", "Write 'read'"],
    [
      "one operation, not in a list",
      { allow: "owner", operations: "read" },
      "operations-list",
      "is not a list",
    ],
    [
      "groups of a provider without groups",
      { allow: "groups", groups: ["a"], provider: "apiKey" },
      "provider-of-strategy",
      "@auth directive with 'groups' strategy only supports 'userPools' and 'oidc' providers, but found 'apiKey' assigned.",
    ],
    [
      "owners of a provider without owners",
      { allow: "owner", provider: "function" },
      "provider-of-strategy",
      "@auth directive with 'owner' strategy only supports 'userPools' (default) and 'oidc' providers, but found 'function' assigned.",
    ],
    [
      "public with tokens",
      { allow: "public", provider: "oidc" },
      "provider-of-strategy",
      "@auth directive with 'public' strategy only supports 'apiKey' (default) and 'identityPool' providers, but found 'oidc' assigned.",
    ],
    [
      "private with keys",
      { allow: "private", provider: "apiKey" },
      "provider-of-strategy",
      "@auth directive with 'private' strategy only supports 'userPools' (default) and 'identityPool' providers, but found 'apiKey' assigned.",
    ],
    [
      "custom with iam",
      { allow: "custom", provider: "iam" },
      "provider-of-strategy",
      "@auth directive with 'custom' strategy only supports 'function' (default) provider, but found 'iam' assigned.",
    ],
    [
      "groups without groups",
      { allow: "groups" },
      "groups-missing",
      "@auth directive with 'groups' should have a defined groups list or a groupsField.",
    ],
    [
      "both ways to name groups",
      { allow: "groups", groups: ["a"], groupsField: "b" },
      "groups-and-groups-field",
      "This rule has groupsField and groups, please use one or the other",
    ],
    [
      "an empty list of groups",
      { allow: "groups", groups: [] },
      "groups-empty",
      "@auth rules using groups cannot have an empty list",
    ],
    ["an empty group", { allow: "groups", groups: [""] }, "argument-text", "groups is not text, or empty"],
    [
      "a group that is no text",
      { allow: "groups", groups: [7] },
      "argument-text",
      "groups is not text, or empty",
    ],
    [
      "an empty owner field",
      { allow: "owner", ownerField: "" },
      "argument-text",
      "ownerField is not text, or empty",
    ],
    [
      "an empty part of a claim",
      { allow: "owner", identityClaim: "sub::" },
      "identity-claim-parts",
      "names an empty claim",
    ],
    [
      "identityClaim for groups",
      { allow: "groups", groups: ["a"], identityClaim: "sub" },
      "identity-claim-on-groups",
      "@auth identityClaim can only be used for 'allow: owner'",
    ],
    [
      "groupClaim for owners",
      { allow: "owner", groupClaim: "g" },
      "group-claim-on-owner",
      "@auth groupClaim can only be used 'allow: groups'",
    ],
    [
      "groups for everybody",
      { allow: "private", groups: ["a"] },
      "argument-of-strategy",
      "groups has no meaning for allow: private",
    ],
    [
      "ownerField for everybody",
      { allow: "public", ownerField: "a" },
      "argument-of-strategy",
      "ownerField has no meaning",
    ],
    [
      "reading twice",
      { allow: "owner", operations: ["read", "list", "get"] },
      "read-and-more",
      "'list,get' operations are specified in addition to 'read'. Either remove 'read' to limit access only to 'list,get' or only keep 'read' to grant all get,list,search,listen,sync access.",
    ],
    ["an empty allOf", { allow: "owner", allOf: [] }, "all-of-list", "allOf is not a list of conditions"],
    ["allOf for keys", { allow: "public", allOf: [{ allow: "owner" }] }, "all-of-provider", "needs claims"],
    ["private in allOf", { allow: "owner", allOf: [{ allow: "private" }] }, "all-of-strategy", "not private"],
    [
      "a provider in allOf",
      { allow: "owner", allOf: [{ allow: "owner", provider: "oidc" }] },
      "unknown-argument",
      "'provider'",
    ],
    [
      "groups without groups in allOf",
      { allow: "owner", allOf: [{ allow: "groups" }] },
      "groups-missing",
      "should have a defined groups list",
    ],
    [
      "includeSignedIn for keys",
      { allow: "public", includeSignedIn: true },
      "include-signed-in",
      "belongs to { allow: public, provider: identityPool }",
    ],
    [
      "includeSignedIn that is no boolean",
      { allow: "public", provider: "identityPool", includeSignedIn: "yes" },
      "include-signed-in",
      "true or false",
    ],
  ])("with %s is rejected", (_name, rule, code, message) => {
    const errors = errorsOfRule(rule);
    expect(errors.map((error) => error.code)).toEqual([code]);
    expect(errors[0]?.message).toContain(message);
    expect(errors[0]).toMatchObject({ level: "error", model: "Post" });
    expect(errors[0]?.mend).not.toBe("");
  });

  it.each([
    ["apiKey", { allow: "public" }, "API Key"],
    ["identityPool", { allow: "private", provider: "identityPool" }, "IAM"],
    ["iam", { allow: "private", provider: "iam" }, "IAM"],
    ["oidc", { allow: "private", provider: "oidc" }, "OPENID_CONNECT"],
    ["userPools", { allow: "owner" }, "Cognito User Pools"],
    ["function", { allow: "custom" }, "Lambda"],
  ] as const)("of a provider that is not configured is refused: %s", (provider, rule, mode) => {
    const all = ["apiKey", "identityPool", "oidc", "userPools", "function"] as const;
    const others = all.filter((other) => other !== (provider === "iam" ? "identityPool" : provider));
    expect(errorsOfRule(rule, { providers: others })).toMatchObject([
      {
        message: `@auth directive with '${provider}' provider found, but the project has no ${mode} authentication provider configured.`,
      },
    ]);
    expect(errorsOfRule(rule, { providers: all })).toEqual([]);
  });

  it("of a field takes only create, read, update and delete", () => {
    expect(errorsOfField({ allow: "owner", operations: ["create", "read", "update", "delete"] })).toEqual([]);
    expect(errorsOfField({ allow: "owner", operations: ["get", "listen"] })).toMatchObject([
      { field: "title", message: "'get,listen' operation is not allowed at the field level." },
    ]);
  });
});

describe("a model", () => {
  it("with an empty list of rules is rejected, on the model and on a field", () => {
    expect(errorsOf({ models: { Post: { rules: [], fields } } })).toMatchObject([
      { message: "@auth on Post does not have any auth rules." },
    ]);
    expect(errorsOf({ models: { Post: { fields: { title: { ...text, rules: [] } } } } })).toMatchObject([
      { field: "title", message: "@auth on title does not have any auth rules." },
    ]);
  });

  it("takes a role once, and a field's role from the last rule", () => {
    const twice: readonly AuthRule[] = [
      { allow: "owner", operations: ["read"] },
      { allow: "owner", operations: ["update"] },
    ];
    expect(errorsOf({ models: { Post: { rules: twice, fields } } })).toMatchObject([
      { message: "@auth userPools:owner:owner:sub::username already exists for Post" },
    ]);
    const policy = createPolicy({ models: { Post: { fields: { title: { ...text, rules: twice } } } } });
    expect(policy.matrix("Post")).toMatchObject([{ field: "title", operations: ["update"] }]);
  });

  it("takes rules that name several groups, and no group twice", () => {
    const rules: readonly AuthRule[] = [
      { allow: "groups", groups: ["A", "B"] },
      { allow: "groups", groups: ["B"] },
    ];
    expect(errorsOf({ models: { Post: { rules, fields } } })).toMatchObject([
      { message: "@auth userPools:staticGroup:B:cognito:groups already exists for Post" },
    ]);
  });

  it("with a required field that some reader may not see is rejected, unless subscriptions are off", () => {
    const model: ModelDefinition = {
      rules: [{ allow: "private" }],
      fields: { id: { type: "ID!" }, ssn: { type: "String!", rules: [{ allow: "owner" }] } },
    };
    const message = (required: string, who: string): string =>
      `When using field-level authorization rules you need to add rules to all of the model's required fields with at least read permissions. Found model "Post" with required fields ${required} missing field-level authorization rules. ${who}.`;
    expect(errorsOf({ models: { Post: model } })).toMatchObject([
      { field: "ssn", message: message('["ssn"]', "userPools:private may not read ssn") },
    ]);
    // Owners, who have a rule on ssn alone, may not see the id.
    const members: ModelDefinition = { ...model, rules: [{ allow: "groups", groups: ["A"] }] };
    expect(errorsOf({ models: { Post: members } })).toMatchObject([
      {
        field: "id",
        message: message(
          '["id","ssn"]',
          "userPools:owner:owner:sub::username may not read id; userPools:staticGroup:A:cognito:groups may not read ssn",
        ),
      },
    ]);
    for (const subscriptions of ["off", "public"]) {
      expect(errorsOf({ models: { Post: { ...model, subscriptions } } })).toEqual([]);
    }
  });

  it("whose owner is its sort key is rejected if the claim has several parts", () => {
    const keyed = (identityClaim: string): unknown => ({
      models: { Post: { rules: [{ allow: "owner", identityClaim }], fields, key: ["id", "owner"] } },
    });
    expect(errorsOf(keyed("sub::username"))).toMatchObject([
      {
        field: "owner",
        message:
          "The primary key's sort key type 'owner' cannot be used as an owner @auth field too. Please use another field for the sort key.",
      },
    ]);
    expect(errorsOf(keyed("username"))).toEqual([]);
  });

  it("whose key or index names no field is rejected with the right spelling", () => {
    const model = {
      rules: [{ allow: "private" }],
      fields,
      key: ["idd"],
      indexes: [{ name: "byTitle", fields: ["titel"] }],
    };
    expect(errorsOf({ models: { Post: model } }).map((error) => error.message)).toEqual([
      "There is no field of Post 'idd'. Write 'id'.",
      "There is no field of Post 'titel'. Write 'title'.",
    ]);
  });
});

describe("a type that is no model", () => {
  it.each([
    [
      "rules of its own",
      { Note: { rules: [{ allow: "private" }], fields } },
      "Types annotated with @auth must also be annotated with @model.",
    ],
    [
      "operations on a field",
      { Note: { fields: { title: { ...text, rules: [{ allow: "private", operations: ["read"] }] } } } },
      "@auth rules on fields within types that does not have @model directive cannot specify 'operations' argument as there are operations will be generated by the CLI.",
    ],
    [
      "operations on a root field",
      { Query: { fields: { title: { ...text, rules: [{ allow: "private", operations: ["read"] }] } } } },
      "@auth rules on fields within Query, Mutation, Subscription cannot specify 'operations' argument as these rules are already on an operation already.",
    ],
    [
      "an owner rule",
      { Note: { fields: { title: { ...text, rules: [{ allow: "owner" }] } } } },
      "owner rules need a record",
    ],
    [
      "a groupsField rule on a root field",
      { Mutation: { fields: { title: { ...text, rules: [{ allow: "groups", groupsField: "g" }] } } } },
      "groupsField rules need a record",
    ],
    [
      "groups that must own the record too",
      {
        Note: {
          fields: {
            title: { ...text, rules: [{ allow: "groups", groups: ["A", "B"], allOf: [{ allow: "owner" }] }] },
          },
        },
      },
      "owner rules need a record",
    ],
    ["the name of a model", { Post: { fields } }, "Post is both a model and a type"],
  ])("with %s is rejected", (_name, types, message) => {
    const models = { Post: { rules: [{ allow: "private" }], fields } };
    const errors = errorsOf({ models, types });
    expect(errors.map((error) => error.message)).toEqual([expect.stringContaining(message)]);
  });

  it("may drop rules that need a record if the option says so, as Amplify does silently", () => {
    const schema = {
      models: {},
      types: { Query: { fields: { mine: { ...text, rules: [{ allow: "owner" }] } } } },
    };
    expect(errorsOf(schema, { compat: { dropDynamicFieldRules: true } })).toEqual([]);
  });
});

describe("a schema", () => {
  it("with ten errors reports ten, each with its place and what to write", () => {
    const wrong = { ...text, rules: [{ allow: "owner", operations: ["list"] }] };
    const errors = errorsOf({
      models: {
        A: { rules: [{ allow: "group" }], fields },
        B: { rules: [], fields },
        C: { rules: [{ allow: "groups" }, { allow: "public", provider: "oidc" }], fields },
        D: { rules: [{ allow: "owner" }, { allow: "owner" }], fields },
        E: { fields: { a: wrong, b: wrong } },
      },
      types: {
        F: { rules: [{ allow: "owner" }], fields: { a: wrong, b: { ...text, rules: [{ allow: "owner" }] } } },
      },
    });
    expect(errors.map(({ model, field }) => [model, field].filter(Boolean).join("."))).toEqual([
      "A",
      "B",
      "C",
      "C",
      "D",
      "E.a",
      "E.b",
      "F",
      "F.a",
      "F.b",
    ]);
    expect(errors.every(({ mend, message }) => mend !== "" && message !== "")).toBe(true);
    const error = new PolicyError(errors);
    expect(error.message).toContain("The rules have 10 errors:");
    expect(error.message).toContain("- F.b: owner rules need a record");
    expect(error.message).toContain("  Fix: ");
  });

  it.each([
    ["null", null],
    ["a list", []],
    ["without models", {}],
    ["with a model that is null", { models: { Post: null } }],
    ["with a model without fields", { models: { Post: { rules: [{ allow: "private" }] } } }],
    ["with a field without a type", { models: { Post: { fields: { a: {} } } } }],
    ["with a field that is null", { models: { Post: { fields: { a: null } } } }],
    ["with a name that is none", { models: { "Po st": { fields } } }],
    ["with types that are a list", { models: {}, types: [] }],
    [
      "with a field named __proto__",
      JSON.parse('{"models": {"Post": {"fields": {"__proto__": {"type": "ID"}}}}}'),
    ],
    ["with rules that are no list", { models: { Post: { rules: { allow: "private" }, fields } } }],
    [
      "with a wrong level of subscriptions",
      { models: { Post: { rules: [{ allow: "private" }], fields, subscriptions: "on!" } } },
    ],
  ])("that is %s is rejected", (_name, schema) => {
    expect(errorsOf(schema)).not.toEqual([]);
  });
});

describe("options", () => {
  it.each([
    [{ provider: ["oidc"] }, "Write 'providers'"],
    [{ providers: ["userPool"] }, "Write 'userPools'"],
    [{ issuers: { userPool: "x" } }, "Write 'userPools'"],
    [{ identityPool: { ID: "x" } }, "Write 'id'"],
    [{ identityPool: "x" }, "identityPool is an object, not x"],
    [{ identityPool: { id: "" } }, "id is text that is not empty"],
    [{ adminRoles: [""] }, "adminRoles is a list of texts"],
    [{ hideAsMissing: "yes" }, "hideAsMissing is true or false"],
    [{ compat: { filledOwnerAllow: true } }, "Write 'filledOwnerAllows'"],
    [{ issuers: { oidc: undefined } }, "issuers: oidc is undefined. Is an environment variable missing?"],
    [{ identityPool: { id: undefined } }, "identityPool: id is undefined"],
    [{ hideAsMissing: undefined }, "createPolicy(): hideAsMissing is undefined"],
  ])("that are misspelt throw with the right spelling: %j", (options, message) => {
    const build = (): unknown => createPolicy({ models: {} }, options as unknown as PolicyOptions);
    expect(build).toThrow(TypeError);
    expect(build).toThrow(message);
  });
});
