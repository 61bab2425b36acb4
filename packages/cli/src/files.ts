import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { again } from "./again.ts";
import { type Io, printable, UsageError } from "./io.ts";
import { commandLine } from "./shell.ts";

/** @throws UsageError for a file that cannot be read */
export async function readBytes(path: string, io: Io): Promise<Buffer> {
  try {
    return await readFile(resolve(io.cwd(), path));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    throw new UsageError(`${printable(path)} cannot be read: ${reasons[code] ?? code}`, { cause: error });
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "permission denied",
};

/** @throws UsageError for a file that cannot be read */
export async function readText(path: string, io: Io): Promise<string> {
  return (await readBytes(path, io)).toString("utf8");
}

/** @throws UsageError for a file that cannot be read */
export async function readTextIf(path: string | undefined, io: Io): Promise<string | undefined> {
  return path === undefined ? undefined : readText(path, io);
}

/** The text of a file; undefined if there is none. */
export async function textIfThere(path: string, io: Io): Promise<string | undefined> {
  return readFile(resolve(io.cwd(), path), "utf8").catch(() => undefined);
}

export async function isThere(path: string, io: Io): Promise<boolean> {
  return (await textIfThere(path, io)) !== undefined;
}

export interface NewFile {
  readonly path: string;
  readonly text: string;
}

/** The first line of written files. `--force` replaces no file without it. */
const mark = "Written by authmodes. With --force it is written again.";

/** Whether a file is there that this command line did not write. */
export async function isForeign(path: string, io: Io): Promise<boolean> {
  const text = await textIfThere(path, io);
  return text !== undefined && !text.split("\n", 1)[0]?.includes(mark);
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
  const foreign: string[] = [];
  for (const { path } of files) {
    if (await isForeign(path, io)) foreign.push(path);
    else if (!force && (await isThere(path, io))) there.push(path);
  }
  const areThere = (paths: readonly string[]) =>
    `${paths.map(printable).join(", ")} ${paths.length === 1 ? "is" : "are"} there already; nothing was written.`;
  if (foreign.length > 0) {
    const moves = foreign.map((path) => `  ${commandLine(["mv", path, `${path}.old`])}\n`).join("");
    throw new UsageError(
      `${areThere(foreign)} authmodes did not write that and does not replace it. Move it first:\n${moves}  ${again(io)}`,
    );
  }
  if (there.length > 0) {
    throw new UsageError(`${areThere(there)} To replace, write\n  ${again(io, "--force")}`);
  }
  for (const { path, text } of files) {
    const file = resolve(io.cwd(), path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${path.endsWith(".graphql") ? "#" : "//"} ${mark}\n${text}`);
  }
}

/** Lines for the end of a file, which may have others. */
export interface AddedLines {
  readonly path: string;
  readonly lines: readonly string[];
  /** Only its owner may read the file, if it is new. */
  readonly secret?: boolean;
}

export async function addLines({ path, lines, secret }: AddedLines, io: Io): Promise<void> {
  const file = resolve(io.cwd(), path);
  const text = (await textIfThere(path, io)) ?? "";
  const start = text === "" || text.endsWith("\n") ? "" : "\n";
  await appendFile(file, `${start}${lines.join("\n")}\n`, { mode: secret === true ? 0o600 : 0o666 });
}
