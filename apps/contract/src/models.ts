import { type Json, stored } from "./running.ts";

// What each caller may do with the models of schema.graphql.

export const callers = [
  "API key",
  "guest",
  "alice.aws",
  "machine",
  "alice",
  "bob",
  "libby",
  "penny",
  "otto",
  "lambda",
] as const;
export type CallerName = (typeof callers)[number];

export const signedIn: readonly CallerName[] = ["alice", "bob", "libby", "penny"];
export const readers: readonly CallerName[] = [
  "API key",
  "guest",
  "alice.aws",
  "machine",
  ...signedIn,
  "otto",
];

export interface Expected {
  readonly path: string;
  /** The input of a create. */
  readonly values: Json;
  /** Further values of the stored record, which is alice's or the Poets'. */
  readonly stored: () => Json;
  readonly change: Json;
  readonly list: readonly CallerName[];
  readonly get: readonly CallerName[];
  readonly create: readonly CallerName[];
  readonly update: readonly CallerName[];
  readonly remove: readonly CallerName[];
}

export const models: Readonly<Record<string, Expected>> = {
  Book: {
    path: "/books",
    values: { title: "A new book", author: "Nobody", price: 1, stock: 0 },
    stored: () => ({}),
    change: { price: 2 },
    list: readers,
    get: readers,
    create: ["libby", "machine"],
    update: ["libby", "machine"],
    remove: ["libby", "machine"],
  },
  Order: {
    path: "/orders",
    values: { bookId: "101", quantity: 1 },
    stored: () => ({ owner: stored("alice") }),
    change: { note: "for a friend" },
    list: ["machine", ...signedIn, "otto"],
    get: ["machine", "alice", "libby"],
    create: ["machine", ...signedIn, "otto"],
    update: ["machine", "alice", "libby"],
    remove: ["machine", "alice"],
  },
  Review: {
    path: "/reviews",
    values: { bookId: "101", stars: 4 },
    stored: () => ({ author: stored("alice") }),
    change: { text: "On second thoughts" },
    list: readers,
    get: readers,
    create: ["machine", ...signedIn, "otto"],
    update: ["machine", "alice"],
    remove: ["machine", "alice"],
  },
  Club: {
    path: "/clubs",
    values: { name: "A new club" },
    stored: () => ({ members: ["Poets"] }),
    change: { name: "Another name" },
    list: ["machine", "libby", "penny"],
    get: ["machine", "libby", "penny"],
    create: ["machine", "libby"],
    update: ["machine", "libby", "penny"],
    remove: ["machine", "libby"],
  },
  Employee: {
    path: "/employees",
    values: { name: "New", email: "new@bookstore.example", ssn: "1" },
    stored: () => ({ owner: stored("alice") }),
    change: { name: "Renamed" },
    list: ["machine", ...signedIn],
    get: ["machine", ...signedIn],
    create: ["machine", ...signedIn],
    update: ["machine", "alice"],
    remove: ["machine", "alice"],
  },
  Report: {
    path: "/reports",
    values: { title: "A new report", revenue: 1, profit: 1 },
    stored: () => ({}),
    change: { revenue: 2 },
    list: ["machine", "lambda"],
    get: ["machine", "lambda"],
    create: ["machine"],
    update: ["machine"],
    remove: ["machine"],
  },
};
