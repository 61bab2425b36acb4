import { existsSync } from "node:fs";
import { chown, open, realpath, rename, stat, unlink } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { codeOf, StoreError, troubleOf } from "./error.ts";
import { ignoreMissing, withLock } from "./lock.ts";
import { checkFormat, type Row, type Store, storeFormat } from "./store.ts";
import { Table } from "./table.ts";

/** The first line of the file. A line for each record follows. */
interface Head {
  /** The version of the format. */
  readonly authmodes: number;
  readonly epoch: string;
  readonly version: number;
  readonly records: number;
}

/** Differs for every state of the file, since each write makes a new file. */
interface Read {
  readonly stamp: string;
  readonly table: Table;
}

/**
 * Makes a store in a file, which only its owner can read. Processes of one machine can share it. A write replaces the whole
 * file: it is in it completely or not at all, whenever the process is killed or the disk is full. Made for some ten thousand
 * records; the file is created by the first write.
 * @example
 * import { fileStore, openKeys } from "@authmodes/keys";
 *
 * export const keys = await openKeys(fileStore("authmodes-keys.jsonl"));
 */
export function fileStore(path: string): Store {
  if (typeof path !== "string" || path === "") {
    throw new TypeError("fileStore(): write the path of a file, such as 'authmodes-keys.jsonl'");
  }
  const name = `file ${path}`;
  let known: Read | undefined;
  let writing: Promise<unknown> = Promise.resolve();

  async function load(): Promise<Table> {
    const file = await open(path, "r").catch((error: unknown) => {
      // A file that was there and is not any more has not lost its keys: something is wrong with the disk. So is it
      // without the folder, of a disk that is not mounted for example: every key would be unknown.
      if (codeOf(error) === "ENOENT" && known === undefined && existsSync(dirname(path))) return undefined;
      throw error;
    });
    if (file === undefined) return new Table();
    try {
      const { ino, mtimeNs, size } = await file.stat({ bigint: true });
      const stamp = `${ino} ${mtimeNs} ${size}`;
      if (known?.stamp !== stamp) known = { stamp, table: parse(name, await file.readFile("utf8")) };
      return known.table;
    } finally {
      await file.close();
    }
  }

  return {
    name,
    async changes(kind, after) {
      return (await load().catch((error: unknown) => fail(path, error))).changes(kind, after);
    },
    write(writes, after) {
      const run = writing.then(async () => {
        const target = await realpath(path).catch(() => path);
        return withLock(`${target}.lock`, async (isHeld) => {
          const next = (await load()).with(writes, after);
          if (next === undefined) return false;
          await replace(target, textOf(next), isHeld);
          return true;
        });
      });
      writing = run.catch(() => undefined);
      return run.catch((error: unknown) => fail(path, error));
    },
    // Asking for changes costs one look at the file's time.
    watch: () => () => {},
    close: async () => void (await writing),
  };
}

const troubles: Readonly<Record<string, string>> = {
  EACCES: "permission denied, for the file or for its folder",
  EISDIR: "it is a folder",
  ENOTDIR: "its path leads through a file",
};

/** What the system says names a call, and sometimes a file beside ours. @throws StoreError */
function fail(path: string, error: unknown): never {
  if (error instanceof StoreError) throw error;
  const code = String(codeOf(error));
  const missing = existsSync(dirname(path))
    ? "it was there before and is gone; restore it from a copy"
    : `the folder ${dirname(resolve(path))} is missing`;
  const trouble = code === "ENOENT" ? missing : (troubles[code] ?? troubleOf(error));
  throw new StoreError(`file ${path}`, trouble, { cause: error });
}

/** Writes beside the file, then renames. Only the owner of the lock writes. */
async function replace(path: string, text: string, isHeld: () => Promise<boolean>): Promise<void> {
  const draft = `${path}.new`;
  await unlink(draft).catch(ignoreMissing);
  try {
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(text);
      await keepOwner(path, draft);
      await file.sync();
    } finally {
      await file.close();
    }
    if (!(await isHeld())) throw new Error(`${path}.lock was taken away; nothing was written`);
    await rename(draft, path);
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  }
  // Windows has no such thing.
  if (process.platform === "win32") return;
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** If root runs a command, the server's user can still read the file. */
async function keepOwner(path: string, draft: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const before = await stat(path).catch(() => stat(dirname(path)));
  await chown(draft, before.uid, before.gid);
}

function textOf({ epoch, version, rows }: Table): string {
  const head: Head = { authmodes: storeFormat, epoch, version, records: rows.size };
  return [head, ...rows.values()].map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** @throws StoreError if the text is anything but a whole store */
function parse(name: string, text: string): Table {
  if (text === "") {
    throw new StoreError(name, "it is no store of keys: it is empty. Restore it from a copy, or delete it");
  }
  const lines = text.split("\n").slice(0, -1);
  const [head, ...rows] = lines.map((line, i): unknown => {
    try {
      return JSON.parse(line);
    } catch {
      throw new StoreError(name, `it is no store of keys, or is damaged: line ${i + 1} is not JSON`);
    }
  });
  const { authmodes, epoch, version, records } = (head ?? {}) as Partial<Head>;
  if (typeof authmodes === "number") checkFormat(name, authmodes);
  if (typeof authmodes !== "number" || records !== rows.length) {
    throw new StoreError(name, "it is no store of keys, or was cut: restore it from a copy");
  }
  return new Table(rows as readonly Row[], version, epoch);
}
