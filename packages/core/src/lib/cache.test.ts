import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Cache } from "./cache.ts";

const known = (cache: Cache<number>, keys: string) =>
  keys
    .split("")
    .filter((key) => cache.get(key) !== undefined)
    .join("");

describe("Cache", () => {
  it("drops the older half if there is too much", () => {
    const cache = new Cache<number>(4);
    for (const key of "abcd") cache.set(key, 1);
    expect(cache.get("d")).toBe(1);
    cache.set("e", 1);
    expect(known(cache, "ab")).toBe("");
    expect(cache.get("e")).toBe(1);
  });

  it("keeps what is used", () => {
    const cache = new Cache<number>(10);
    cache.set("used", 7);
    for (let i = 0; i < 1000; i++) {
      cache.set(`other ${i}`, i);
      expect(cache.get("used")).toBe(7);
    }
    expect(cache.get("other 0")).toBeUndefined();
  });

  it("never holds more than it may", () => {
    const weights = new Map<string, number>();
    for (let i = 0; i < 500; i++) {
      weights.set(String(i), 20 + ((i * 37) % 150));
      // A new one each time, since looking copies entries.
      const cache = new Cache<number>(1000, (weight) => weight);
      for (const [key, weight] of weights) cache.set(key, weight);
      const held = [...weights.keys()].toReversed().map((key) => cache.get(key) ?? 0);
      expect(held[0]).toBe(weights.get(String(i)));
      expect(held.reduce((sum, weight) => sum + weight)).toBeLessThanOrEqual(1000);
    }
  });

  it("counts an entry once that is replaced", () => {
    const cache = new Cache<number>(8);
    cache.set("a", 1);
    for (let i = 0; i < 10; i++) cache.set("b", i);
    cache.set("c", 1);
    cache.set("d", 1);
    expect(known(cache, "abcd")).toBe("abcd");
    expect(cache.get("b")).toBe(9);
  });

  it("keeps nothing that is too heavy alone, and drops what that replaces", () => {
    const cache = new Cache<number>(1000, (weight) => weight);
    cache.set("a", 1);
    cache.set("a", 501);
    expect(cache.get("a")).toBeUndefined();
  });

  it("gives the last value or none, whatever was set, replaced and deleted", () => {
    const key = fc.constantFrom("a", "b", "c", "d", "e", "f");
    const step = fc.oneof(
      fc.record({ key, weight: fc.integer({ min: 1, max: 7 }) }),
      fc.record({ key, weight: fc.constant(undefined) }),
      key,
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const cache = new Cache<{ readonly weight: number }>(12, ({ weight }) => weight);
        const last = new Map<string, object>();
        for (const each of steps) {
          if (typeof each === "string") {
            expect([undefined, last.get(each)]).toContain(cache.get(each));
          } else if (each.weight === undefined) {
            cache.delete(each.key);
            last.delete(each.key);
          } else {
            const value = { weight: each.weight };
            cache.set(each.key, value);
            last.set(each.key, value);
            expect(cache.get(each.key)).toBe(each.weight > 6 ? undefined : value);
          }
        }
        for (const one of "abcdef") expect([undefined, last.get(one)]).toContain(cache.get(one));
      }),
      { numRuns: 500 },
    );
  });
});
