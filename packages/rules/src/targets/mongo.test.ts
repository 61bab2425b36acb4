import { describe, expect, it } from "vitest";
import { toMongo } from "./mongo.ts";
import { checkParity } from "./test/parity.ts";
import { mongoStore, oddInMongo } from "./test/stores/mongo.ts";

describe("toMongo", () => {
  it.each([
    [{ kind: "always" }, {}],
    [{ kind: "never" }, { $nor: [{}] }],
    [{ kind: "equals", field: "owner", anyOf: ["a"] }, { owner: { $in: ["a"], $not: { $type: "array" } } }],
    [
      { kind: "contains", field: "groups", anyOf: ["a", "b"] },
      { groups: { $elemMatch: { $in: ["a", "b"], $not: { $type: "array" } } } },
    ],
  ] as const)("%j", (condition, filter) => {
    expect(toMongo(condition)).toEqual(filter);
  });

  it("joins with $and and $or", () => {
    const owner = { kind: "equals", field: "owner", anyOf: ["a"] } as const;
    const groups = { kind: "contains", field: "groups", anyOf: ["b"] } as const;
    expect(toMongo({ kind: "and", all: [owner, groups] })).toEqual({
      $and: [toMongo(owner), toMongo(groups)],
    });
    expect(toMongo({ kind: "or", any: [owner, groups] })).toEqual({ $or: [toMongo(owner), toMongo(groups)] });
  });

  it.each(["$where", "a.b", "a\0"])("rejects %j as a field", (field) => {
    expect(() => toMongo({ kind: "equals", field, anyOf: ["a"] })).toThrow("is not the name of a field");
  });

  it("has no inherited meaning for __proto__", () => {
    const filter = toMongo({ kind: "equals", field: "__proto__", anyOf: ["a"] });
    expect(Object.keys(filter)).toEqual(["__proto__"]);
  });
});

describe.skipIf(mongoStore === undefined)(
  "parity with MongoDB, where its interpreter mingo is installed",
  () => {
    it("finds what the predicate allows", async () => {
      if (mongoStore === undefined) return;
      await expect(checkParity(mongoStore(), { ...oddInMongo, runs: 200 })).resolves.toBeUndefined();
    });
  },
);
