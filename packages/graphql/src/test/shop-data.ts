import { matches, type Values } from "@authmodes/rules";
import { filterOf, type ProtectOptions, recordOf } from "../index.ts";
import type { Context, Resolve, Resolvers } from "./resolvers.ts";

// The records of the shop, and what reads and writes them.

export interface Data {
  readonly books: readonly Values[];
  readonly orders: readonly Values[];
  readonly reviews: readonly Values[];
  readonly employees: readonly Values[];
}

export const data: Data = {
  books: [
    { __typename: "Book", id: "b1", title: "Emma", costPrice: 3, shelf: { row: 1, code: "X1" } },
    { __typename: "Book", id: "b2", title: "Persuasion", costPrice: 4, shelf: null },
  ],
  orders: [
    { __typename: "Order", id: "o1", bookId: "b1", note: "quick", status: "new", owner: "s-alice::alice" },
    { __typename: "Order", id: "o2", bookId: "b2", note: "slow", status: "new", owner: "s-bob::bob" },
  ],
  reviews: [
    { id: "r1", bookId: "b1", text: "fine", author: "s-alice::alice", orderId: "o1" },
    { id: "r2", bookId: "b1", text: "dull", author: "s-bob::bob", orderId: "o1" },
  ],
  employees: [
    { id: "e1", name: "Ann", ssn: "111", owner: "s-alice::alice" },
    { id: "e2", name: "Ben", ssn: "222", owner: "s-bob::bob" },
  ],
};

function find(records: readonly Values[], id: unknown): Values | undefined {
  return records.find((record) => record["id"] === id);
}

const property = (source: unknown, name: string): unknown => (source as Values)[name];
const changed: Resolve = (_source, { input }, _context, info) => ({
  ...recordOf(info),
  ...(input as Values),
});
const created: Resolve = (_source, { input }) => ({ id: "new", ...(input as Values) });

export const resolvers: Resolvers = {
  Query: {
    me: (_source, _args, context) => (context as Context).identity.id,
    hello: () => "hello",
    bookOf: () => data.books[0],
    anything: () => [data.books[0], data.orders[0], data.orders[1]],
    getBook: (_source, { id }) => find(data.books, id),
    listBooks: (_source, _args, _context, info) => ({ items: data.books.filter(matches(filterOf(info))) }),
    getOrder: (_source, { id }) => Promise.resolve(find(data.orders, id)),
    listOrders: (_source, _args, _context, info) => ({ items: data.orders.filter(matches(filterOf(info))) }),
    ordersByOwner: (_source, { owner }, _context, info) => ({
      items: data.orders.filter((order) => order["owner"] === owner && matches(filterOf(info))(order)),
    }),
    allOrders: (_source, _args, _context, info) => data.orders.filter(matches(filterOf(info))),
    listEmployees: (_source, _args, _context, info) => data.employees.filter(matches(filterOf(info))),
    getEmployee: (_source, { id }) => find(data.employees, id),
    getDraft: () => ({ id: "d1" }),
  },
  Mutation: {
    createBook: created,
    updateBook: changed,
    createOrder: created,
    updateOrder: changed,
    deleteOrder: (_source, _args, _context, info) => recordOf(info),
    createDiary: created,
    updateEmployee: changed,
  },
  Book: {
    reviews: (book, _args, _context, info) =>
      data.reviews.filter(
        (review) => review["bookId"] === property(book, "id") && matches(filterOf(info))(review),
      ),
  },
  Order: { book: (order) => find(data.books, property(order, "bookId")) },
  Review: { order: (review) => find(data.orders, property(review, "orderId")) },
};

export const load: NonNullable<ProtectOptions<Context>["load"]> = {
  Order: ({ id }) => find(data.orders, id),
  Employee: ({ id }) => Promise.resolve(find(data.employees, id)),
  Book: ({ id }) => find(data.books, id),
};

export const operations: NonNullable<ProtectOptions<Context>["operations"]> = {
  Query: { allOrders: { model: "Order", operation: "list" } },
};
