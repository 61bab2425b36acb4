import { describe, expect, it } from "vitest";
import { plainError } from "./log.ts";

describe("plainError", () => {
  it("keeps names, messages, codes and stacks, and no other property", () => {
    const cause = Object.assign(new RangeError("no k-1 route"), { code: "ENOROUTE", data: "k-1" });
    const copy = plainError(new DOMException("late", { name: "TimeoutError", cause }), ["k-1", ""]);
    expect(copy).toMatchObject({ name: "TimeoutError", message: "late" });
    expect(copy.cause).toEqual(
      Object.assign(new Error("no [secret] route"), { name: "RangeError", code: "ENOROUTE" }),
    );
    expect((copy.cause as Error).stack).toContain("RangeError: no [secret] route\n    at ");
    expect(copy.cause).not.toHaveProperty("data");
  });

  it("ends, also if an error is its own cause", () => {
    const circle = new Error("round");
    circle.cause = circle;
    let levels = 0;
    for (let error: unknown = plainError(circle, []); error instanceof Error; error = error.cause) levels++;
    expect(levels).toBe(5);
  });

  it("shows nothing of what is no Error", () => {
    expect(plainError({ token: "k-1" }, [])).toEqual(new Error("something was thrown that is not an Error"));
  });
});
