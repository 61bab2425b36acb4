import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from "vitest";
import { openAccessKeys } from "./access-keys.ts";
import { openKeys } from "./keys.ts";
import { Live } from "./live.ts";
import { openRevocations } from "./revocations.ts";
import { StoreError } from "./store/error.ts";
import { memoryStore } from "./store/memory.ts";
import { checkFormat, type Store } from "./store/store.ts";
import { askerOf } from "./test/ask.ts";

/** A store that can be down, hang, and lose its messages. */
class Faulty implements Store {
  readonly name = "test store";
  state: "up" | "down" | "hanging" = "up";
  hasMessages = true;
  reads = 0;
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async #answer<T>(call: () => Promise<T>): Promise<T> {
    if (this.state === "hanging") return new Promise(() => {});
    if (this.state === "down") throw new Error("connect ECONNREFUSED");
    return call();
  }

  changes(...args: Parameters<Store["changes"]>): ReturnType<Store["changes"]> {
    this.reads++;
    return this.#answer(() => this.#store.changes(...args));
  }

  write(...args: Parameters<Store["write"]>): ReturnType<Store["write"]> {
    return this.#answer(() => this.#store.write(...args));
  }

  watch(wake: () => void): () => void {
    return this.#store.watch(() => {
      if (this.hasMessages) wake();
    });
  }

  async close(): Promise<void> {}
}

let errors: MockInstance<typeof console.error>;
beforeEach(() => {
  errors = vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => vi.restoreAllMocks());

describe("two instances", () => {
  it("see each other's changes in a moment, and within 5 s if messages get lost", async () => {
    const shared = memoryStore();
    const far = new Faulty(shared);
    const [here, there] = [await openKeys(shared), await openKeys(far)];
    const ask = await askerOf(there);
    const { id, key } = await here.create({ name: "a" });
    expect(await ask(key)).toBe(`apiKey ${id}`);
    await here.disable(id);
    await sleep(50);
    expect(await ask(key)).toBe("401 api_key_disabled");
    await here.enable(id);
    far.hasMessages = false;
    await here.revoke(id);
    await sleep(2500);
    expect(await ask(key)).toBe("401 api_key_disabled");
    await here.close();
    await there.close();
  });

  it("accept a key that the other made just now, without messages", async () => {
    const shared = memoryStore();
    const far = new Faulty(shared);
    far.hasMessages = false;
    const [here, there] = [await openKeys(shared), await openKeys(far)];
    const ask = await askerOf(there);
    for (let i = 0; i < 5; i++) {
      const { id, key } = await here.create({ name: "a" });
      expect(await ask(key)).toBe(`apiKey ${id}`);
    }
    await here.close();
    await there.close();
  });
});

it("asks the store for no known key, and ten times a second at most for unknown ones", async () => {
  const store = new Faulty(memoryStore());
  const keys = await openKeys(store);
  const { id, key } = await keys.create({ name: "a" });
  const ask = await askerOf(keys);
  await ask(key);
  store.reads = 0;
  const started = performance.now();
  for (let i = 0; i < 100; i++) expect(await ask(key)).toBe(`apiKey ${id}`);
  const polls = Math.ceil((performance.now() - started) / 1000) + 1;
  expect(store.reads).toBeLessThanOrEqual(polls);
  store.reads = 0;
  const flood = performance.now();
  const answers = await Promise.all(
    Array.from({ length: 1000 }, (_, i) => ask(`${key.slice(0, -49)}wrong${i}`)),
  );
  expect(new Set(answers)).toEqual(new Set(["401 api_key_unknown"]));
  expect(store.reads).toBeLessThanOrEqual(3 + (performance.now() - flood) / 90);
  expect(await ask(key)).toBe(`apiKey ${id}`);
  await keys.close();
});

describe.each(["down", "hanging"] as const)("a store that is %s", (state) => {
  it("keeps known keys for maxStaleSeconds, then the answer is 503, and recovers by itself", async () => {
    const store = new Faulty(memoryStore());
    const keys = await openKeys(store, { maxStaleSeconds: 2 });
    const { id, key } = await keys.create({ name: "a" });
    const ask = await askerOf(keys);
    store.state = state;
    expect(await ask(key)).toBe(`apiKey ${id}`);
    // Nothing tells whether the key is wrong, or new.
    expect(await ask("x".repeat(20))).toBe("503 key_store_down");
    await sleep(2500);
    expect(await ask(key)).toBe("503 key_store_down");
    expect(await ask("x".repeat(20))).toBe("503 key_store_down");
    store.state = "up";
    await vi.waitFor(async () => expect(await ask(key)).toBe(`apiKey ${id}`), {
      timeout: 20_000,
      interval: 200,
    });
    expect(await ask("x".repeat(20))).toBe("401 api_key_unknown");
    expect(errors.mock.calls.flat()).toEqual([
      expect.stringMatching(
        /^authmodes: the test store cannot be read \(.*\); what was read before holds for 2 seconds$/,
      ),
      "authmodes: the test store can be read again",
    ]);
    await keys.close();
  }, 40_000);

  it("keeps nothing waiting that is closed or listed", async () => {
    const store = new Faulty(memoryStore());
    const keys = await openKeys(store);
    const { id, key } = await keys.create({ name: "a" });
    expect(await (await askerOf(keys))(key)).toBe(`apiKey ${id}`);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    vi.spyOn(store, "changes").mockImplementation((kind, after) =>
      kind === "last-use"
        ? new Promise(() => {})
        : Promise.resolve({ rows: [], cursor: after ?? "", isWhole: false }),
    );
    store.state = state;
    const listed = keys.list().catch((error: unknown) => error);
    const closed = keys.close().then(() => "closed");
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    const outcome = (promise: Promise<unknown>) => Promise.race([promise, sleep(100, "waiting")]);
    expect(await outcome(closed)).toBe("closed");
    expect(String(await outcome(listed))).toContain("did not answer within");
  });

  it("does not start", async () => {
    const store = new Faulty(memoryStore());
    store.state = state;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const trouble = state === "down" ? "connect ECONNREFUSED" : "it did not answer within 60 seconds";
    const opening = openKeys(store).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    const error = await opening;
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({
      message:
        `The test store cannot be used: ${trouble}. Check that its server runs, and that the host, port, user and ` +
        "password are right.",
      trouble,
    });
  });
});

it("a change gives up if the store changes under it again and again", async () => {
  const store = memoryStore();
  const keys = await openKeys(store);
  vi.spyOn(store, "write").mockResolvedValue(false);
  await expect(keys.create({ name: "a" })).rejects.toThrow(StoreError);
  await keys.close();
});

it("forgets keys that the store lost", async () => {
  let store = memoryStore();
  const keys = await openKeys({
    name: "test store",
    changes: (...args) => store.changes(...args),
    write: (...args) => store.write(...args),
    watch: () => () => {},
    close: async () => {},
  });
  const { key } = await keys.create({ name: "a" });
  const ask = await askerOf(keys);
  expect(await ask(key)).toMatch(/^apiKey/);
  store = memoryStore();
  await sleep(1500);
  expect(await ask(key)).toBe("401 api_key_unknown");
  await keys.close();
});

it("forgets what expired, but not a record that was written again without an expiry", async () => {
  const store = memoryStore();
  const live = await Live.open(store, "test", 60, () => {});
  const over = { kind: "test", data: "1", expiresAt: Math.floor(Date.now() / 1000) - 3600 };
  await store.write([{ ...over, id: "kept" }]);
  await live.sync();
  await store.write([
    { kind: "test", data: "2", id: "kept" },
    { ...over, id: "over" },
  ]);
  await live.sync();
  expect([...live.records]).toEqual([
    ["kept", 2],
    ["over", 1],
  ]);
  for (let i = 0; i < 600; i++) await live.sync();
  expect([...live.records]).toEqual([["kept", 2]]);
  live.close();
});

it("names a store once if it says itself why it cannot be used", async () => {
  const store = memoryStore();
  const keys = await openKeys(store);
  const ask = await askerOf(keys);
  vi.spyOn(store, "changes").mockRejectedValue(new StoreError(store.name, "permission denied"));
  expect(await ask("x".repeat(20))).toBe("503 key_store_down");
  expect(errors.mock.calls.flat()).toEqual([
    "authmodes: the memory cannot be read (permission denied); what was read before holds for 60 seconds",
  ]);
  await keys.close();
});

it.each([
  ["a rejection without a reason", () => Promise.reject(undefined)],
  [
    "an object that is no error",
    () => {
      throw Object.create(null);
    },
  ],
])("a store of the app that fails with %s is down", async (_, fail) => {
  const store = memoryStore();
  const keys = await openKeys(store);
  const changes = vi.spyOn(store, "changes").mockImplementation(fail);
  const trouble = "it failed with something that is not an Error";
  await expect(keys.list()).rejects.toMatchObject({ name: "StoreError", trouble });
  const write = vi.spyOn(store, "write").mockImplementation(fail);
  changes.mockRestore();
  await expect(keys.create({ name: "a" })).rejects.toMatchObject({ name: "StoreError", trouble });
  expect(write).toHaveBeenCalledOnce();
  expect(errors.mock.calls.flat()).toEqual([
    `authmodes: the memory cannot be read (${trouble}); what was read before holds for 60 seconds`,
    "authmodes: the memory can be read again",
  ]);
  await keys.close();
});

it("says so if this process did not ask the store, such as one that was suspended", async () => {
  const keys = await openKeys(memoryStore());
  await keys.close();
  vi.spyOn(performance, "now").mockReturnValue(performance.now() + 60_000);
  expect(() => keys.find("hash")).toThrow(
    expect.objectContaining({ detail: "the memory cannot be read: it was not asked for 60 seconds" }),
  );
});

it("is reported once, whatever is read of the store, and names the store once", async () => {
  const store = new Faulty(memoryStore());
  const opened = [
    await openKeys(store),
    await openAccessKeys(store, { encryptionKey: randomBytes(32).toString("base64") }),
    await openRevocations(store),
  ];
  const changes = vi.spyOn(store, "changes").mockImplementation(async () => {
    checkFormat(store.name, 2);
    throw new Error("it does not get here");
  });
  await sleep(2500);
  const failed =
    "authmodes: the test store cannot be read (it holds records of version 2, and this @authmodes/keys knows 1. " +
    "Nothing was changed. Update @authmodes/keys); what was read before holds for 60 seconds";
  expect(errors.mock.calls.flat()).toEqual([failed]);
  changes.mockRestore();
  const back = "authmodes: the test store can be read again";
  const wait = { timeout: 10_000 };
  await expect.poll(() => errors.mock.calls.flat(), wait).toEqual([failed, back]);
  store.state = "down";
  await sleep(1500);
  // A reader that was closed does not keep the store from being back, and reports nothing itself.
  await opened[0]?.close();
  store.state = "up";
  await expect
    .poll(() => errors.mock.calls.flat(), wait)
    .toEqual([failed, back, expect.stringContaining("ECONNREFUSED"), back]);
  await Promise.all(opened.map((one) => one.close()));
}, 30_000);
