import { describe, expect, it } from "vitest";
import { type Expected, matcherOf } from "./claims.ts";

function accepts(expected: Expected, value: unknown): boolean {
  const matcher = matcherOf("x()", expected);
  // Twice: an expression with state would answer differently.
  return matcher === undefined || (matcher.accepts(value) && matcher.accepts(value));
}

describe("matcherOf", () => {
  const cases: readonly (readonly [Expected, unknown, boolean])[] = [
    ["a", "a", true],
    ["a", "A", false],
    ["a", "ab", false],
    ["a", undefined, false],
    ["a", ["a"], false],
    [["a", "b"], "b", true],
    [["a", "b"], "a,b", false],
    [null, undefined, true],
    [/a|b/, "a", true],
    [/a|b/, "ab", false],
    [/a|b/, "xb", false],
    [/^a$|b/m, "b\nc", false],
    [/a/m, "x\na", false],
    [/a+/g, "aaa", true],
    [/a+/y, "aaa", true],
    [/a/i, "A", true],
    [/web-\d+/u, "web-42", true],
    [/web-\d+/u, "web-42x", false],
    [/./, ["a"], false],
    [/.*/, undefined, false],
  ];
  it.each(cases)("%s and %j: %s", (expected, value, result) => {
    expect(accepts(expected, value)).toBe(result);
  });

  it.each([[[]], [""], [["a", ""]], [[1]], [42], [{}]])(
    "throws for %j, which nothing would match",
    (expected) => {
      expect(() => matcherOf("oidc(): audience", expected as Expected)).toThrow(/oidc\(\): audience is/);
    },
  );
});
