import { describe, expect, it } from "vitest";
import { argumentTests } from "./event-filter.ts";

const record = {
  id: 7,
  text: "b2",
  price: "12.50",
  count: 3,
  big: 9007199254740993n,
  open: true,
  at: new Date("2026-01-02T00:00:00Z"),
  tags: ["a", "b"],
  nothing: null,
};

const fields: ReadonlySet<string> = new Set([...Object.keys(record), "absent"]);
const type = { name: "Record", has: (field: string) => fields.has(field) };

function selects(args: Record<string, unknown>): boolean {
  return [...argumentTests(args, type).values()].every((test) => test(record, record));
}

describe("a filter", () => {
  it.each([
    ["text", "eq", "b2", "b3"],
    ["text", "eq", "b2", null],
    ["nothing", "eq", null, "x"],
    ["absent", "eq", null, "x"],
    ["id", "eq", "7", "07x"],
    ["open", "eq", true, false],
    ["big", "eq", "9007199254740993", "9007199254740992"],
    ["price", "eq", 12.5, 12.49],
    ["at", "eq", "2026-01-02T00:00:00.000Z", "2026-01-03"],
    ["text", "ne", "b3", "b2"],
    ["nothing", "ne", "x", null],
    ["count", "lt", 4, 3],
    ["count", "le", 3, 2],
    ["count", "gt", 2, 3],
    ["count", "ge", 3, 4],
    ["text", "lt", "b3", "b2"],
    ["text", "ge", "b2", "b20"],
    ["at", "gt", new Date(0), new Date("2027-01-01")],
    ["price", "lt", 100, 2],
    ["count", "between", [3, 5], [4, 5]],
    ["count", "between", [1, 3], [1, 2]],
    ["text", "beginsWith", "b", "2"],
    ["text", "contains", "2", "3"],
    ["tags", "contains", "a", "c"],
    ["text", "notContains", "3", "2"],
    ["tags", "notContains", "c", "a"],
    ["text", "in", ["a", "b2"], ["a"]],
    ["nothing", "in", [null], ["a"]],
    ["text", "notIn", ["a"], ["b2"]],
    ["text", "attributeExists", true, false],
    ["absent", "attributeExists", false, true],
  ])("%s %s %j selects, %j does not", (field, operator, match, other) => {
    expect(selects({ filter: { [field]: { [operator]: match } } })).toBe(true);
    expect(selects({ filter: { [field]: { [operator]: other } } })).toBe(false);
  });

  it.each(["lt", "le", "gt", "ge", "beginsWith", "contains"])("%s matches no absent value", (operator) => {
    for (const given of ["", 0, new Date(0), null])
      expect(selects({ filter: { absent: { [operator]: given } } })).toBe(false);
  });

  it("combines comparisons with and, or and not", () => {
    const [yes, no] = [{ count: { eq: 3 } }, { count: { eq: 4 } }];
    expect(selects({ filter: { ...yes, text: { eq: "b2" } } })).toBe(true);
    expect(selects({ filter: { ...yes, text: { eq: "b3" } } })).toBe(false);
    expect(selects({ filter: { count: { ge: 3, lt: 3 } } })).toBe(false);
    expect(selects({ filter: { and: [yes, no] } })).toBe(false);
    expect(selects({ filter: { and: [yes, yes] } })).toBe(true);
    expect(selects({ filter: { or: [no, yes] } })).toBe(true);
    expect(selects({ filter: { or: [no, no] } })).toBe(false);
    expect(selects({ filter: { or: [] } })).toBe(false);
    expect(selects({ filter: { not: no } })).toBe(true);
    expect(selects({ filter: { not: { and: [yes, { or: [yes, no] }] } } })).toBe(false);
    expect(selects({ filter: { count: null, and: null } })).toBe(true);
  });

  it.each([
    [{ count: { equals: 3 } }, "There is no operator 'equals'"],
    [{ count: { toString: 3 } }, "There is no operator 'toString'"],
    [{ count: 3 }, "The filter compares count with operators"],
    [{ count: { between: [1] } }, "between takes two values"],
    [{ other: { eq: 3 } }, "There is no field 'other' in filters of Record"],
    [{ not: { or: [{ constructor: { eq: 3 } }] } }, "There is no field 'constructor'"],
    [{ or: [3] }, "A filter is an object"],
    [[], "A filter is an object"],
  ])("is invalid: %j", (filter, message) => {
    expect(() => selects({ filter })).toThrow(message);
  });
});

describe("an argument", () => {
  it("selects by its value, and by nothing if it is null", () => {
    expect(selects({ text: "b2", id: "7", open: true })).toBe(true);
    expect(selects({ text: "b2", id: "8" })).toBe(false);
    expect(selects({ text: null, id: undefined })).toBe(true);
    expect(selects({ absent: "x" })).toBe(false);
    expect(selects({ filter: "x" })).toBe(false);
  });
});
