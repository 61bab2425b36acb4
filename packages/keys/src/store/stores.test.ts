import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { checkInstances, checkStore } from "../test/stores.ts";
import { newFolder } from "../test/temp.ts";
import { fileStore } from "./file.ts";
import { checkCounts, checkCountsTogether } from "../test/counts.ts";
import { memoryStore } from "./memory.ts";
import { openStore } from "./open.ts";

describe("the memory", () => {
  it("does what a store does", async () => {
    const store = memoryStore();
    await checkStore(() => store);
  });

  it("ends in the same state, whatever two instances do", async () => {
    await checkInstances(async () => {
      const store = memoryStore();
      return { again: () => store, drop: async () => {} };
    }, 100);
  });
});

describe("a file", () => {
  it("does what a store does", async () => {
    const path = join(await newFolder(), "keys.jsonl");
    await checkStore(() => fileStore(path));
  });

  it("ends in the same state, whatever two instances do", async () => {
    await checkInstances(async () => {
      const folder = await mkdtemp(join(tmpdir(), "authmodes-keys-"));
      return {
        again: () => fileStore(join(folder, "keys.jsonl")),
        drop: () => rm(folder, { recursive: true }),
      };
    }, 20);
  });
});

describe("openStore", () => {
  it("opens what the text names", async () => {
    const names: string[] = [];
    for (const where of [
      "a/keys.jsonl",
      "redis://:s3cret@127.0.0.1:1",
      "postgresql://me:s3cret@127.0.0.1:1/x",
    ]) {
      const store = await openStore(where);
      names.push(store.name);
      await store.close();
    }
    expect(names).toEqual(["file a/keys.jsonl", "Redis at 127.0.0.1:1", "PostgreSQL at 127.0.0.1:1"]);
  });

  it.each(["mysql://x", "http://127.0.0.1", "Redi://x"])("throws for %s", async (where) => {
    await expect(openStore(where)).rejects.toThrow("is no store; write the path of a file, redis://");
  });

  it.each(["redis:/me:s3cret@x", "redis:x", "postgres:x"])("takes %s for a misspelt URL", async (where) => {
    const scheme = where.split(":")[0] ?? "";
    await expect(openStore(where)).rejects.toThrow(
      new TypeError(`openStore(): write the URL of a store as ${scheme}://…, with two slashes`),
    );
  });

  it.each([
    "postgres://me:s3cret/x@db.example.com/shop",
    "redis://me:s3cret/x@db.example.com:6379",
    "redis://me:s3cret%zz@db.example.com:6379",
    ...["12#s3cret", "12/s3cret", "12?s3cret", "12/a?s3cret", "s3cret@12/x"].flatMap((password) => [
      `postgres://me:${password}@db.example.com/shop`,
      `redis://me:${password}@db.example.com:6379`,
    ]),
  ])("throws for a password that is not encoded, and does not quote it: %s", async (where) => {
    const error: unknown = await openStore(where).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).not.toMatch(/s3cret|12/);
    expect(inspect(error)).not.toContain("s3cret");
    expect(inspect(error)).toContain("encodeURIComponent");
  });

  it("throws for an empty path", async () => {
    await expect(openStore("")).rejects.toThrow("write the path of a file");
  });
});

describe("memory", () => {
  it("counts", async () => {
    const store = memoryStore();
    await checkCountsTogether(() => store);
    const now = vi.spyOn(Date, "now");
    await checkCounts({ store: memoryStore(), setClock: (seconds) => now.mockReturnValue(seconds * 1000) });
    now.mockRestore();
  });

  it("forgets counts and signatures that expired", async () => {
    const store = memoryStore();
    for (let i = 0; i < 10_001; i++) await store.once?.(`${i}`, 1000);
    // All of them had expired before.
    expect(await store.once?.("0", 1000)).toBe(true);
  });
});
