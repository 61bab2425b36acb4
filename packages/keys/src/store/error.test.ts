import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { inTime, StoreError, storeErrorOf, troubleOf } from "./error.ts";

it("names the store, and says what is wrong without the name", () => {
  const cause = new Error("ENOSPC");
  const error = new StoreError("file a.jsonl", "the disk is full", { cause, advice: "Delete something." });
  expect(error).toMatchObject({
    name: "StoreError",
    message: "The file a.jsonl cannot be used: the disk is full. Delete something.",
    trouble: "the disk is full",
    cause,
  });
  expect(new StoreError("memory", "it is full").message).toBe("The memory cannot be used: it is full");
});

describe("what is wrong", () => {
  const several = ["::1", "127.0.0.1"].map((address) => new Error(`connect ECONNREFUSED ${address}:6379`));
  it.each([
    // As Node throws for a host with several addresses.
    [new AggregateError(several), "connect ECONNREFUSED ::1:6379"],
    [new AggregateError([], "no address"), "no address"],
    [new Error("ERR max number of clients reached."), "ERR max number of clients reached"],
    [new RangeError(), "RangeError"],
    ["timeout", "timeout"],
    [undefined, "it failed with something that is not an Error"],
    [Object.create(null), "it failed with something that is not an Error"],
    [{ url: "redis://:s3cret@127.0.0.1" }, "it failed with something that is not an Error"],
  ])("of %o", (thrown, trouble) => {
    expect(troubleOf(thrown)).toBe(trouble);
    expect(storeErrorOf("Redis", thrown)).toMatchObject({
      message:
        `The Redis cannot be used: ${trouble}. ` +
        "Check that its server runs, and that the host, port, user and password are right.",
      trouble,
      cause: thrown,
    });
  });

  it("is what the store says itself", () => {
    const error = new StoreError("memory", "it is full");
    expect(storeErrorOf("Redis", error)).toBe(error);
    expect(troubleOf(error)).toBe("it is full");
  });
});

describe("a time limit", () => {
  it("does not count the time in which this process was too busy to read the answer", async () => {
    const work = inTime("file", () => readFile(import.meta.filename, "utf8"), 2000);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2100);
    expect(await work).toContain("too busy");
  });

  it("ends work that does not answer", async () => {
    await expect(inTime("file", () => new Promise(() => {}), 40)).rejects.toMatchObject({
      name: "StoreError",
      trouble: "it did not answer within 0.04 seconds",
    });
  });
});
