import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { again } from "./again.ts";
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

/** @throws UsageError for a file that cannot be read */
export async function readTextIf(path: string | undefined, io: Io): Promise<string | undefined> {
  return path === undefined ? undefined : readText(path, io);
}

export interface NewFile {
  readonly path: string;
  readonly text: string;
  /** No other user of this machine may read it. */
  readonly secret?: boolean;
}

/**
 * Writes all of the files, or none if one of them exists.
 * @throws UsageError with the command that would work
 */
export async function writeFiles(
  files: readonly NewFile[],
  { force = false }: { readonly force?: boolean | undefined },
  io: Io,
): Promise<void> {
  const there: string[] = [];
  for (const { path } of files) if (!force && (await isThere(path, io))) there.push(path);
  if (there.length > 0) {
    const verb = there.length === 1 ? "is" : "are";
    throw new UsageError(
      `${there.map(printable).join(", ")} ${verb} there already; nothing was written. To replace, write\n  ${again(io, "--force")}`,
    );
  }
  for (const { path, text, secret } of files) {
    const file = resolve(io.cwd(), path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, secret === true ? { mode: 0o600 } : {});
  }
}

export async function isThere(path: string, io: Io): Promise<boolean> {
  return access(resolve(io.cwd(), path)).then(
    () => true,
    () => false,
  );
}
