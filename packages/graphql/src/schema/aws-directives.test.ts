import type { Identity } from "@authmodes/core";
import { createPolicy, type Provider } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import { buildSchema, type GraphQLSchema, graphql, parse, subscribe } from "graphql";
import { describe, expect, it } from "vitest";
import { awsDirectivesSdl } from "../index.ts";
import { ask } from "../test/ask.ts";
import { alice, apiKey, lambda, libby, nobody } from "../test/callers.ts";
import { guardedSchema } from "../test/shop.ts";
import { isAdmitted } from "./aws-directives.ts";

const sdl = `
type Query {
  closed: String
  keys: String @aws_api_key
  both: String @aws_api_key @aws_lambda
  librarians: String @aws_cognito_user_pools(cognito_groups: ["Librarians"])
  noGroup: String @aws_cognito_user_pools(cognito_groups: [])
  thing: Thing @aws_api_key @aws_lambda @aws_cognito_user_pools
  plain: Plain @aws_api_key
  getBook(id: ID!): Book
}
type Thing @aws_api_key @aws_cognito_user_pools { open: String keysAndLambdas: String @aws_lambda }
type Plain { text: String }
type Book { id: ID! title: String shelf: Plain }
`;
const models = `type Book @model @auth(rules: [{ allow: public }, { allow: private }]) { id: ID! title: String shelf: Shelf } type Shelf { text: String }`;
const policy = createPolicy(parseSchema(models));

function schemaOf(
  text: string,
  providers: readonly Provider[] = ["userPools", "apiKey", "function"],
): GraphQLSchema {
  const schema = buildSchema(awsDirectivesSdl + text);
  for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
    const object = {
      id: "b1",
      title: "t",
      open: "open",
      keysAndLambdas: "two",
      text: "text",
      shelf: { text: "s" },
    };
    field.resolve = () => (String(field.type) === "String" ? field.name : object);
  }
  return guardedSchema(schema, { policy, awsDirectives: { providers } });
}

const schema = schemaOf(sdl);

describe("AppSync's directives", () => {
  const cases: readonly (readonly [string, Identity, string, boolean])[] = [
    ["a field without one is open to the default mode", alice, "closed", true],
    ["a field without one is closed to every other", apiKey, "closed", false],
    ["a field without one is closed to callers without credentials", nobody, "closed", false],
    ["a field's own mode is admitted", apiKey, "keys", true],
    ["the default mode is not admitted in addition", alice, "keys", false],
    ["several are alternatives: one", apiKey, "both", true],
    ["several are alternatives: the other", lambda(), "both", true],
    ["several are alternatives: neither", alice, "both", false],
    ["groups admit their members", libby, "librarians", true],
    ["groups reject others", alice, "librarians", false],
    ["an empty list of groups admits no caller", libby, "noGroup", false],
  ];

  it.each(cases)("%s", async (_name, identity, field, isOpen) => {
    const { data, errors } = await ask(schema, identity, `{ ${field} }`);
    expect(data).toEqual({ [field]: isOpen ? field : null });
    expect(errors).toEqual(isOpen ? [] : [`${field}: Not Authorized to access ${field} on type Query`]);
  });

  it("a field's replace those of its type; parent and child both have to admit the caller", async () => {
    const query = `{ thing { open keysAndLambdas } }`;
    expect((await ask(schema, apiKey, query)).data).toEqual({
      thing: { open: "open", keysAndLambdas: null },
    });
    expect((await ask(schema, lambda(), query)).data).toEqual({
      thing: { open: null, keysAndLambdas: "two" },
    });
    expect((await ask(schema, apiKey, `{ plain { text } }`)).data).toEqual({ plain: { text: "text" } });
  });

  it("a type without one is open only to the default mode", async () => {
    const text = sdl.replace("shelf: Plain", "");
    expect((await ask(schemaOf(text), apiKey, `{ plain { text } }`)).errors).toEqual([
      "plain.text: Not Authorized to access text on type Plain",
    ]);
  });

  it("models and what they hold are left to their rules", async () => {
    const query = `{ getBook(id: "b1") { title shelf { text } } }`;
    expect(await ask(schema, apiKey, query)).toEqual({
      data: { getBook: { title: "t", shelf: { text: "s" } } },
      errors: [],
    });
  });

  it("of a type are read from extensions too", async () => {
    const extended = schemaOf(
      `type Query { plain: Plain @aws_api_key } type Plain { text: String } extend type Plain @aws_api_key`,
    );
    expect((await ask(extended, apiKey, `{ plain { text } }`)).errors).toEqual([]);
  });

  it("@aws_auth counts if user pools are the sole mode, and is rejected otherwise", async () => {
    const text = `type Query { a: String @aws_auth(cognito_groups: ["Librarians"]) }`;
    const sole = schemaOf(text, ["userPools"]);
    expect((await ask(sole, libby, `{ a }`)).data).toEqual({ a: "a" });
    expect((await ask(sole, alice, `{ a }`)).data).toEqual({ a: null });
    expect(() => schemaOf(text)).toThrow("@aws_auth has an effect only if user pools are the sole mode.");
  });

  it("a field without one is closed to an identity without a mode", async () => {
    expect((await graphql({ schema, source: "{ closed }", contextValue: { identity: {} } })).data).toEqual({
      closed: null,
    });
    expect(isAdmitted([{ provider: "iam" as never, groups: undefined }], {} as never)).toBe(false);
  });

  it("a misspelt argument admits no group, if the schema was built without validation", async () => {
    const text = 'type Query { a: String @aws_cognito_user_pools(cognitoGroups: ["Librarians"]) }';
    const unchecked = buildSchema(text, { assumeValidSDL: true });
    const copy = guardedSchema(unchecked, { policy, awsDirectives: { providers: ["userPools"] } });
    expect((await ask(copy, alice, "{ a }")).errors).toEqual(["a: Not Authorized to access a on type Query"]);
  });

  it("a field that a Lambda authorizer denied is closed, if the root type has another name", async () => {
    const renamed = schemaOf("schema { query: Root } type Root { a: String }", ["function"]);
    for (const [denied, a] of [
      ["Query.b", "a"],
      ["Query.a", null],
      ["Root.a", null],
    ] as const) {
      expect((await ask(renamed, lambda(denied), "{ a }")).data).toEqual({ a });
    }
  });

  it("a field that a Lambda authorizer denied is closed, under any name", async () => {
    const { errors } = await ask(schema, lambda("Query.both"), `{ x: both }`);
    expect(errors).toEqual(["x: Not Authorized to access both on type Query"]);
  });

  it("guard subscriptions that are about no model, which end with the credentials", async () => {
    const open = buildSchema(
      `${awsDirectivesSdl}type Query { a: Int } type Subscription { ticks: Int @aws_api_key }`,
    );
    let now = 1_000_000;
    const events = async function* (): AsyncGenerator<object> {
      for (;;) yield { ticks: 1 };
    };
    Object.assign(open.getSubscriptionType()?.getFields()["ticks"] ?? {}, { subscribe: () => events() });
    const awsDirectives = { providers: ["userPools", "apiKey"] } as const;
    const schema = guardedSchema(open, { policy, awsDirectives, clock: () => now });
    const listen = (identity: Identity): ReturnType<typeof subscribe> =>
      subscribe({ schema, document: parse(`subscription { ticks }`), contextValue: { identity } });
    expect(await listen(alice)).toMatchObject({
      errors: [{ message: "Not Authorized to access ticks on type Subscription" }],
    });
    const stream = await listen({ ...apiKey, expiresAt: 1010 });
    if (!(Symbol.asyncIterator in stream)) throw new Error("refused");
    expect(await stream.next()).toEqual({ done: false, value: { data: { ticks: 1 } } });
    now = 1_010_000;
    expect((await stream.next()).value).toMatchObject({
      errors: [{ message: "Token has expired." }],
    });
    expect((await stream.next()).done).toBe(true);
  });
});
