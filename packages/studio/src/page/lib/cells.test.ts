import { type AuthRule, createPolicy, wholeRecords } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import { describe, expect, it } from "vitest";
import { requestsOf, filtered, everything } from "../views/live/requests.ts";
import { formOf, queryOf } from "../views/why/question.ts";
import { placeOf, ruleBehind, toggled, toggledRules } from "./cells.ts";
import { changedTypes } from "./rights.ts";
import { sentenceOf } from "./sentences.ts";
import { roleWords } from "./words.ts";
import type { Decided } from "../../api.ts";

const schema = parseSchema(`type Book @model(subscriptions: null) @auth(rules: [
  { allow: public, operations: [read] }
  { allow: groups, groups: ["Librarians", "Poets"] }
]) { id: ID! price: Float @auth(rules: [{ allow: owner }]) }`);

describe("the cells of the matrix", () => {
  it.each<[AuthRule, "read" | "delete", AuthRule["operations"]]>([
    [{ allow: "owner" }, "delete", ["create", "read", "update"]],
    [{ allow: "owner", operations: ["create", "read", "update"] }, "delete", undefined],
    [{ allow: "owner", operations: ["get", "list", "update"] }, "read", ["update"]],
    [{ allow: "owner", operations: ["update"] }, "read", ["read", "update"]],
    [{ allow: "owner", operations: ["read"] }, "read", []],
  ])("switch %j by %s to %j", (rule, column, operations) => {
    expect(toggled(rule, column).operations).toEqual(operations);
  });

  it("lead to the rule of the field, else to that of the model", () => {
    expect(placeOf(schema, "Book", "price")).toEqual({ type: "Book", field: "price" });
    expect(placeOf(schema, "Book", "id")).toEqual({ type: "Book" });
    expect(placeOf(schema, "Book", wholeRecords)).toEqual({ type: "Book" });
    const [, poets] = roleWords({ allow: "groups", groups: ["Librarians", "Poets"] });
    if (poets === undefined) return expect.unreachable();
    expect(ruleBehind(schema.models["Book"]?.rules ?? [], poets.name)).toBe(1);
    expect(toggledRules(schema, { type: "Book", field: "price" }, poets, "read")).toEqual([
      { allow: "owner" },
      { allow: "groups", groups: ["Poets"], operations: ["read"] },
    ]);
  });
});

describe("changed types", () => {
  const first = "type A @model @auth(rules: [{ allow: public }, { allow: private }]) { id: ID! }";
  const other = "type B @model @auth(rules: [{ allow: private }]) { id: ID! }";
  const names = (before: string, after: string) =>
    changedTypes(createPolicy(parseSchema(before)), createPolicy(parseSchema(after)));

  it("are only those whose access differs, although the order of rules changes the default", () => {
    const guarded = "type Query { q: String @auth(rules: [{ allow: private }]) }";
    const narrower = first.replace("{ allow: public }, ", "");
    expect(names(first + other + guarded, narrower + other + guarded)).toEqual(["A"]);
    expect(
      names(`${first}${other}type Query { q: String }`, `${narrower}${other}type Query { q: String }`),
    ).toEqual(["A", "Query"]);
  });
});

describe("findings in sentences", () => {
  it.each([
    [
      { allow: "owner", provider: "apiKey" },
      "Rules for owners need callers of the user pool or OpenID provider.",
    ],
    [{ allow: "groups", groups: [] }, "The rule names no group."],
    [{ allow: "groups", groups: ["Poets"] }, "Book already has a rule for the group Poets."],
  ] as const)("%j: %s", (rule, sentence) => {
    const book = schema.models["Book"];
    if (book === undefined) return expect.unreachable();
    const models = { Book: { ...book, rules: [...(book.rules ?? []), rule] } };
    let thrown: unknown;
    try {
      createPolicy({ models });
    } catch (error) {
      thrown = error;
    }
    expect(Object(thrown).errors.map(sentenceOf)).toEqual([sentence]);
  });
});

describe("the question of Why", () => {
  it("is the same after it went through the address", () => {
    const query =
      "who=oidc&name=otto&groups=Poets%2C+Staff&operation=update&model=Order&record=other&stored=%7B%22a%22%3A1%7D&input=%7B%7D";
    expect(queryOf(formOf(query))).toBe(query);
    expect(queryOf(formOf(""))).toBe("");
    expect(formOf("operation=drop&who=nobody&record=x")).toEqual(formOf(""));
  });

  it("names a request without its data", () => {
    expect(queryOf({ ...formOf("model=Order&stored=%7B%7D"), request: "r-1" })).toBe("request=r-1");
  });
});

describe("live requests", () => {
  const event = (id: string, part: Partial<Decided>): Decided => ({
    id,
    type: "accepted",
    time: 0,
    method: "GET",
    path: "/books",
    mode: "userPool",
    caller: "sub-1",
    name: "alice",
    code: undefined,
    reason: undefined,
    detail: undefined,
    rule: undefined,
    reportOnly: false,
    trace: [],
    isAsked: false,
    ...part,
  });
  const requests = requestsOf([
    event("1", {}),
    event("2", { mode: "apiKey", name: null, path: "/orders" }),
    event("1", { type: "refused", reason: "record_filtered", isAsked: true }),
  ]);

  it("hold all steps, the newest request first", () => {
    expect(requests.map(({ id, events, last }) => [id, events.length, last.type])).toEqual([
      ["2", 1, "accepted"],
      ["1", 2, "refused"],
    ]);
  });

  it.each([
    [{}, ["2", "1"]],
    [{ outcome: "refused" }, ["1"]],
    [{ outcome: "passed" }, ["2"]],
    [{ mode: "apiKey" }, ["2"]],
    [{ search: "ALICE filtered" }, ["1"]],
    [{ search: "alice orders" }, []],
  ] as const)("are found by %j", (filter, ids) => {
    expect(filtered(requests, { ...everything, ...filter }).map(({ id }) => id)).toEqual(ids);
  });
});
