import { spawn } from "node:child_process";
import { chmod, chown, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { newFolder } from "../test/temp.ts";
import { fileStore } from "./file.ts";
import { withLock } from "./lock.ts";
import { StoreError } from "./error.ts";

const record = (id: string) => ({ kind: "test", id, data: "1" });

describe("fileStore", () => {
  it("writes a file that only its owner reads, and leaves nothing beside it", async () => {
    const folder = await newFolder();
    const path = join(folder, "keys.jsonl");
    await fileStore(path).write([record("a")]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await chmod(path, 0o644);
    await fileStore(path).write([record("b")]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["keys.jsonl"]);
  });

  it.skipIf(process.getuid?.() !== 0)(
    "keeps its owner if root writes, so that the server can read it",
    async () => {
      const path = join(await newFolder(), "keys.jsonl");
      await fileStore(path).write([record("a")]);
      await chown(path, 1234, 2345);
      await fileStore(path).write([record("b")]);
      expect(await stat(path)).toMatchObject({ uid: 1234, gid: 2345 });
    },
  );

  it("writes through a symbolic link", async () => {
    const folder = await newFolder();
    await fileStore(join(folder, "real")).write([record("a")]);
    await symlink(join(folder, "real"), join(folder, "link"));
    await fileStore(join(folder, "link")).write([record("b")]);
    expect((await fileStore(join(folder, "real")).changes("test")).rows).toHaveLength(2);
  });

  it("rejects a file of a newer version and leaves it as it is", async () => {
    const path = join(await newFolder(), "keys.jsonl");
    const text = '{"authmodes":2,"anything":"else"}\n';
    await writeFile(path, text);
    const message = "holds records of version 2, and this @authmodes/keys knows 1. Nothing was changed";
    await expect(fileStore(path).changes("test")).rejects.toThrow(message);
    await expect(fileStore(path).write([record("a")])).rejects.toThrow(message);
    expect(await readFile(path, "utf8")).toBe(text);
  });

  it.each([
    ["other text", "hello\n", "line 1 is not JSON"],
    ["JSON of something else", "{}\n", "is no store of keys"],
    ["an empty file", "", "is no store of keys: it is empty"],
  ])("rejects %s", async (_what, text, message) => {
    const path = join(await newFolder(), "keys.jsonl");
    await writeFile(path, text);
    await expect(fileStore(path).changes("test")).rejects.toThrow(message);
    await expect(fileStore(path).write([record("a")])).rejects.toThrow(message);
  });

  it("notices if lines are missing", async () => {
    const path = join(await newFolder(), "keys.jsonl");
    await fileStore(path).write([record("a"), record("b")]);
    const lines = (await readFile(path, "utf8")).split("\n");
    await writeFile(path, `${lines.slice(0, 2).join("\n")}\n`);
    await expect(fileStore(path).changes("test")).rejects.toThrow("was cut");
  });

  it("rejects if the file was there and is gone: its keys are not deleted", async () => {
    const path = join(await newFolder(), "keys.jsonl");
    const store = fileStore(path);
    await store.write([record("a")]);
    await store.changes("test");
    await rm(path);
    const message = `The file ${path} cannot be used: it was there before and is gone; restore it from a copy`;
    await expect(store.changes("test")).rejects.toThrow(message);
    await expect(store.write([record("b")])).rejects.toThrow(message);
  });

  it.each([
    ["a folder", ".", "it is a folder"],
    ["a path through a file", "other.txt/keys.jsonl", "its path leads through a file"],
    // Not an empty store: without its disk, a server would call every key unknown.
    ["a path without its folder", "none/keys.jsonl", "the folder FOLDER/none is missing"],
  ])("rejects %s, and says why", async (_what, name, trouble) => {
    const folder = await newFolder();
    await writeFile(join(folder, "other.txt"), "hello");
    const store = fileStore(join(folder, name));
    const error = new StoreError(store.name, trouble.replace("FOLDER", folder));
    await expect(store.changes("test")).rejects.toThrow(error);
    await expect(store.write([record("a")])).rejects.toThrow(error);
    expect(await readdir(folder)).toEqual(["other.txt"]);
  });

  const stranger = 65_534;
  it.skipIf(process.getuid?.() !== 0)(
    "says that it may not read the file, or not write the folder",
    async () => {
      const folder = await newFolder();
      const path = join(folder, "keys.jsonl");
      await fileStore(path).write([record("a")]);
      await chmod(folder, 0o755);
      process.seteuid?.(stranger);
      const outcomes = await Promise.allSettled([
        fileStore(path).changes("test"),
        fileStore(join(folder, "new.jsonl")).write([record("b")]),
      ]);
      process.seteuid?.(0);
      for (const outcome of outcomes) {
        expect(outcome).toMatchObject({
          reason: { message: expect.stringContaining("cannot be used: permission denied") as string },
        });
      }
    },
  );

  it("continues after a process was killed while it held the lock", async () => {
    const path = join(await newFolder(), "keys.jsonl");
    await fileStore(path).write([record("a")]);
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    const start = (await readFile(`/proc/${child.pid}/stat`, "utf8")).replace(/^.*\) /, "").split(" ")[19];
    const mine = await lockOfThisProcess(path);
    await writeFile(`${path}.lock`, JSON.stringify({ ...mine, pid: child.pid, start, nonce: "dead" }));
    await writeFile(`${path}.new`, "half a li");
    let isDone = false;
    const writing = fileStore(path)
      .write([record("b")])
      .then(() => (isDone = true));
    await new Promise((resolve) => setTimeout(resolve, 200));
    // Its owner is alive.
    expect(isDone).toBe(false);
    child.kill("SIGKILL");
    await writing;
    expect((await fileStore(path).changes("test")).rows).toHaveLength(2);
  });

  it("does not take a process for the owner that has the same id by chance", async () => {
    const path = join(await newFolder(), "keys.jsonl");
    const mine = await lockOfThisProcess(path);
    await writeFile(`${path}.lock`, JSON.stringify({ ...mine, start: "1", nonce: "before" }));
    expect(await fileStore(path).write([record("a")])).toBe(true);
  });
});

interface Owner {
  readonly host: string;
  readonly pid: number;
}

async function lockOfThisProcess(path: string): Promise<Owner> {
  return withLock(`${path}.lock`, async () => JSON.parse(await readFile(`${path}.lock`, "utf8")) as Owner);
}

describe("withLock", () => {
  it("lets one in at a time, also if all of them find an owner that is gone", async () => {
    const path = join(await newFolder(), "lock");
    const { host } = await withLock(path, async () => JSON.parse(await readFile(path, "utf8")) as Owner);
    await writeFile(path, JSON.stringify({ nonce: "dead", pid: 2 ** 30, start: "", host }));
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 20 }, () =>
        withLock(path, async (isHeld) => {
          most = Math.max(most, ++inside);
          await new Promise((resolve) => setTimeout(resolve, 3));
          expect(await isHeld()).toBe(true);
          inside--;
        }),
      ),
    );
    expect(most).toBe(1);
  });

  const otherUser = 65_534;
  it.skipIf(process.getuid?.() !== 0)("waits for a process of root", async () => {
    const folder = await newFolder();
    await chown(folder, otherUser, otherUser);
    const path = join(folder, "lock");
    const order: string[] = [];
    let server: Promise<unknown> = Promise.resolve();
    await withLock(path, async () => {
      process.seteuid?.(otherUser);
      server = withLock(path, async () => order.push("server")).catch((error: unknown) =>
        order.push(String(error)),
      );
      await sleep(100);
      process.seteuid?.(0);
      order.push("root");
    });
    await server;
    expect(order).toEqual(["root", "server"]);
  });

  it("waits for another machine, whose processes it cannot see", async () => {
    const path = join(await newFolder(), "lock");
    await writeFile(path, JSON.stringify({ nonce: "far", pid: 1, start: "", host: "another" }));
    let isDone = false;
    const waiting = withLock(path, async () => (isDone = true));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isDone).toBe(false);
    await rm(path);
    expect(await waiting).toBe(true);
  });
});
