import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { fileStore, openKeys } from "@authmodes/keys";
import { expect, it, onTestFinished } from "vitest";
import { endOf } from "./support/process.ts";

// The file store against what can happen to a machine. `npm run proof -- keys` kills 200 times.

const writer = fileURLToPath(new URL("support/key-writer.js", import.meta.url));
const kills = process.env["PROOF"] === "keys" ? 200 : 6;

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "authmodes-crash-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** Runs two writers and kills both after a while. @returns the ids that they said they made */
async function killWriters(path: string, ms: number): Promise<readonly string[]> {
  const writers = [0, 1].map(() => {
    const child = spawn(process.execPath, [writer, path], { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
    return { child, said: () => text.split("\n").filter((line) => line.length === 12) };
  });
  // From the first key on, so that the moment is one of writing.
  for (let waited = 0; waited < 20_000 && writers.every(({ said }) => said().length === 0); waited += 5)
    await sleep(5);
  await sleep(ms);
  for (const { child } of writers) {
    const end = endOf(child);
    child.kill("SIGKILL");
    await end;
  }
  return writers.flatMap(({ said }) => said());
}

it(
  `loses no key and keeps none in half, whenever two writers are killed (${kills} times)`,
  async () => {
    const folder = await newFolder();
    let checked = 0;
    for (let i = 0; i < kills; i++) {
      const path = join(folder, `keys-${i % 5}.jsonl`);
      const before = (await openKeysOf(path)).size;
      const said = await killWriters(path, Math.random() * 60);
      const after = await openKeysOf(path);
      expect(said.filter((id) => !after.has(id))).toEqual([]);
      // Each of the two may have been killed between its write and its word.
      expect(after.size - before - said.length).toBeLessThanOrEqual(2);
      checked += said.length;
      // The next writer gets the lock of the dead ones.
      const keys = await openKeys(fileStore(path));
      await keys.create({ name: "after" });
      await keys.close();
    }
    expect(checked).toBeGreaterThan(kills);
    const names = await readdir(folder);
    expect(names.filter((name) => name.endsWith(".lock"))).toEqual([]);
  },
  kills * 20_000,
);

async function openKeysOf(path: string): Promise<ReadonlySet<string>> {
  const keys = await openKeys(fileStore(path));
  const ids = new Set((await keys.list()).map(({ id }) => id));
  await keys.close();
  return ids;
}

it("loses no key if the disk is full, and continues once it is not", async ({ skip }) => {
  const folder = await newFolder();
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]);
  if (mounted.status !== 0) return skip("only root can mount a small file system");
  onTestFinished(() => void spawnSync("umount", [folder]));
  const path = join(folder, "keys.jsonl");
  await writeFile(join(folder, "filler"), "x".repeat(16_384));
  const keys = await openKeys(fileStore(path));
  const made: string[] = [];
  const makeMany = async () => {
    for (let i = 0; i < 1000; i++) made.push((await keys.create({ name: "a".repeat(500) })).id);
  };
  await expect(makeMany()).rejects.toMatchObject({ cause: { code: "ENOSPC" } });
  expect(made.length).toBeGreaterThan(5);
  // The server goes on with the keys that it has.
  expect([...(await openKeysOf(path))].toSorted()).toEqual(made.toSorted());
  expect((await keys.list()).map(({ id }) => id).toSorted()).toEqual(made.toSorted());
  await rm(join(folder, "filler"));
  made.push((await keys.create({ name: "again" })).id);
  expect([...(await openKeysOf(path))].toSorted()).toEqual(made.toSorted());
  await keys.close();
});
