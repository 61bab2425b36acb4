import { assert, constantFrom, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { globMatches } from "./glob.ts";

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

  it("takes no time for a pattern with many stars", () => {
    expect(globMatches(`${"*a".repeat(200)}b`, "a".repeat(8000))).toBe(false);
  });
});
