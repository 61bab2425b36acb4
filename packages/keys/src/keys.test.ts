import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { hashApiKey } from "@authmodes/core";
import { openKeys } from "./keys.ts";
import { fileStore } from "./store/file.ts";
import { memoryStore } from "./store/memory.ts";
import { askerOf } from "./test/ask.ts";
import { newFolder } from "./test/temp.ts";

const day = 86_400;
const seconds = () => Math.floor(Date.now() / 1000);

describe("keys.create", () => {
  it("makes a key that works, and stores its hash alone", async () => {
    const path = join(await newFolder(), "keys.jsonl");
    const keys = await openKeys(fileStore(path));
    const made = await keys.create({
      name: "shop",
      owner: "ann",
      scopes: ["orders/read"],
      metadata: { team: "search" },
    });
    expect(made.key).toMatch(/^am_live_[0-9A-Za-z]{49}$/);
    expect(Math.abs(made.expiresAt - seconds() - 30 * day)).toBeLessThan(5);
    const ask = await askerOf(keys);
    expect(await ask(made.key)).toBe(`apiKey ${made.id}`);
    expect(await readFile(path, "utf8")).not.toContain(made.key.slice(-49));
    expect(keys.get(made.id)).toEqual({
      id: made.id,
      name: "shop",
      owner: "ann",
      scopes: ["orders/read"],
      metadata: { team: "search" },
      plans: [],
      state: "active",
      reason: null,
      createdAt: expect.any(Number),
      expiresAt: made.expiresAt,
      previousExpiresAt: null,
    });
    await keys.close();
    // Another process, later.
    const later = await openKeys(fileStore(path));
    expect(await (await askerOf(later))(made.key)).toBe(`apiKey ${made.id}`);
    await later.close();
  });

  it("gives the scopes to the identity", async () => {
    const keys = await openKeys(memoryStore());
    const { key } = await keys.create({ name: "a", scopes: ["read"], expiresInDays: 1, environment: "test" });
    expect(key).toMatch(/^am_test_/);
    const [stored] = [...(await keys.list())];
    expect(stored?.scopes).toEqual(["read"]);
    await keys.close();
  });

  it.each([
    [{}, "name is missing"],
    [{ name: "" }, "name is one line"],
    [{ name: "a\nb" }, "name is one line"],
    [{ name: "a", label: "b" }, "Write 'name'"],
    [{ name: "a", expiresInDays: 0 }, "from 1 to 365"],
    [{ name: "a", expiresInDays: 366 }, "from 1 to 365"],
    [{ name: "a", expiresInDays: 1.5 }, "from 1 to 365"],
    [{ name: "a", scopes: ["a b"] }, "without spaces"],
    [{ name: "a", metadata: { a: 1 } }, "object of texts"],
    [{ name: "a", metadata: { a: "x".repeat(9000) } }, "at most 8 KiB"],
    [{ name: "a", environment: "Prod" }, "environment"],
    [{ name: "a", owner: undefined }, "owner is undefined"],
  ])("throws for %j", async (options, message) => {
    const keys = await openKeys(memoryStore());
    await expect(keys.create(options as never)).rejects.toThrow(message);
    expect(await keys.list()).toEqual([]);
    await keys.close();
  });
});

describe("the life of a key", () => {
  it("rotates with an overlap: both work, then only the new one", async () => {
    const keys = await openKeys(memoryStore());
    const ask = await askerOf(keys);
    const one = await keys.create({ name: "a", expiresInDays: 90 });
    const two = await keys.rotate(one.id, { overlapSeconds: 2 });
    expect(two.id).toBe(one.id);
    // As long as before.
    expect(Math.abs(two.expiresAt - seconds() - 90 * day)).toBeLessThan(5);
    expect([await ask(one.key), await ask(two.key)]).toEqual([`apiKey ${one.id}`, `apiKey ${one.id}`]);
    expect(keys.get(one.id)?.previousExpiresAt).toBeGreaterThan(seconds());
    await sleep(3000);
    expect(await ask(one.key)).toBe("401 api_key_expired");
    expect(await ask(two.key)).toBe(`apiKey ${one.id}`);
    const three = await keys.rotate(one.id, { overlapSeconds: 0 });
    expect(await ask(two.key)).toBe("401 api_key_unknown");
    expect(await ask(three.key)).toBe(`apiKey ${one.id}`);
    await keys.close();
  });

  it("keeps every value in its overlap, and extends none", async () => {
    const keys = await openKeys(memoryStore());
    const ask = await askerOf(keys);
    await keys.import({
      keys: JSON.stringify({ apiKeys: [{ id: "da2-abcdefghijklmnopqrst", expires: seconds() + 3 }] }),
    });
    const id = (await keys.list())[0]?.id ?? "";
    await keys.rotate(id);
    await keys.rotate(id);
    expect(await ask("da2-abcdefghijklmnopqrst")).toBe(`apiKey ${id}`);
    await sleep(3000);
    expect(await ask("da2-abcdefghijklmnopqrst")).toBe("401 api_key_expired");
    await keys.close();
  });

  it("disables, enables and revokes with a reason", async () => {
    const keys = await openKeys(memoryStore());
    const ask = await askerOf(keys);
    const { id, key } = await keys.create({ name: "a" });
    expect(await keys.disable(id, "seen in a log")).toMatchObject({
      state: "disabled",
      reason: "seen in a log",
    });
    expect(await ask(key)).toBe("401 api_key_disabled");
    await keys.enable(id);
    expect(await ask(key)).toBe(`apiKey ${id}`);
    expect(await keys.revoke(id, "leaked")).toMatchObject({ state: "revoked", reason: "leaked" });
    expect(await ask(key)).toBe("401 api_key_disabled");
    // For good.
    await expect(keys.enable(id)).rejects.toThrow(
      new TypeError(`keys.enable(): the key '${id}' is revoked for good; create another`),
    );
    expect(await keys.revoke(id, "again")).toMatchObject({ reason: "leaked" });
    await expect(keys.rotate(id)).rejects.toThrow("revoked for good");
    expect(await ask(key)).toBe("401 api_key_disabled");
    await keys.close();
  });

  it("rejects a key that expired, also if the clock steps back", async () => {
    const keys = await openKeys(memoryStore());
    const key = "da2-abcdefghijklmnopqrst";
    await keys.import({ keys: JSON.stringify({ apiKeys: [{ id: key, expires: seconds() + 1 }] }) });
    const ask = await askerOf(keys);
    expect(await ask(key)).toMatch(/^apiKey /);
    await sleep(2000);
    expect(await ask(key)).toBe("401 api_key_expired");
    expect((await keys.list())[0]?.state).toBe("expired");
    const hash = await hashApiKey(key);
    const before = Date.now() - day * 1000;
    vi.spyOn(Date, "now").mockReturnValue(before);
    try {
      // As core sees it at that time.
      expect((await keys.find(hash))?.expiresAt).toBeLessThanOrEqual(before / 1000);
    } finally {
      vi.restoreAllMocks();
      await keys.close();
    }
  });

  it.each(["rotate", "disable", "enable", "revoke"] as const)(
    "%s throws for an unknown id",
    async (action) => {
      const keys = await openKeys(memoryStore());
      await expect(keys[action]("none")).rejects.toThrow(`keys.${action}(): the memory has no key 'none'`);
      await keys.close();
    },
  );

  it.each(["rotate", "disable", "enable", "revoke"] as const)(
    "%s names the id if it is given a key, and repeats no key",
    async (action) => {
      const keys = await openKeys(memoryStore());
      const { id, key } = await keys.create({ name: "a" });
      await keys.rotate(id);
      await expect(keys[action](key)).rejects.toThrow(
        new TypeError(`keys.${action}(): write the id of the key, '${id}', not the key`),
      );
      for (const unknown of ["0123456789-0123456789", "AKIAIOSFODNN7EXAMPLE,wJalrXUtnFEMI/K7MDENG"]) {
        await expect(keys[action](unknown)).rejects.toThrow(
          new TypeError(`keys.${action}(): the memory has no key with this id`),
        );
      }
      await keys.close();
    },
  );

  it.each([
    [{ overlapSeconds: -1 }, "overlapSeconds"],
    [{ overlapSeconds: 31 * day }, "overlapSeconds"],
    [{ expiresInDays: 500 }, "expiresInDays"],
    [{ overlap: 5 }, "Write 'overlapSeconds'"],
  ])("rotate throws for %j", async (options, message) => {
    const keys = await openKeys(memoryStore());
    const { id } = await keys.create({ name: "a" });
    await expect(keys.rotate(id, options as never)).rejects.toThrow(message);
    await keys.close();
  });
});

describe("last use", () => {
  it("is noted in memory and written each minute, not for each request", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      const store = memoryStore();
      const write = vi.spyOn(store, "write");
      const keys = await openKeys(store);
      const used = await keys.create({ name: "used" });
      const other = await keys.create({ name: "other" });
      await keys.disable(other.id);
      const ask = await askerOf(keys);
      write.mockClear();
      for (let i = 0; i < 20; i++) await ask(used.key);
      await ask(other.key);
      expect(write).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(write).toHaveBeenCalledTimes(1);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(write).toHaveBeenCalledTimes(1);
      // Another instance sees it.
      const late = await openKeys(store);
      const uses = new Map((await late.list()).map(({ id, lastUsedAt }) => [id, lastUsedAt]));
      expect(Math.abs((uses.get(used.id) ?? 0) - seconds())).toBeLessThan(10);
      expect(uses.get(other.id)).toBeNull();
      await late.close();
      await ask(used.key);
      await keys.close();
      expect(write).toHaveBeenCalledTimes(2);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("openKeys", () => {
  it.each([
    [undefined, {}, "openKeys() takes a store"],
    [memoryStore(), { maxStale: 1 }, "Write 'maxStaleSeconds'"],
    [memoryStore(), { maxStaleSeconds: 0 }, "maxStaleSeconds"],
  ])("throws for %#", async (store, options, message) => {
    await expect(openKeys(store as never, options as never)).rejects.toThrow(message);
  });
});
