import { assert, constantFrom, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { globMatches } from "./policy.ts";

/** The same text, which counts how often a character of it is looked at. */
function counted(text: string): { readonly counting: string; readonly looks: () => number } {
  let count = 0;
  const get = (_target: object, name: string | symbol): unknown => {
    if (name === "charCodeAt") return (at: number) => (count++, text.charCodeAt(at));
    return Reflect.get(Object(text), name, text);
  };
  return { counting: new Proxy({}, { get }) as string, looks: () => count };
}

describe("globMatches", () => {
  it.each([
    ["*", "", true],
    ["", "", true],
    ["", "a", false],
    ["?", "", false],
    ["?", "a", true],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["a*", "a", true],
    ["*c", "abc", true],
    ["a*c", "abcb", false],
    ["a*b*c", "a1b2b3c", true],
    ["a.c", "abc", false],
    ["GET/books/*", "GET/books/1/pages/2", true],
    ["GET/books/*", "GET/books", false],
  ])("'%s' and '%s': %s", (pattern, text, wanted) => {
    expect(globMatches(pattern, text)).toBe(wanted);
  });

  it("agrees with a regular expression", () => {
    const units = (...letters: string[]) => string({ unit: constantFrom(...letters), maxLength: 8 });
    assert(
      property(units("a", "b", "*", "?"), units("a", "b", "*", "?"), (pattern, text) => {
        const expression = pattern.replaceAll("*", "[^]*").replaceAll("?", "[^]");
        expect(globMatches(pattern, text)).toBe(new RegExp(`^(?:${expression})$`).test(text));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["many stars", `${"*a".repeat(200)}b`, "a".repeat(8000)],
    ["a piece that nearly matches everywhere", `*${"a".repeat(2000)}b${"a".repeat(2000)}*`, "a".repeat(8000)],
    ["a piece with a beginning that repeats", `*${"ab".repeat(2000)}c*`, "ab".repeat(4000)],
    ["an end that nearly matches", `*b${"a".repeat(4000)}`, "a".repeat(8000)],
  ])("looks at each character a few times: %s", (_case, pattern, text) => {
    const { counting, looks } = counted(text);
    expect(globMatches(pattern, counting)).toBe(false);
    expect(looks()).toBeLessThanOrEqual(4 * text.length);
  });
});
