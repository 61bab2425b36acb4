import type { Values } from "@authmodes/rules";
import type { GraphQLSchema } from "graphql";
import { describe, expect, it, vi } from "vitest";
import type { DecisionMade } from "../index.ts";
import { ask } from "../test/ask.ts";
import { alice, apiKey, bob, libby, user } from "../test/callers.ts";
import { data, load } from "../test/shop-data.ts";
import { modelsSdl } from "../test/shop-sdl.ts";
import { shop, shopPolicy } from "../test/shop.ts";

/** A clerk may update all employees, but not see their numbers. */
const clara = user("clara", ["Clerks"]);
function clerks(): GraphQLSchema {
  const rule = `{ allow: groups, groups: ["Clerks"], operations: [read, update] }, { allow: owner }`;
  const sdl = modelsSdl.replace("{ allow: private, operations: [read] }, { allow: owner }", rule);
  return shop({ policy: shopPolicy({}, sdl) });
}

function twoKeys(): GraphQLSchema {
  const sdl = `extend type Mutation {
    rename(id: ID!, input: OrderInput!): Order
    annotate(id: ID!, note: String): Order
    place(note: String): Order
    cancel(id: ID!): [Order!]
  }`;
  const changed = { ...data.orders[0] };
  return shop(
    {
      operations: {
        Query: { allOrders: { model: "Order", operation: "list" } },
        Mutation: {
          rename: { model: "Order", operation: "update" },
          annotate: { model: "Order", operation: "update" },
          place: { model: "Order", operation: "create" },
          cancel: { model: "Order", operation: "delete" },
        },
      },
    },
    {
      Mutation: {
        rename: (_source, { input }) => ({ ...changed, ...(input as Values) }),
        annotate: (_source, { note }) => ({ ...changed, note }),
        cancel: () => data.orders,
        place: (_source, { note, owner }) => ({
          id: "o3",
          note: `${String(note)} of ${String(owner)}`,
          owner,
        }),
      },
    },
    sdl,
  );
}

describe("createX", () => {
  const create = `mutation ($input: OrderInput!) { createOrder(input: $input) { id note } }`;

  it("fills in the owner, in arguments of its own", async () => {
    let written: Values = {};
    let shared: unknown;
    const schema = shop(
      {},
      {
        Mutation: {
          createOrder: (_source, { input }, _context, info) => {
            written = input as Values;
            shared = info.variableValues["input"];
            return { id: "o3", ...written };
          },
        },
      },
    );
    expect((await ask(schema, alice, create, { input: { note: "new" } })).errors).toEqual([]);
    expect(written).toEqual({ note: "new", owner: "s-alice::alice" });
    expect(shared).toEqual({ note: "new" });
  });

  it("denies an owner that the caller names", async () => {
    const input = { note: "x", owner: "s-alice::alice" };
    expect((await ask(shop(), alice, create, { input })).errors).toEqual([
      "createOrder: Unauthorized on [owner]",
    ]);
    expect((await ask(shop(), alice, create, { input: { ...input, owner: "s-bob::bob" } })).data).toEqual({
      createOrder: null,
    });
  });

  it("denies callers that no rule covers before the resolver runs", async () => {
    let ran = false;
    const schema = shop({}, { Mutation: { createOrder: () => (ran = true) } });
    const { errors } = await ask(schema, apiKey, create, { input: { note: "x" } });
    expect(errors).toEqual(["createOrder: Not Authorized to access createOrder on type Mutation"]);
    expect(ran).toBe(false);
  });

  it("denies fields of nested types that the caller may not write", async () => {
    const sdl = modelsSdl.replace(`{ allow: public, operations: [read] }`, `{ allow: public }`);
    const schema = shop({ policy: shopPolicy({}, sdl) });
    const mutation = `mutation { createBook(input: { title: "t", shelf: { row: 1, code: "Y" } }) { id } }`;
    expect((await ask(schema, apiKey, mutation)).errors).toEqual([
      "createBook: Unauthorized on [shelf.code]",
    ]);
    expect((await ask(schema, libby, mutation)).errors).toEqual([]);
  });

  it("answers the record to callers that may create but not read it", async () => {
    const answer = await ask(
      shop(),
      alice,
      `mutation { createDiary(input: { text: "x" }) { id text owner } }`,
    );
    expect(answer).toEqual({ data: { createDiary: { id: "new", text: "x", owner: "alice" } }, errors: [] });
  });

  it("leaves relations of the answer to the related model's rules", async () => {
    const schema = shop({}, { Order: { book: () => ({ ...data.books[0] }) } });
    const answer = await ask(
      schema,
      alice,
      `mutation { createOrder(input: { bookId: "b1" }) { id book { costPrice } } }`,
    );
    expect(answer).toEqual({
      data: { createOrder: { id: "new", book: { costPrice: null } } },
      errors: ["createOrder.book.costPrice: Not Authorized to access costPrice on type Book"],
    });
    // If subscribers with other roles receive the answer as it is, the relation is null.
    const published = shop({ publishesAnswers: true }, { Order: { book: () => ({ ...data.books[0] }) } });
    expect(
      await ask(
        published,
        alice,
        `mutation { createOrder(input: { bookId: "b1" }) { id book { costPrice } } }`,
      ),
    ).toEqual({ data: { createOrder: { id: "new", book: null } }, errors: [] });
  });
});

describe("updateX", () => {
  const update = `mutation ($input: OrderInput!) { updateOrder(input: $input) { id note owner } }`;

  it("decides by the stored record, which the resolver receives", async () => {
    const answer = await ask(shop(), alice, update, { input: { id: "o1", note: "new" } });
    expect(answer).toEqual({ data: { updateOrder: { id: "o1", note: "new", owner: "alice" } }, errors: [] });
  });

  it("denies another user's record, even with the caller's own name in the input", async () => {
    for (const input of [
      { id: "o1", note: "x" },
      { id: "o1", note: "x", owner: "s-bob::bob" },
    ]) {
      expect((await ask(shop(), bob, update, { input })).errors).toEqual([
        "updateOrder: Not Authorized to access updateOrder on type Mutation",
      ]);
    }
  });

  it("names the fields that the caller may not write", async () => {
    const input = { id: "o1", owner: "s-bob::bob", note: null };
    expect((await ask(shop(), libby, update, { input })).errors).toEqual([
      "updateOrder: Unauthorized on [note, owner]",
    ]);
  });

  it("reports a missing record", async () => {
    expect((await ask(shop(), libby, update, { input: { id: "o9", note: "x" } })).errors).toEqual([
      "updateOrder: There is no such record for updateOrder",
    ]);
  });

  it("has fields null that the caller may not read, with an error each", async () => {
    const mutation = `mutation { updateEmployee(input: { id: "e2", name: "B" }) { name ssn } }`;
    expect((await ask(shop(), bob, mutation)).data).toEqual({ updateEmployee: { name: "B", ssn: "222" } });
    // Subscribers who receive the answer as it is may not read the field.
    const published = await ask(shop({ publishesAnswers: true }), bob, mutation);
    expect(published).toEqual({ data: { updateEmployee: { name: "B", ssn: null } }, errors: [] });
    const stranger = shop(
      { load: { ...load, Employee: () => data.employees[1] } },
      {
        Mutation: { updateEmployee: () => data.employees[0] },
      },
    );
    expect((await ask(stranger, bob, mutation)).errors).toEqual([
      "updateEmployee.ssn: Not Authorized to access ssn on type Employee",
    ]);
  });

  it("rejects conditions on fields of the stored record that the caller may not read", async () => {
    const withCondition = (id: string): string =>
      `mutation { updateEmployee(input: { id: "${id}", name: "A" }, condition: { ssn: { eq: "1" } }) { name } }`;
    expect((await ask(shop(), alice, withCondition("e1"))).errors).toEqual([]);
    expect((await ask(clerks(), clara, withCondition("e1"))).errors).toEqual([
      "updateEmployee: Unauthorized on [ssn]",
    ]);
    const harmless = `mutation { updateEmployee(input: { id: "e1", name: "A" }, condition: { name: { eq: "1" } }) { name } }`;
    expect((await ask(clerks(), clara, harmless)).errors).toEqual([]);
  });

  it("rejects a second key besides the one that was decided on", async () => {
    const schema = twoKeys();
    const mutation = `mutation ($input: OrderInput!) { rename(id: "o1", input: $input) { id note } }`;
    expect((await ask(schema, alice, mutation, { input: { note: "x" } })).data).toEqual({
      rename: { id: "o1", note: "x" },
    });
    expect((await ask(schema, alice, mutation, { input: { id: "o2", note: "x" } })).errors).toEqual([
      "rename: Unauthorized on [id]",
    ]);
  });

  it("is an error if `load` returns something else than a record of the model", async () => {
    let ran = false;
    const resolvers = { Mutation: { updateOrder: () => (ran = true) } };
    for (const [stored, what] of [
      [data.orders, "a record, not a list"],
      ["o1", "a record, not a string"],
      [data.books[0], "a record of Order, not of Book"],
    ] as const) {
      const schema = shop({ load: { ...load, Order: () => stored as Values } }, resolvers);
      // Librarians may update every order: the record does not decide.
      expect((await ask(schema, libby, update, { input: { id: "o1", note: "x" } })).errors).toEqual([
        `updateOrder: Mutation.updateOrder: the rules need ${what}.`,
      ]);
    }
    expect(ran).toBe(false);
  });

  it("reads what is written from the arguments if there is no input", async () => {
    const schema = twoKeys();
    const mutation = `mutation ($id: ID!) { annotate(id: $id, note: "n") { note } }`;
    expect((await ask(schema, alice, mutation, { id: "o1" })).data).toEqual({ annotate: { note: "n" } });
    expect((await ask(schema, bob, mutation, { id: "o1" })).data).toEqual({ annotate: null });
    const place = `mutation { place(note: "n") { note } }`;
    expect((await ask(schema, alice, place)).data).toEqual({ place: { note: "n of s-alice::alice" } });
  });
});

describe("deleteX", () => {
  const remove = `mutation ($id: ID!) { deleteOrder(input: { id: $id }) { id } }`;

  it("is decided on the stored record", async () => {
    expect((await ask(shop(), alice, remove, { id: "o1" })).data).toEqual({ deleteOrder: { id: "o1" } });
    expect((await ask(shop(), bob, remove, { id: "o1" })).errors).toEqual([
      "deleteOrder: Not Authorized to access deleteOrder on type Mutation",
    ]);
    expect((await ask(shop(), libby, remove, { id: "o1" })).data).toEqual({ deleteOrder: null });
  });

  it("that answers other records shows those that the caller may read", async () => {
    const mutation = `mutation { cancel(id: "o1") { id } }`;
    expect((await ask(twoKeys(), alice, mutation)).data).toEqual({ cancel: [{ id: "o1" }] });
  });

  it("several in one document are decided one by one", async () => {
    const { data: answered } = await ask(
      shop(),
      alice,
      `mutation { a: deleteOrder(input: { id: "o1" }) { id } b: deleteOrder(input: { id: "o2" }) { id } }`,
    );
    expect(answered).toEqual({ a: { id: "o1" }, b: null });
  });
});

describe("onDecision", () => {
  it("receives the rule that decided", async () => {
    const made: DecisionMade[] = [];
    const schema = shop({ onDecision: (decision) => made.push(decision) });
    await ask(
      schema,
      alice,
      `{ getOrder(id: "o1") { id } listOrders { items { id } } getBook(id: "b1") { costPrice } }`,
    );
    await ask(schema, bob, `mutation { deleteOrder(input: { id: "o1" }) { id } }`);
    expect(
      made.map(({ type, field, decision }) => `${type}.${field} ${String(decision.allowed)}`).toSorted(),
    ).toEqual([
      "Book.costPrice false",
      "Mutation.deleteOrder false",
      "Query.getBook true",
      "Query.getOrder true",
      "Query.listOrders true",
    ]);
    expect(made.find(({ field }) => field === "getOrder")?.decision).toMatchObject({
      rule: "Order:userPools:owner:owner:sub::username",
    });
    expect(made.find(({ field }) => field === "listOrders")?.decision).toMatchObject({
      rule: "filtered",
      explanation: "Order: filtered by owner",
      filter: expect.objectContaining({ field: "owner" }),
    });
    expect(made.map(({ context, identity }) => [context, identity.id])).toEqual(
      made.map(({ identity }) => [{ identity }, identity.id]),
    );
  });

  it.each([
    [
      "throwing",
      () => {
        throw new Error("full disk");
      },
    ],
    [
      "rejecting",
      async () => {
        throw new Error("full disk");
      },
    ],
  ])("changes nothing by %s", async (_how, onDecision) => {
    const schema = shop({ onDecision });
    expect((await ask(schema, alice, `{ getOrder(id: "o1") { id } }`)).data).toEqual({
      getOrder: { id: "o1" },
    });
  });
});

describe("load that hangs", () => {
  it("fails the field after 5 s, and its signal is aborted", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let signal: AbortSignal | undefined;
    const schema = shop({
      load: {
        ...load,
        Order: (_key, _context, call) => {
          ({ signal } = call);
          return new Promise(() => {});
        },
      },
    });
    const answer = ask(schema, alice, 'mutation { deleteOrder(input: { id: "o1" }) { id } }');
    await vi.waitUntil(() => signal !== undefined);
    await vi.advanceTimersByTimeAsync(5000);
    const { data, errors } = await answer;
    vi.useRealTimers();
    expect(data).toEqual({ deleteOrder: null });
    expect(errors).toEqual(["deleteOrder: The credentials cannot be verified at the moment"]);
    expect(signal?.aborted).toBe(true);
  });
});
