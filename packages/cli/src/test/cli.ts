import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";
import type { Asker } from "../ask.ts";
import type { Io } from "../io.ts";
import { run } from "../program.ts";

export interface Ran {
  readonly code: Io["exitCode"];
  readonly out: string;
  readonly err: string;
}

export interface Surroundings {
  readonly colours?: boolean;
  readonly isTTY?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Buffer;
  readonly cwd?: string;
  readonly ask?: Asker;
  readonly load?: (file: string) => Promise<Readonly<Record<string, unknown>>>;
}

/** Runs the program with its output captured. */
export async function cli(args: readonly string[], around: Surroundings = {}): Promise<Ran> {
  const { colours, isTTY, env = {}, stdin, cwd = process.cwd(), ask, load } = around;
  const written = { out: "", err: "" };
  const io: Io = {
    args,
    stdout: {
      write: (text) => (written.out += text),
      ...(colours !== undefined && { hasColors: () => colours }),
      isTTY,
    },
    stderr: { write: (text) => (written.err += text) },
    stdin: Object.assign(Readable.from(stdin === undefined ? [] : [stdin]), { isTTY: ask !== undefined }),
    env,
    cwd: () => cwd,
    ...(ask !== undefined && { ask }),
    ...(load !== undefined && { load }),
    exitCode: 0,
  };
  await run(io);
  return { code: io.exitCode, ...written };
}

/** Text whose sentences were broken into lines. */
export function unwrapped(text: string): string {
  return text.replaceAll(/\n +/g, " ");
}

/** A new folder with these files; it is gone after the test. */
export async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "authmodes-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

const packages = fileURLToPath(new URL("../../../../node_modules", import.meta.url));

/** Imports a module as the server of a project would: started in its folder, with the packages of this repository. */
export async function importIn<T>(cwd: string, path: string): Promise<T> {
  await symlink(packages, join(cwd, "node_modules")).catch(() => undefined);
  const before = process.cwd();
  process.chdir(cwd);
  try {
    return (await import(pathToFileURL(join(cwd, path)).href)) as T;
  } finally {
    process.chdir(before);
  }
}

/** Writes a schema and returns its path. */
export async function schemaFile(sdl: string): Promise<string> {
  return join(await folderWith({ "schema.graphql": sdl }), "schema.graphql");
}
