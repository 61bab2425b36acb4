import type {
  ApiKeyIdentity,
  Identity,
  LambdaIdentity,
  NoneIdentity,
  UserPoolIdentity,
} from "@authmodes/core";
import { createPolicy, matches, type Policy, type PolicyOptions, type Values } from "@authmodes/rules";
import { authDirectiveSdl, modelDirectivesSdl, parseSchema } from "@authmodes/rules/sdl";
import {
  buildSchema,
  execute,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isObjectType,
  parse,
  validate,
} from "graphql";
import { filterOf, protect, type ProtectOptions, recordOf } from "../index.ts";

// A shop in memory, whose rules deny something of every kind.

export const modelsSdl = `
type Book @model @auth(rules: [
  { allow: public, operations: [read] }
  { allow: private, operations: [read] }
  { allow: groups, groups: ["Librarians"] }
]) {
  id: ID!
  title: String
  costPrice: Float @auth(rules: [{ allow: groups, groups: ["Librarians"] }])
  shelf: Shelf
  reviews: [Review] @hasMany
}

type Shelf {
  row: Int
  code: String @auth(rules: [{ allow: groups, groups: ["Librarians"] }])
}

type Order @model @auth(rules: [
  { allow: owner }
  { allow: groups, groups: ["Librarians"], operations: [read, update] }
]) {
  id: ID!
  bookId: ID
  note: String
  status: String
  owner: String @index(name: "byOwner") @auth(rules: [
    { allow: owner, operations: [read, delete] }
    { allow: groups, groups: ["Librarians"], operations: [read] }
  ])
  book: Book @belongsTo
}

type Review @model(subscriptions: { level: public }) @auth(rules: [
  { allow: owner, ownerField: "author" }
  { allow: groups, groups: ["Librarians"], operations: [read] }
]) {
  id: ID!
  bookId: ID
  text: String
  author: String
  order: Order @hasOne
}

type Employee @model @auth(rules: [{ allow: private, operations: [read] }, { allow: owner }]) {
  id: ID!
  name: String
  ssn: String @auth(rules: [{ allow: owner }])
  owner: String
}

type Diary @model @auth(rules: [{ allow: owner, operations: [create] }]) {
  id: ID!
  text: String
  owner: String
}

type Draft @model {
  id: ID!
}

type Query {
  me: String @auth(rules: [{ allow: private }])
  hello: String
  anything: [Anything]
  bookOf: Book @auth(rules: [{ allow: public }, { allow: private }])
}
union Anything = Book | Order
`;

const operationsSdl = `
extend type Query {
  getBook(id: ID!): Book
  listBooks(filter: BookFilter, sort: [BookSort], sortBy: BookFieldName, limit: Int): ModelBookConnection
  getOrder(id: ID!): Order
  listOrders(filter: OrderFilter): ModelOrderConnection
  ordersByOwner(owner: ID!): ModelOrderConnection
  allOrders: [Order!]
  listEmployees(filter: EmployeeFilter): [Employee]
  getEmployee(id: ID!): Employee
  getDraft(id: ID!): Draft
}
type Mutation {
  createBook(input: BookInput!): Book
  updateBook(input: BookInput!): Book
  createOrder(input: OrderInput!): Order
  updateOrder(input: OrderInput!, condition: OrderFilter): Order
  deleteOrder(input: OrderInput!): Order
  createDiary(input: DiaryInput!): Diary
  updateEmployee(input: EmployeeInput!, condition: EmployeeFilter): Employee
}
type Subscription {
  onCreateOrder(owner: String, filter: OrderFilter): Order
  onUpdateEmployee(filter: EmployeeFilter): Employee
  onCreateReview: Review
}
type ModelBookConnection { items: [Book] nextToken: String }
type ModelOrderConnection { items: [Order]! nextToken: String }
input StringFilter { eq: String, beginsWith: String }
input BookFilter { title: StringFilter, costPrice: StringFilter, reviews: ReviewFilter, shelf: ShelfFilter, and: [BookFilter], or: [BookFilter], not: BookFilter }
input ReviewFilter { text: StringFilter }
input ShelfFilter { code: StringFilter }
input BookSort { field: String, direction: String }
enum BookFieldName { title costPrice }
input OrderFilter { note: StringFilter, owner: StringFilter, and: [OrderFilter] }
input EmployeeFilter { name: StringFilter, ssn: StringFilter }
input BookInput { id: ID, title: String, costPrice: Float, shelf: ShelfInput }
input ShelfInput { row: Int, code: String }
input OrderInput { id: ID, bookId: ID, note: String, status: String, owner: String }
input DiaryInput { text: String, owner: String }
input EmployeeInput { id: ID!, name: String, ssn: String, owner: String }
`;

export type Context = { readonly identity: Identity };
type Resolve = GraphQLFieldResolver<unknown, unknown, Readonly<Record<string, unknown>>>;
export type Resolvers = Readonly<
  Record<string, Readonly<Record<string, Resolve | { subscribe?: Resolve; resolve?: Resolve }>>>
>;

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

/** The shop's schema without guards. */
export function openSchema(own: Resolvers = {}, more = ""): GraphQLSchema {
  const schema = buildSchema(`${authDirectiveSdl}${modelDirectivesSdl}${modelsSdl}${operationsSdl}${more}`);
  resolveBy(schema, resolvers);
  resolveBy(schema, own);
  return schema;
}

/** Sets the resolvers of fields. @throws if the schema has no such field */
export function resolveBy(schema: GraphQLSchema, own: Resolvers): void {
  for (const [typeName, fields] of Object.entries(own)) {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) continue;
    for (const [name, given] of Object.entries(fields)) {
      const field = type.getFields()[name];
      if (field === undefined) throw new Error(`no field ${typeName}.${name}`);
      if (typeof given === "function") field.resolve = given;
      else Object.assign(field, given);
    }
  }
}

export function shopPolicy(options: PolicyOptions = {}, sdl: string = modelsSdl): Policy {
  return createPolicy(parseSchema(sdl), { providers: ["userPools", "apiKey", "function"], ...options });
}

export const load: NonNullable<ProtectOptions<Context>["load"]> = {
  Order: ({ id }) => find(data.orders, id),
  Employee: ({ id }) => Promise.resolve(find(data.employees, id)),
  Book: ({ id }) => find(data.books, id),
};

export const operations: NonNullable<ProtectOptions<Context>["operations"]> = {
  Query: { allOrders: { model: "Order", operation: "list" } },
};

export function shop(
  options: Partial<ProtectOptions<Context>> = {},
  own: Resolvers = {},
  more = "",
): GraphQLSchema {
  return guardedShop(openSchema(own, more), options);
}

/** Guards a schema that has the root fields of the shop. */
export function guardedShop(
  schema: GraphQLSchema,
  options: Partial<ProtectOptions<Context>> = {},
): GraphQLSchema {
  return guardedSchema(schema, { operations, load, ...options });
}

/** Guards a schema by the rules of the shop. */
export function guardedSchema(
  schema: GraphQLSchema,
  options: Partial<ProtectOptions<Context>> = {},
): GraphQLSchema {
  return protect<Context>(schema, { policy: shopPolicy(), identity: ({ identity }) => identity, ...options });
}

export interface Answer {
  readonly data: unknown;
  /** Messages with their paths. */
  readonly errors: readonly string[];
}

export async function ask(
  schema: GraphQLSchema,
  identity: Identity,
  query: string,
  variables: Values = {},
): Promise<Answer> {
  const document = parse(query);
  const invalid = validate(schema, document);
  if (invalid.length > 0) throw new Error(invalid.join("\n"));
  const result = await execute({ schema, document, contextValue: { identity }, variableValues: variables });
  const plain = JSON.parse(JSON.stringify(result)) as {
    data: unknown;
    errors?: readonly { message: string; path: readonly unknown[] }[];
  };
  return {
    data: plain.data,
    errors: (plain.errors ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`),
  };
}

const base = { groups: [], scopes: [], expiresAt: null } as const;

export function user(
  name: string,
  groups: readonly string[] = [],
  expiresAt: number | null = null,
): UserPoolIdentity {
  return {
    ...base,
    mode: "userPool",
    id: `s-${name}`,
    sub: `s-${name}`,
    username: name,
    issuer: "https://issuer.example",
    tokenUse: "access",
    groups,
    expiresAt,
    claims: { sub: `s-${name}`, username: name, "cognito:groups": groups },
  };
}

export const alice: UserPoolIdentity = user("alice");
export const bob: UserPoolIdentity = user("bob");
export const libby: UserPoolIdentity = user("libby", ["Librarians"]);
export const apiKey: ApiKeyIdentity = { ...base, mode: "apiKey", id: "k1", keyId: "k1" };
export const nobody: NoneIdentity = { ...base, mode: "none", id: null };

export function lambda(...deniedFields: readonly string[]): LambdaIdentity {
  return { ...base, mode: "lambda", id: null, principalId: null, resolverContext: {}, deniedFields };
}
