import { describe, expect, it } from "vitest";
import type { Values } from "../types.ts";
import { toMongo } from "./mongo.ts";
import { driver } from "./test/driver.ts";
import { checkParity, odd, type Store } from "./test/parity.ts";

const mingo = await driver<{
  find(records: readonly Values[], filter: object): { all(): readonly { id: number }[] };
}>("mingo");

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

  it.each(["$where", "a.b", "a\0"])("refuses %j as a field", (field) => {
    expect(() => toMongo({ kind: "equals", field, anyOf: ["a"] })).toThrow("is not the name of a field");
  });

  it("has no inherited meaning for __proto__", () => {
    const filter = toMongo({ kind: "equals", field: "__proto__", anyOf: ["a"] });
    expect(Object.keys(filter)).toEqual(["__proto__"]);
  });
});

describe.skipIf(mingo === undefined)("parity with MongoDB, where its interpreter mingo is installed", () => {
  it("finds what the predicate allows", async () => {
    let stored: readonly Values[] = [];
    const store: Store = {
      fill: async (records) => {
        stored = records;
      },
      find: async (condition) =>
        mingo
          ?.find(stored, toMongo(condition))
          .all()
          .map(({ id }) => id) ?? [],
    };
    await expect(
      checkParity(store, {
        oddTexts: [...odd.texts, ["a"], ["A", "a"], { a: "a" }, /a/],
        oddLists: odd.lists,
        runs: 200,
      }),
    ).resolves.toBeUndefined();
  });
});
