import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openKeys } from "./keys.ts";
import { openRevocations } from "./revocations.ts";
import { fileStore } from "./store/file.ts";
import { memoryStore } from "./store/memory.ts";
import type { Store } from "./store/store.ts";
import { checkConnections, checkOutage } from "./test/connections.ts";
import { newFolder } from "./test/temp.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("open connections end within 5 s of a change, and no others", () => {
  it("in memory", async () => {
    const store = memoryStore();
    await checkConnections(() => store);
  }, 20_000);

  it("in memory, if messages get lost", async () => {
    const store = memoryStore();
    await checkConnections(() => ({ ...store, watch: () => () => {} }));
  }, 20_000);

  it("in a file", async () => {
    const path = join(await newFolder(), "keys.jsonl");
    await checkConnections(() => fileStore(path));
  }, 20_000);
});

/** A store in memory that fails from a moment on. */
function failing(how: () => Promise<never>): { readonly store: Store; readonly fail: () => Promise<void> } {
  const store = memoryStore();
  let isDown = false;
  return {
    store: { ...store, changes: async (...args) => (isDown ? how() : store.changes(...args)) },
    fail: async () => void (isDown = true),
  };
}

describe("open connections outlive a store for maxStaleSeconds", () => {
  it.each<[string, () => Promise<never>]>([
    ["is down", () => Promise.reject(new Error("connect ECONNREFUSED"))],
    ["hangs", () => new Promise<never>(() => {})],
  ])(
    "that %s",
    async (_, how) => {
      vi.spyOn(console, "error").mockImplementation(() => {});
      const { store, fail } = failing(how);
      await checkOutage(store, fail);
    },
    20_000,
  );
});

describe("a listener", () => {
  it("is called once for many changes of one read, not for those of another kind, and not after it stopped", async () => {
    const store = memoryStore();
    const [keys, revocations] = [await openKeys(store), await openRevocations(store)];
    const [ofKeys, ofRevocations] = [vi.fn<() => void>(), vi.fn<() => void>()];
    const stop = keys.find.onChange?.(ofKeys);
    revocations.isRevoked.onChange?.(ofRevocations);
    await keys.import({
      keys: `Name,Key\n${Array.from({ length: 100 }, (_, i) => `k${i},${"k".repeat(20)}${i}`).join("\n")}\n`,
    });
    expect([ofKeys.mock.calls.length, ofRevocations.mock.calls.length]).toEqual([1, 0]);
    await revocations.revoke({ jti: "j1" });
    expect([ofKeys.mock.calls.length, ofRevocations.mock.calls.length]).toEqual([1, 1]);
    stop?.();
    await keys.create({ name: "a" });
    expect(ofKeys).toHaveBeenCalledTimes(1);
    await keys.close();
    await revocations.close();
  });

  it.each<[string, () => void]>([
    [
      "throws",
      () => {
        throw new RangeError("secret");
      },
    ],
    ["rejects", async () => Promise.reject(new RangeError("secret"))],
  ])("that %s keeps no change from the others, nor from the store", async (_, listener) => {
    const errors = vi.spyOn(console, "error").mockImplementation(() => {});
    const keys = await openKeys(memoryStore());
    const other = vi.fn<() => void>();
    keys.find.onChange?.(listener);
    keys.find.onChange?.(other);
    const { id } = await keys.create({ name: "a" });
    await keys.revoke(id);
    expect(other).toHaveBeenCalledTimes(2);
    expect(errors.mock.calls.flat()).toEqual(
      Array.from({ length: 2 }, () => "authmodes: a function given to onChange() failed with RangeError"),
    );
    await keys.close();
  });

  it("is not called by reads that find nothing, but when the last one is maxStaleSeconds ago", async () => {
    vi.useFakeTimers();
    vi.spyOn(console, "error").mockImplementation(() => {});
    const { store, fail } = failing(() => Promise.reject(new Error("connect ECONNREFUSED")));
    const keys = await openKeys(store);
    await keys.create({ name: "a" });
    const listener = vi.fn<() => void>();
    keys.find.onChange?.(listener);
    await vi.advanceTimersByTimeAsync(100_000);
    await fail();
    await vi.advanceTimersByTimeAsync(58_000);
    expect(listener).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2000);
    expect(listener).toHaveBeenCalledOnce();
    await keys.close();
  });
});
