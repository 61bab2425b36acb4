import { createHash, randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import { link, open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { SchemaFile } from "./api.ts";
import { Refusal } from "./reply.ts";

/** Reads the schema file, and writes it in one step, never over a version that the writer did not see. */
export class SchemaStore {
  readonly #path: string;
  /** Saves run one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Reads the file. One that does not exist is empty.
   * @throws {Refusal} if it is not UTF-8, since saving it would lose bytes
   */
  async read(): Promise<SchemaFile> {
    const bytes = await readOrNothing(this.#path);
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    let text;
    try {
      text = decoder.decode(bytes);
    } catch {
      throw new Refusal(500, "unreadable_file", `${basename(this.#path)} is not UTF-8`);
    }
    return { name: basename(this.#path), text, hash: hashOf(bytes) };
  }

  /** When the file was last written, in milliseconds since 1970; 0 if it does not exist. */
  async changedAt(): Promise<number> {
    return (await this.#stat())?.mtimeMs ?? 0;
  }

  /** Changes whenever the file does. Cheaper than reading it. */
  async stamp(): Promise<string> {
    const found = await this.#stat();
    return found === undefined ? "" : `${found.mtimeMs} ${found.size} ${found.ino}`;
  }

  #stat(): Promise<Stats | undefined> {
    return stat(this.#path).catch(() => undefined);
  }

  /**
   * Writes the text, unless the file changed.
   * @param hash of the file that the text was made from
   * @returns the file as it is now, and whether it was written
   */
  save(text: string, hash: string): Promise<{ readonly saved: boolean; readonly file: SchemaFile }> {
    const saving = this.#last.then(() => this.#save(text, hash));
    this.#last = saving.catch(() => undefined);
    return saving;
  }

  async #save(text: string, hash: string): Promise<{ readonly saved: boolean; readonly file: SchemaFile }> {
    // A symbolic link stays a link.
    const path = await realpath(this.#path).catch(() => undefined);
    const target = path ?? this.#path;
    const name = `.${basename(target)}.${randomBytes(6).toString("hex")}`;
    // Else Next takes the whole project for data that the server reads, and deploys it.
    const temporary = join(/* turbopackIgnore: true */ dirname(target), name);
    try {
      const mode = path === undefined ? 0o644 : (await stat(path)).mode & 0o7777;
      const file = await open(/* turbopackIgnore: true */ temporary, "wx", mode);
      try {
        await file.chmod(mode);
        await file.writeFile(text, "utf8");
        await file.sync();
      } finally {
        await file.close();
      }
      // As late as possible, since another program may write meanwhile.
      const now = await this.read();
      if (now.hash !== hash) return { saved: false, file: now };
      // A link does not replace a file that another program created meanwhile.
      if (path === undefined) await link(temporary, target);
      else await rename(temporary, target);
      return { saved: true, file: await this.read() };
    } catch (error) {
      if (hasCode(error, "EEXIST")) return { saved: false, file: await this.read() };
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
  }
}

async function readOrNothing(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return new Uint8Array();
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
