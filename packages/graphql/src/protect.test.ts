import {
  buildSchema,
  execute,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isObjectType,
  parse,
  printSchema,
} from "graphql";
import { describe, expect, it } from "vitest";
import { filterOf, type ProtectOptions } from "./index.ts";
import { ask } from "./test/ask.ts";
import { alice, bob } from "./test/callers.ts";
import type { Context } from "./test/resolvers.ts";
import { data, load } from "./test/shop-data.ts";
import { modelsSdl } from "./test/shop-sdl.ts";
import { guardedSchema, guardedShop, openSchema, shop, shopPolicy } from "./test/shop.ts";

function building(options: Partial<ProtectOptions<Context>>, more = ""): () => GraphQLSchema {
  return () => shop(options, {}, more);
}

describe("protect", () => {
  it("leaves the schema that it is given as it is", async () => {
    const open = openSchema();
    const before = printSchema(open);
    const copy = guardedShop(open);
    expect(printSchema(copy)).toBe(before);
    expect(printSchema(open)).toBe(before);
    const query = `{ getOrder(id: "o1") { id } }`;
    expect((await ask(open, bob, query)).data).toEqual({ getOrder: { id: "o1" } });
    expect((await ask(copy, bob, query)).data).toEqual({ getOrder: null });
    const type = copy.getType("Book");
    expect(isObjectType(type) && type.astNode?.directives?.length).toBeGreaterThan(0);
  });

  it("keeps what a schema has besides its types", () => {
    const open = buildSchema(`"Of a shop" schema { query: Query } directive @cost(of: Int) on FIELD
      type Query { getOrder(id: ID!): Order } type Order { id: ID! } scalar Money`);
    open.extensions = { shop: true };
    const copy = guardedSchema(open);
    expect(printSchema(copy)).toBe(printSchema(open));
    expect(copy.extensions).toEqual({ shop: true });
    expect(copy.extensionASTNodes).toEqual([]);
    expect(copy.getQueryType()).not.toBe(open.getQueryType());
  });

  it("guards resolvers that are methods of the root value", async () => {
    const schema = guardedSchema(
      buildSchema(`type Query { getOrder(id: ID!): Order } type Order { id: ID! note: String }`),
    );
    const result = await execute({
      schema,
      document: parse(`{ getOrder(id: "o1") { note } }`),
      rootValue: { getOrder: () => data.orders[0] },
      contextValue: { identity: bob },
    });
    expect(result.data).toEqual({ getOrder: null });
  });

  it("finds the rules of root types that have other names", async () => {
    const schema = guardedSchema(
      buildSchema(
        `schema { query: Root } type Root { me: String getOrder(id: ID!): Order } type Order { id: ID! }`,
      ),
    );
    const result = await ask(schema, bob, `{ me getOrder(id: "o1") { id } }`);
    expect(result).toEqual({ data: { me: null, getOrder: null }, errors: [] });
  });

  it("recognises index queries by the names of both generations and by queryField", async () => {
    const sdl = `type Query { ordersByOwner: [Order] listOrderByOwner: [Order] mine: [Order] }
      directive @index(name: String, queryField: String) repeatable on FIELD_DEFINITION
      type Order { id: ID! owner: String @index(name: "byOwner", queryField: "mine") }`;
    const schema = buildSchema(sdl);
    for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
      field.resolve = (_source, _args, _context, info) =>
        filterOf(info).kind === "always" ? [] : [data.orders[0], data.orders[1]];
    }
    const { data: answered } = await ask(
      guardedSchema(schema),
      alice,
      `{ ordersByOwner { id } listOrderByOwner { id } mine { id } }`,
    );
    const mine = [{ id: "o1" }];
    expect(answered).toEqual({ ordersByOwner: mine, listOrderByOwner: mine, mine });
  });

  it("rejects everything that the rules would not cover, together", () => {
    const build = building(
      { operations: {}, load: {} },
      `extend type Query { searchOrders: Int } extend type Book { isbn: String }
       extend type Mutation { createReview(input: ReviewInput, all: Boolean): Review, deleteReview(all: Boolean): Review }
       input ReviewInput { text: String, likes: Int }`,
    );
    for (const sentence of [
      "- Query.allOrders: nothing says who may use it.",
      "- Query.searchOrders: nothing says who may use it.",
      "- Book.isbn: the rules do not have this field.",
      "- Mutation.updateOrder: rules look at the stored record: add load: { Order:",
      "- Mutation.createReview: Review has no likes, which the input has.",
      "- Mutation.deleteReview: Review has no all, which the input has.",
    ]) {
      expect(build).toThrow(sentence);
    }
  });

  it("rejects updates of several records, or without a key", () => {
    const more = `extend type Mutation { updateReview(input: ReviewInput): Review createReview(input: [ReviewInput]): Review }
      input ReviewInput { text: String }`;
    const build = building({ load: { ...load, Review: () => null } }, more);
    expect(build).toThrow("Mutation.updateReview: without an argument for id no record can be loaded.");
    expect(build).toThrow("Mutation.createReview: the argument 'input' has to be one input object");
  });

  it("rejects subscriptions to a model that has them off", () => {
    const policy = shopPolicy(
      {},
      modelsSdl.replace("type Order @model", "type Order @model(subscriptions: { level: off })"),
    );
    expect(building({ policy })).toThrow("Subscription.onCreateOrder: the subscriptions of Order are off.");
  });

  it.each<readonly [string, Partial<ProtectOptions<Context>> & Readonly<Record<string, unknown>>]>([
    ["protect() has no option 'polcy'. Write 'policy'", { polcy: true }],
    ["protect(): load is undefined", { load: undefined as never }],
    [
      "protect(): awsDirectives: providers is undefined",
      { awsDirectives: { providers: undefined as never } },
    ],
    ["awsDirectives takes the providers", { awsDirectives: {} as never }],
    ["there is no provider 'iam'. Write 'identityPool'", { awsDirectives: { providers: ["iam" as never] } }],
    ["'userPols'. Write 'userPools'", { awsDirectives: { providers: ["apiKey", "userPols" as never] } }],
    ["'undefined'. Write 'apiKey', 'userPools'", { awsDirectives: { providers: [undefined as never] } }],
    ["operations has no option 'mutation'. Write 'Mutation'", { operations: { mutation: {} } as never }],
    ["identity is not a function", { identity: alice as never }],
    ["load names 'Ordr', which is not a model", { load: { Ordr: () => null } }],
    [
      "operations.Query.allBooks: the schema has no such field",
      { operations: { Query: { allBooks: { model: "Book", operation: "list" } } } },
    ],
    [
      "there is no model 'Ordr'",
      { operations: { Query: { allOrders: { model: "Ordr", operation: "list" } } } },
    ],
    [
      "'update' is not one of get, list, search, sync",
      { operations: { Query: { allOrders: { model: "Order", operation: "update" } } } },
    ],
    [
      "Order has no index 'byNote'",
      { operations: { Query: { allOrders: { model: "Order", operation: "list", index: "byNote" } } } },
    ],
  ])("says: %s", (sentence, options) => {
    expect(building(options)).toThrow(TypeError);
    expect(building(options)).toThrow(sentence);
  });
});

describe("filterOf", () => {
  it("returns what the stored record met, in an update and a delete, and nothing in a create", async () => {
    const seen: unknown[] = [];
    const take: GraphQLFieldResolver<unknown, unknown> = (_source, _args, _context, info) => {
      seen.push(filterOf(info));
      return data.orders[0];
    };
    const schema = shop({}, { Mutation: { createOrder: take, updateOrder: take, deleteOrder: take } });
    const write = (name: string): Promise<unknown> =>
      ask(schema, alice, `mutation { ${name}(input: { id: "o1" }) { id } }`);
    await write("updateOrder");
    await write("deleteOrder");
    const mine = {
      kind: "equals",
      field: "owner",
      anyOf: expect.arrayContaining([data.orders[0]?.["owner"]]),
    };
    expect(seen).toEqual([mine, mine]);
    expect(
      await ask(schema, alice, `mutation { createOrder(input: { bookId: "b1" }) { id } }`),
    ).toMatchObject({
      errors: [
        expect.stringContaining("Mutation.createOrder is not a list of a model's records, nor an update"),
      ],
    });
  });

  it("throws on fields that are no lists of records", async () => {
    const schema = shop({}, { Query: { hello: (_source, _args, _context, info) => filterOf(info).kind } });
    expect((await ask(schema, alice, `{ hello }`)).errors).toEqual([
      "hello: filterOf: Query.hello is not a list of a model's records, nor an update or a delete that protect() guards.",
    ]);
  });
});
