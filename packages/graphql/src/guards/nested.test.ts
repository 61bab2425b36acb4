import type { Values } from "@authmodes/rules";
import { describe, expect, it } from "vitest";
import { ask } from "../test/ask.ts";
import { alice, libby } from "../test/callers.ts";
import { shop, shopPolicy } from "../test/shop.ts";

// Inputs with a relation, as ORMs take them. Books are of librarians alone; orders of their owners.

const sdl = `
  extend input OrderInput { book: OrderBookInput }
  input OrderBookInput { create: BookInput, connect: BookInput, delete: Boolean, destroy: Boolean }
  extend type Mutation { place(note: String, book: OrderBookInput): Order }
`;
const create = "mutation ($input: OrderInput!) { createOrder(input: $input) { id note } }";
const update = "mutation ($input: OrderInput!) { updateOrder(input: $input) { id note } }";
const place = "mutation ($input: OrderBookInput) { place(book: $input) { id } }";

function nested(on: boolean) {
  const written: unknown[] = [];
  const write = (_source: unknown, args: Values): Values => {
    written.push(args);
    return { id: "o3", note: "x", owner: "s-alice::alice" };
  };
  const operations = { Mutation: { place: { model: "Order", operation: "create" } } } as const;
  const policy = shopPolicy({ nested: on });
  const own = { Mutation: { createOrder: write, updateOrder: write, place: write } };
  return {
    schema: shop(
      { policy, operations: { Query: { allOrders: { model: "Order", operation: "list" } }, ...operations } },
      own,
      sdl,
    ),
    written,
  };
}

describe("a relation in an input", () => {
  it.each([
    { create: { title: "stolen" } },
    { connect: { id: "b1" } },
    { delete: true },
    { destroy: true },
    {},
    null,
  ])("is denied before the resolver runs: %j", async (book) => {
    const { schema, written } = nested(false);
    const answers = [
      await ask(schema, alice, create, { input: { note: "x", book } }),
      await ask(schema, alice, update, { input: { id: "o1", book } }),
      await ask(schema, libby, update, { input: { id: "o1", book } }),
      await ask(schema, alice, place, { input: book }),
    ];
    expect(answers.map(({ errors }) => errors)).toEqual([
      ["createOrder: Unauthorized on [book]"],
      ["updateOrder: Unauthorized on [book]"],
      ["updateOrder: Unauthorized on [book]"],
      ["place: Unauthorized on [book]"],
    ]);
    expect(written).toEqual([]);
  });

  it("is decided by the related model's rules, if the developer turned nested decisions on", async () => {
    const { schema, written } = nested(true);
    const input = { note: "x", book: { connect: { id: "b1" } } };
    expect((await ask(schema, alice, create, { input })).errors).toEqual([]);
    expect((await ask(schema, alice, place, { input: { connect: { id: "b1" } } })).errors).toEqual([]);
    const owner = "s-alice::alice";
    expect(JSON.parse(JSON.stringify(written))).toEqual([
      { input: { ...input, owner } },
      { book: { connect: { id: "b1" } }, owner },
    ]);
    for (const book of [{ create: { title: "x" } }, { connect: { costPrice: 3 } }, { destroy: true }]) {
      const refused = await ask(schema, alice, create, { input: { note: "x", book } });
      expect(refused.errors).toEqual([expect.stringContaining("createOrder: ")]);
      expect(refused.data).toEqual({ createOrder: null });
    }
    expect(written).toHaveLength(2);
  });
});
