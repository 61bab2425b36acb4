import { describe, expect, it, onTestFinished, vi } from "vitest";
import { viewOf } from "../test/view.ts";
import { requestEvent } from "./authorizer-events.ts";

const name = { region: "local", accountId: "000000000000", apiId: "local", stage: "$default" };

describe("requestEvent", () => {
  it("collects a repeated header without copying what it has so far", () => {
    const headers = Array.from({ length: 1000 }, (_, i) => ["X-A", String(i)] as const);
    const set = vi.spyOn(Map.prototype, "set");
    onTestFinished(() => set.mockRestore());
    const event = requestEvent(viewOf({ headers }), name, 0);
    const copied = set.mock.calls.reduce(
      (sum, [, value]) => sum + (Array.isArray(value) ? value.length : 0),
      0,
    );
    set.mockRestore();
    expect(event.headers).toEqual({ "X-A": "999" });
    expect(event.multiValueHeaders["X-A"]).toHaveLength(1000);
    expect(copied).toBeLessThanOrEqual(2 * headers.length);
  });

  it("reads the query once, whatever it names", () => {
    const target = `/x?${Array.from({ length: 900 }, (_, i) => `p${i}=${i}&p${i}=b`).join("&")}`;
    const getAll = vi.spyOn(URLSearchParams.prototype, "getAll");
    onTestFinished(() => getAll.mockRestore());
    const event = requestEvent(viewOf({ target }), name, 0);
    expect(event.multiValueQueryStringParameters?.["p7"]).toEqual(["7", "b"]);
    expect(event.queryStringParameters?.["p7"]).toBe("b");
    expect(getAll).not.toHaveBeenCalled();
  });

  it("gives plain objects, in which every name is a name", () => {
    const headers = [
      ["__proto__", "a"],
      ["constructor", "b"],
    ] as const;
    const event = requestEvent(viewOf({ headers, target: "/?__proto__=c&constructor=d" }), name, 0);
    for (const object of [event.headers, event.queryStringParameters]) {
      expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
      expect(Object.keys(object ?? {})).toEqual(["__proto__", "constructor"]);
    }
    expect(JSON.parse(JSON.stringify(event))).toEqual(event);
  });
});
