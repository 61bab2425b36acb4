import { describe, expect, it } from "vitest";
import { matches, type Policy, reloadablePolicy } from "@authmodes/rules";
import { filterOf } from "../index.ts";
import { isRecord } from "./resolver-call.ts";
import { ask } from "../test/ask.ts";
import { alice, apiKey, bob, lambda, libby, nobody } from "../test/callers.ts";
import type { Resolvers } from "../test/resolvers.ts";
import { data } from "../test/shop-data.ts";
import { modelsSdl } from "../test/shop-sdl.ts";
import { shop, shopPolicy } from "../test/shop.ts";

describe("getX", () => {
  it("answers the record to its owner, with the owner as clients know it", async () => {
    const answer = await ask(shop(), alice, `{ getOrder(id: "o1") { id note owner __typename } }`);
    expect(answer).toEqual({
      data: { getOrder: { id: "o1", note: "quick", owner: "alice", __typename: "Order" } },
      errors: [],
    });
  });

  it("denies another user's record: null and an error", async () => {
    expect(await ask(shop(), bob, `{ getOrder(id: "o1") { id } }`)).toEqual({
      data: { getOrder: null },
      errors: ["getOrder: Not Authorized to access getOrder on type Query"],
    });
  });

  it("answers null without an error if there is no record", async () => {
    expect(await ask(shop(), bob, `{ getOrder(id: "o9") { id } }`)).toEqual({
      data: { getOrder: null },
      errors: [],
    });
  });

  it("answers another user's record like a missing one with hideAsMissing", async () => {
    const schema = shop({ policy: shopPolicy({ hideAsMissing: true }) });
    expect(await ask(schema, bob, `{ getOrder(id: "o1") { id } }`)).toEqual({
      data: { getOrder: null },
      errors: [],
    });
  });

  it("denies callers that no rule covers before the resolver runs", async () => {
    let ran = false;
    const schema = shop({}, { Query: { getOrder: () => (ran = true) } });
    const { errors } = await ask(schema, apiKey, `{ getOrder(id: "o1") { id } }`);
    expect(errors).toEqual(["getOrder: Not Authorized to access getOrder on type Query"]);
    expect(ran).toBe(false);
  });

  it("asks a policy of your own about the record only after the resolver has returned it", async () => {
    const rules = shopPolicy();
    const policy: Policy = {
      ...reloadablePolicy(rules).policy,
      decide(identity, question) {
        const { record } = question;
        if (isRecord(record) && record["note"] !== "slow") return rules.decide(identity, question);
        const explanation = `${question.model}: no record that is quick`;
        return { allowed: false, reason: "record-filtered", deniedFields: [], missing: false, explanation };
      },
    };
    const query = `{ quick: getOrder(id: "o1") { id } slow: getOrder(id: "o2") { id } }`;
    expect(await ask(shop({ policy }), libby, query)).toEqual({
      data: { quick: { id: "o1" }, slow: null },
      errors: ["slow: Not Authorized to access getOrder on type Query"],
    });
    let ran = false;
    const schema = shop({ policy }, { Query: { getOrder: () => (ran = true) } });
    expect((await ask(schema, apiKey, `{ getOrder(id: "o1") { id } }`)).data).toEqual({ getOrder: null });
    expect(ran).toBe(false);
  });

  it("denies a model without rules to all callers", async () => {
    for (const identity of [alice, libby, apiKey, nobody]) {
      expect((await ask(shop(), identity, `{ getDraft(id: "d1") { id } }`)).data).toEqual({ getDraft: null });
    }
  });

  it("has unreadable fields null, with an error each, and leaves the others", async () => {
    expect(await ask(shop(), apiKey, `{ getBook(id: "b1") { title costPrice } }`)).toEqual({
      data: { getBook: { title: "Emma", costPrice: null } },
      errors: ["getBook.costPrice: Not Authorized to access costPrice on type Book"],
    });
    expect((await ask(shop(), libby, `{ getBook(id: "b1") { costPrice } }`)).data).toEqual({
      getBook: { costPrice: 3 },
    });
  });

  it("decides on fields that depend on the record for each record", async () => {
    const answer = await ask(
      shop(),
      alice,
      `{ mine: getEmployee(id: "e1") { ssn } other: getEmployee(id: "e2") { ssn } }`,
    );
    expect(answer.data).toEqual({ mine: { ssn: "111" }, other: { ssn: null } });
    expect(answer.errors).toEqual(["other.ssn: Not Authorized to access ssn on type Employee"]);
  });

  it("follows rules within nested types", async () => {
    expect(await ask(shop(), apiKey, `{ getBook(id: "b1") { shelf { row code } } }`)).toEqual({
      data: { getBook: { shelf: { row: 1, code: null } } },
      errors: ["getBook.shelf.code: Not Authorized to access code on type Shelf"],
    });
    expect((await ask(shop(), libby, `{ getBook(id: "b1") { shelf { code } } }`)).errors).toEqual([]);
  });
});

describe("lists", () => {
  it("pass the filter to the resolver", async () => {
    const answer = await ask(shop(), alice, `{ listOrders { items { id } } allOrders { id } }`);
    expect(answer).toEqual({
      data: { listOrders: { items: [{ id: "o1" }] }, allOrders: [{ id: "o1" }] },
      errors: [],
    });
    expect((await ask(shop(), libby, `{ allOrders { id } }`)).data).toEqual({
      allOrders: [{ id: "o1" }, { id: "o2" }],
    });
  });

  it("deny callers that no rule covers", async () => {
    expect(await ask(shop(), apiKey, `{ listOrders { items { id } } }`)).toEqual({
      data: { listOrders: null },
      errors: ["listOrders: Not Authorized to access listOrders on type Query"],
    });
  });

  const careless = {
    Query: { listOrders: () => ({ items: data.orders }), allOrders: () => Promise.resolve(data.orders) },
  };

  it("are an error in development if the resolver did not take its filter", async () => {
    const schema = shop({ development: true }, careless);
    const { data: answered, errors } = await ask(
      schema,
      alice,
      `{ listOrders { items { id } } allOrders { id } }`,
    );
    expect(answered).toEqual({ listOrders: null, allOrders: null });
    expect(errors).toEqual([
      expect.stringContaining("Query.listOrders did not take its filter"),
      expect.stringContaining("Query.allOrders did not take its filter"),
    ]);
    expect((await ask(schema, libby, `{ allOrders { id } }`)).errors).toEqual([]);
  });

  it("are filtered even if the resolver did not take its filter", async () => {
    const schema = shop({ development: false }, careless);
    expect(await ask(schema, alice, `{ listOrders { items { id __typename } } allOrders { id } }`)).toEqual({
      data: { listOrders: { items: [{ id: "o1", __typename: "Order" }] }, allOrders: [{ id: "o1" }] },
      errors: [],
    });
  });

  it("are filtered if the records are promised one by one", async () => {
    const schema = shop(
      { development: false },
      { Query: { allOrders: () => data.orders.map((order) => Promise.resolve(order)) } },
    );
    expect((await ask(schema, alice, `{ allOrders { id } }`)).data).toEqual({ allOrders: [{ id: "o1" }] });
  });

  it("are read by the operation of their root field, the items of connections too", async () => {
    const narrow = (operation: string): Policy => {
      const rules = `{ allow: owner, operations: [${operation}, create, update, delete] }`;
      const sdl = modelsSdl
        .replace("{ allow: owner }", rules)
        .replace("{ allow: owner, operations: [read, delete] }", "");
      return shopPolicy({}, sdl);
    };
    const query = `{ listOrders { items { id } } searchOrders { items { id } } getOrder(id: "o1") { id } }`;
    const own: Resolvers = {
      Query: {
        searchOrders: (_source, _args, _context, info) => ({
          items: data.orders.filter(matches(filterOf(info))),
        }),
      },
    };
    const more = `extend type Query { searchOrders: ModelOrderConnection }`;
    const found = { items: [{ id: "o1" }] };
    expect((await ask(shop({ policy: narrow("list") }, own, more), alice, query)).data).toEqual({
      listOrders: found,
      searchOrders: null,
      getOrder: null,
    });
    expect((await ask(shop({ policy: narrow("search") }, own, more), alice, query)).data).toEqual({
      listOrders: null,
      searchOrders: found,
      getOrder: null,
    });
  });

  it("that are connections pass their filter once: their items may have a resolver", async () => {
    const schema = shop({ development: true }, { ModelOrderConnection: { items: () => data.orders } });
    const { data: answered } = await ask(schema, alice, `{ listOrders { items { id } } }`);
    expect(answered).toEqual({ listOrders: { items: [{ id: "o1" }] } });
  });

  it("by an index follow the rules, and deny another user's key", async () => {
    const query = `query ($owner: ID!) { ordersByOwner(owner: $owner) { items { id } } }`;
    expect((await ask(shop(), alice, query, { owner: "s-alice::alice" })).data).toEqual({
      ordersByOwner: { items: [{ id: "o1" }] },
    });
    expect((await ask(shop(), alice, query, { owner: "s-bob::bob" })).errors).toEqual([
      "ordersByOwner: Not Authorized to access ordersByOwner on type Query",
    ]);
  });
});

describe("filters and sorting", () => {
  const onHiddenFields: readonly (readonly [string, string])[] = [
    ["a field", `filter: { costPrice: { eq: "3" } }`],
    ["within and", `filter: { and: [{ title: { eq: "x" } }, { costPrice: { eq: "3" } }] }`],
    ["within or and not", `filter: { or: [{ not: { costPrice: { eq: "3" } } }] }`],
    ["sorting", `sort: [{ field: "costPrice" }]`],
    ["an enum of fields", `sortBy: costPrice`],
    ["a nested type", `filter: { shelf: { code: { eq: "X1" } } }`],
    ["a related model", `filter: { reviews: { text: { eq: "fine" } } }`],
  ];

  it.each(onHiddenFields)("rejects %s that the caller may not read", async (_name, args) => {
    const query = `{ listBooks(${args}) { items { id } } }`;
    const { data: answered, errors } = await ask(shop(), apiKey, query);
    expect(answered).toEqual({ listBooks: null });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(
      /^listBooks: (Unauthorized on \[|Not Authorized to access listBooks on type Query)/,
    );
    expect((await ask(shop(), libby, query)).errors).toEqual([]);
  });

  it("names the fields", async () => {
    const { errors } = await ask(
      shop(),
      apiKey,
      `{ listBooks(filter: { costPrice: { eq: "3" } }) { items { id } } }`,
    );
    expect(errors).toEqual(["listBooks: Unauthorized on [costPrice]"]);
  });

  it("rejects hidden fields in variables", async () => {
    const query = `query ($filter: BookFilter) { listBooks(filter: $filter) { items { id } } }`;
    const { errors } = await ask(shop(), apiKey, query, {
      filter: { not: { costPrice: { beginsWith: "" } } },
    });
    expect(errors).toEqual(["listBooks: Unauthorized on [costPrice]"]);
  });

  it("rejects a field that only some listed records show", async () => {
    const query = `{ listEmployees(filter: { ssn: { eq: "222" } }) { id } }`;
    expect((await ask(shop(), alice, query)).errors).toEqual(["listEmployees: Unauthorized on [ssn]"]);
  });

  it("rejects a hidden field of a related model next to one that is shown", async () => {
    const schema = shop({}, {}, "extend input OrderFilter { book: BookFilter }");
    const listing = (filter: string): string =>
      `{ listOrders(filter: { book: { ${filter} } }) { items { id } } }`;
    const { errors } = await ask(schema, alice, listing(`title: { eq: "x" }, costPrice: { eq: "3" }`));
    expect(errors).toEqual(["listOrders: Unauthorized on [costPrice]"]);
    expect((await ask(schema, alice, listing(`title: { eq: "x" }`))).errors).toEqual([]);
  });

  it("accepts readable fields", async () => {
    const { errors } = await ask(
      shop(),
      apiKey,
      `{ listBooks(filter: { title: { eq: "Emma" } }) { items { id } } }`,
    );
    expect(errors).toEqual([]);
  });
});

describe("relations", () => {
  it("follow the related model's rules: lists are filtered", async () => {
    const { data: answered, errors } = await ask(shop(), alice, `{ getBook(id: "b1") { reviews { id } } }`);
    expect({ answered, errors }).toEqual({ answered: { getBook: { reviews: [{ id: "r1" }] } }, errors: [] });
  });

  it("follow the related model's rules: one record is denied", async () => {
    const { data: answered, errors } = await ask(
      shop(),
      bob,
      `{ getBook(id: "b1") { reviews { id order { id } } } }`,
    );
    expect(answered).toEqual({ getBook: { reviews: [{ id: "r2", order: null }] } });
    expect(errors).toEqual(["getBook.reviews.0.order: Not Authorized to access order on type Review"]);
  });

  it("are denied to callers that no rule of the related model covers", async () => {
    const { data: answered, errors } = await ask(shop(), apiKey, `{ getBook(id: "b1") { reviews { id } } }`);
    expect(answered).toEqual({ getBook: { reviews: null } });
    expect(errors).toEqual(["getBook.reviews: Not Authorized to access reviews on type Book"]);
  });

  it("are filtered if they are read from the record", async () => {
    const whole = { ...data.books[0], reviews: data.reviews };
    const schema = shop(
      {},
      { Query: { getBook: () => whole }, Book: { reviews: (book) => (book as typeof whole).reviews } },
    );
    const relaxed = shop({ development: false }, { Query: { getBook: () => whole }, Book: { reviews: {} } });
    expect((await ask(relaxed, alice, `{ getBook(id: "b1") { reviews { id } } }`)).data).toEqual({
      getBook: { reviews: [{ id: "r1" }] },
    });
    expect((await ask(schema, alice, `{ getBook(id: "b1") { reviews { id } } }`)).errors).toEqual([
      expect.stringContaining("Book.reviews did not take its filter"),
    ]);
  });
});

describe("root fields with rules of their own", () => {
  it("follow them", async () => {
    expect((await ask(shop(), alice, `{ me }`)).data).toEqual({ me: "s-alice" });
    expect((await ask(shop(), apiKey, `{ me }`)).errors).toEqual([
      "me: Not Authorized to access me on type Query",
    ]);
  });

  it("without rules are open only to the default provider", async () => {
    expect((await ask(shop(), alice, `{ hello }`)).data).toEqual({ hello: "hello" });
    expect((await ask(shop(), apiKey, `{ hello }`)).errors).toEqual([
      "hello: Not Authorized to access hello on type Query",
    ]);
  });

  it("answer records by the rules of their model", async () => {
    const answer = await ask(
      shop({}, { Query: { bookOf: () => data.books[1] } }),
      apiKey,
      `{ bookOf { title costPrice } }`,
    );
    expect(answer.data).toEqual({ bookOf: { title: "Persuasion", costPrice: null } });
  });
});

describe("ways around", () => {
  it("aliases, fragments and merged fields meet the same guards", async () => {
    const { data: answered, errors } = await ask(
      shop(),
      bob,
      `query { a: getOrder(id: "o1") { ...f } b: getOrder(id: "o2") { secret: note ... on Order { x: owner } ...f }
        c: getBook(id: "b1") { ...g } ... on Query { d: getOrder(id: "o1") { __typename } } }
      fragment f on Order { id note }
      fragment g on Book { price: costPrice ... { again: costPrice } }`,
    );
    expect(answered).toEqual({
      a: null,
      b: { secret: "slow", x: "bob", id: "o2", note: "slow" },
      c: { price: null, again: null },
      d: null,
    });
    expect(errors).toHaveLength(4);
  });

  it("a batch of one query for many records is decided one by one", async () => {
    const many = Array.from({ length: 50 }, (_, i) => `a${i}: getOrder(id: "o${(i % 2) + 1}") { id }`).join(
      " ",
    );
    const { data: answered } = await ask(shop(), bob, `{ ${many} }`);
    expect(
      new Set(Object.values(answered as object).map((order: { id: string } | null) => order?.id)),
    ).toEqual(new Set([undefined, "o2"]));
  });

  it("__typename reveals nothing of a denied record", async () => {
    expect((await ask(shop(), bob, `{ getOrder(id: "o1") { __typename } }`)).data).toEqual({
      getOrder: null,
    });
  });

  it("a record that no guard answered is decided on by its fields", async () => {
    const schema = shop();
    const field = schema.getQueryType()?.getFields()["getOrder"];
    if (field !== undefined) field.resolve = () => data.orders[0];
    const query = `{ getOrder(id: "o1") { note } }`;
    expect((await ask(schema, alice, query)).data).toEqual({ getOrder: { note: "quick" } });
    expect(await ask(schema, bob, query)).toEqual({
      data: { getOrder: { note: null } },
      errors: ["getOrder.note: Not Authorized to access note on type Order"],
    });
  });

  it("a field that was hidden when its record was decided on stays so if the rules are replaced", async () => {
    const { policy, replace } = reloadablePolicy(shopPolicy());
    const open = modelsSdl.replace(/(costPrice: Float) @auth.*/, "$1");
    const title = (): string => {
      replace(shopPolicy({}, open));
      return "Emma";
    };
    const schema = shop({ policy }, { Book: { title } });
    expect(await ask(schema, alice, `{ getBook(id: "b1") { title costPrice } }`)).toEqual({
      data: { getBook: { title: "Emma", costPrice: null } },
      errors: ["getBook.costPrice: Not Authorized to access costPrice on type Book"],
    });
  });

  it("a field of several types decides on the records among them", async () => {
    const query = `{ anything { __typename ... on Order { id } ... on Book { title costPrice } } }`;
    const { data: answered, errors } = await ask(shop(), alice, query);
    expect(answered).toEqual({
      anything: [
        { __typename: "Book", title: "Emma", costPrice: null },
        { __typename: "Order", id: "o1" },
        null,
      ],
    });
    expect(errors).toHaveLength(2);
  });

  it("__typename of one of several types reveals nothing of a denied record", async () => {
    expect((await ask(shop(), bob, `{ anything { __typename } }`)).data).toEqual({
      anything: [{ __typename: "Book" }, null, { __typename: "Order" }],
    });
  });

  it("two callers of one execution's schema share nothing", async () => {
    const schema = shop();
    const query = `{ getEmployee(id: "e1") { ssn } }`;
    const [mine, other] = await Promise.all([ask(schema, alice, query), ask(schema, bob, query)]);
    expect(mine.data).toEqual({ getEmployee: { ssn: "111" } });
    expect(other.data).toEqual({ getEmployee: { ssn: null } });
  });

  it("a record without the owner is denied", async () => {
    const schema = shop({}, { Query: { getOrder: () => ({ id: "o1", note: "quick" }) } });
    expect((await ask(schema, alice, `{ getOrder(id: "o1") { note } }`)).data).toEqual({ getOrder: null });
  });

  it("what a Lambda authorizer denied is null, under any name", async () => {
    const denied = lambda("Query.hello", "Shelf.row");
    const schema = shop({ policy: shopPolicy({ providers: ["function", "userPools", "apiKey"] }) });
    expect((await ask(schema, denied, `{ x: hello }`)).errors).toEqual([
      "x: Not Authorized to access hello on type Query",
    ]);
    expect((await ask(schema, lambda(), `{ x: hello }`)).data).toEqual({ x: "hello" });
  });

  it("introspection is not guarded", async () => {
    const { data: answered, errors } = await ask(
      shop(),
      nobody,
      `{ __typename __schema { queryType { name } } __type(name: "Order") { fields { name } } }`,
    );
    expect(errors).toEqual([]);
    expect(answered).toMatchObject({ __typename: "Query", __schema: { queryType: { name: "Query" } } });
  });
});
