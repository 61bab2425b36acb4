// A shop whose rules deny something of every kind, and its operations.

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

export const operationsSdl = `
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
