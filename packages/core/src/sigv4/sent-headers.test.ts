import { describe, expect, it } from "vitest";
import { viewOf } from "../test/view.ts";
import { SentHeaders } from "./signed-request.ts";

class CountedMap extends Map<string, number> {
  looks = 0;

  override get(name: string): number | undefined {
    this.looks++;
    return super.get(name);
  }

  override [Symbol.iterator](): MapIterator<[string, number]> {
    this.looks += this.size;
    return super[Symbol.iterator]();
  }
}

describe("SentHeaders", () => {
  it("looks for each header once among the signed names, however many there are", () => {
    const places = new CountedMap(
      Array.from({ length: 1000 }, (_, i) => [`s${String(i).padStart(4, "0")}`, i]),
    );
    const names = [...places.keys()];
    const headers = Array.from({ length: 900 }, (_, i) => [`x${i}`, "1"] as const);
    const sent = new SentHeaders(
      viewOf({ headers: [...headers, ["S0007", "a"]] }),
      { names, places, lengths: new Set([5]) },
      [],
    );
    expect([sent.get("s0007"), sent.get("s0008"), sent.get("x1")]).toEqual(["a", undefined, undefined]);
    expect(places.looks).toBeLessThanOrEqual(headers.length + 10);
  });
});
