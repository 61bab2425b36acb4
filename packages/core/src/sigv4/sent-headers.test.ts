import { describe, expect, it } from "vitest";
import { viewOf } from "../test/view.ts";
import { SentHeaders } from "./sent-headers.ts";

/** Counts how often an entry is looked at. */
function counted(list: readonly string[]): {
  readonly list: readonly string[];
  readonly looks: () => number;
} {
  let count = 0;
  const get = (target: readonly string[], name: string | symbol, receiver: unknown): unknown => {
    if (typeof name === "string" && /^\d+$/.test(name)) count++;
    return Reflect.get(target, name, receiver);
  };
  return { list: new Proxy(list, { get }), looks: () => count };
}

describe("SentHeaders", () => {
  it("looks at each signed name a few times, however many headers were sent", () => {
    const names = Array.from({ length: 1000 }, (_, i) => `s${String(i).padStart(4, "0")}`);
    const headers = Array.from({ length: 900 }, (_, i) => [`x${i}`, "1"] as const);
    const { list, looks } = counted(names);
    const sent = new SentHeaders(viewOf({ headers: [...headers, ["S0007", "a"]] }), list, []);
    expect([sent.get("s0007"), sent.get("s0008"), sent.get("x1")]).toEqual(["a", undefined, undefined]);
    expect(looks()).toBeLessThanOrEqual(3 * names.length);
  });
});
