import { describe, expect, it } from "vitest";
import { always, and, matches, never, oneOf, or } from "./condition.ts";

describe("conditions", () => {
  const owner = oneOf("owner", false, ["a", "b"]);
  const team = oneOf("teams", true, ["x"]);

  it("are as simple as they can be", () => {
    expect(and([])).toEqual(always);
    expect(and([always, owner])).toEqual(owner);
    expect(and([owner, never])).toEqual(never);
    expect(and([owner, and([team, always])])).toEqual({ kind: "and", all: [owner, team] });
    expect(or([])).toEqual(never);
    expect(or([never, owner])).toEqual(owner);
    expect(or([owner, always])).toEqual(always);
    expect(or([owner, or([team, never])])).toEqual({ kind: "or", any: [owner, team] });
    expect(oneOf("owner", false, [])).toEqual(never);
  });

  it("compare a field once with all values", () => {
    expect(or([owner, oneOf("owner", false, ["b", "c"])])).toEqual({
      kind: "equals",
      field: "owner",
      anyOf: ["a", "b", "c"],
    });
    expect(or([owner, oneOf("owner", true, ["b"])])).toMatchObject({ kind: "or" });
  });

  it("are JSON", () => {
    const condition = or([owner, and([team, owner])]);
    expect(JSON.parse(JSON.stringify(condition))).toEqual(condition);
  });

  it.each([1, 2, 3, 5, 8, 100])("match text with %i values", (count) => {
    const values = Array.from({ length: count }, (_, i) => `v${i}`);
    const equals = matches(oneOf("f", false, values));
    const contains = matches(oneOf("f", true, values));
    for (const value of values) {
      expect([equals({ f: value }), contains({ f: value })]).toEqual([true, false]);
      expect([equals({ f: [value] }), contains({ f: ["z", value] })]).toEqual([false, true]);
    }
    for (const f of [
      "",
      "v",
      "V0",
      "v".padEnd(34, "0"),
      null,
      undefined,
      0,
      true,
      {},
      [],
      [null],
      [["v0"]],
      [{}],
    ]) {
      expect([equals({ f }), contains({ f })]).toEqual([false, false]);
    }
    expect([equals({}), contains({})]).toEqual([false, false]);
  });

  it("may have as many parts as you like", () => {
    const parts = Array.from({ length: 50_000 }, (_, i) => oneOf(`f${i}`, false, ["x"]));
    expect(matches({ kind: "or", any: parts })({ f49999: "x" })).toBe(true);
    expect(matches({ kind: "or", any: parts })({})).toBe(false);
    expect(matches({ kind: "and", all: parts })({ f0: "x" })).toBe(false);
  });

  it("match nothing if a condition from elsewhere has no values", () => {
    expect(matches({ kind: "equals", field: "f", anyOf: [] })({})).toBe(false);
    expect(matches({ kind: "contains", field: "f", anyOf: [] })({ f: [] })).toBe(false);
  });
});
