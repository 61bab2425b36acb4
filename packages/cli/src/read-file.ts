import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Io, printable, UsageError } from "./io.ts";

/** @throws UsageError for a file that cannot be read */
export async function readBytes(path: string, io: Io): Promise<Buffer> {
  try {
    return await readFile(resolve(io.cwd(), path));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new UsageError(`${printable(path)}: error: the file cannot be read${code}`, { cause: error });
  }
}

/** @throws UsageError for a file that cannot be read */
export async function readText(path: string, io: Io): Promise<string> {
  return (await readBytes(path, io)).toString("utf8");
}
