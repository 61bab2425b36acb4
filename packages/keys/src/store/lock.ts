import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { link, readFile, stat, unlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "./error.ts";

// A lock between processes: a file that only its owner removes. If the owner was killed, another process may remove it,
// and a lock of the same sort, named after the dead owner, decides which: otherwise two could see the same dead owner,
// and the slower one would remove the lock that the faster one took since.

interface Owner {
  readonly nonce: string;
  readonly pid: number;
  /** When the process started, since ids of processes are used again; "" if that is not known. */
  readonly start: string;
  /** The machine, or the container. */
  readonly host: string;
}

const waitMs = 30_000;
/** After this long a lock of another machine counts as abandoned: nothing tells if its owner is alive. */
const abandonedMs = 60_000;

/**
 * Runs a function while this process holds the lock. `isHeld` tells if it still does.
 * @throws Error if the lock is not free within 30 seconds
 */
export async function withLock<T>(
  path: string,
  run: (isHeld: () => Promise<boolean>) => Promise<T>,
): Promise<T> {
  const me: Owner = { nonce: randomUUID(), pid: process.pid, start: startOf("self"), host: thisHost };
  const deadline = performance.now() + waitMs;
  while (!(await take(path, me))) {
    const owner = await ownerOf(path);
    if (owner !== undefined && (await isGone(path, owner))) await remove(path, owner);
    else if (performance.now() > deadline) throw busy(path, owner);
    else await sleep(2 + Math.random() * 15);
  }
  const isHeld = async () => (await ownerOf(path))?.nonce === me.nonce;
  try {
    return await run(isHeld);
  } finally {
    if (await isHeld()) await unlink(path).catch(ignoreMissing);
  }
}

/** A link appears with its content or not at all, and never replaces a file. */
async function take(path: string, me: Owner): Promise<boolean> {
  const draft = `${path}.${me.nonce}`;
  try {
    // Others can read it: the server's user waits for a command of root.
    await writeFile(draft, JSON.stringify(me), { mode: 0o644, flag: "wx" });
    await link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await unlink(draft).catch(ignoreMissing);
  }
}

/** Removes the lock of an owner that is gone. */
async function remove(path: string, owner: Owner): Promise<void> {
  await withLock(`${path}.${owner.nonce.slice(0, 8)}`, async () => {
    if ((await ownerOf(path))?.nonce !== owner.nonce) return;
    await unlink(path).catch(ignoreMissing);
    await unlink(`${path}.${owner.nonce}`).catch(ignoreMissing);
  });
}

async function ownerOf(path: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Owner;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function isGone(path: string, { pid, start, host }: Owner): Promise<boolean> {
  if (host === thisHost) return !isAlive(pid, start);
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
  return Date.now() - mtimeMs > abandonedMs;
}

function isAlive(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // The process of another user may not be signalled, and is alive.
    if (codeOf(error) === "ESRCH") return false;
  }
  return startOf(pid) === start;
}

/** Containers can share a host's name, but not its namespace of process ids. */
const thisHost = `${hostname()} ${read(() => readlinkSync("/proc/self/ns/pid"))}`;

/** The 22nd field of Linux's `stat`; the name of the program, the second, can hold spaces. */
function startOf(pid: number | "self"): string {
  const text = read(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

function read(from: () => string): string {
  try {
    return from();
  } catch {
    return "";
  }
}

function busy(path: string, owner: Owner | undefined): Error {
  const by = owner === undefined ? "" : ` by process ${owner.pid} of ${owner.host}`;
  return new Error(
    `${path} has been locked for ${waitMs / 1000} seconds${by}. If that process is gone, delete the file`,
  );
}

export function ignoreMissing(error: unknown): void {
  if (codeOf(error) !== "ENOENT") throw error;
}
