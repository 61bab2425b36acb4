import { createHash, randomBytes } from "node:crypto";
import { link, open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { SchemaFile } from "./api.ts";

/** The file cannot be what the page shows and writes. */
export class UnreadableFile extends Error {
  override readonly name = "UnreadableFile";
}

/** The file with the rules: read as it is, written whole or not at all, and never over what somebody else wrote. */
export class SchemaStore {
  readonly #path: string;
  /** Saves come one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * A file that does not exist is an empty one.
   * @throws UnreadableFile where it is no UTF-8, of which something would be lost
   */
  async read(): Promise<SchemaFile> {
    const bytes = await readOrNothing(this.#path);
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    let text;
    try {
      text = decoder.decode(bytes);
    } catch (cause) {
      throw new UnreadableFile(`${basename(this.#path)} is not UTF-8`, { cause });
    }
    return { name: basename(this.#path), text, hash: hashOf(bytes) };
  }

  /** Changes whenever the file does: cheaper than reading it. */
  async stamp(): Promise<string> {
    try {
      const { mtimeMs, size, ino } = await stat(this.#path);
      return `${mtimeMs} ${size} ${ino}`;
    } catch {
      return "";
    }
  }

  /**
   * @param hash of what the text was made from
   * @returns what the file is now, and whether that is the text
   */
  save(text: string, hash: string): Promise<{ readonly saved: boolean; readonly file: SchemaFile }> {
    const saving = this.#last.then(() => this.#save(text, hash));
    this.#last = saving.catch(() => undefined);
    return saving;
  }

  async #save(text: string, hash: string): Promise<{ readonly saved: boolean; readonly file: SchemaFile }> {
    // A link to the file stays one.
    const path = await realpath(this.#path).catch(() => undefined);
    const target = path ?? this.#path;
    const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}`);
    try {
      const mode = path === undefined ? 0o644 : (await stat(path)).mode & 0o7777;
      const file = await open(temporary, "wx", mode);
      try {
        await file.chmod(mode);
        await file.writeFile(text, "utf8");
        await file.sync();
      } finally {
        await file.close();
      }
      // Last of all, since writing takes its time.
      const now = await this.read();
      if (now.hash !== hash) return { saved: false, file: now };
      if (path === undefined) await link(temporary, target);
      else await rename(temporary, target);
    } finally {
      await rm(temporary, { force: true });
    }
    return { saved: true, file: await this.read() };
  }
}

async function readOrNothing(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return new Uint8Array();
    throw error;
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
