import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Io } from "../io.ts";
import { run } from "../program.ts";

export interface Ran {
  readonly code: Io["exitCode"];
  readonly out: string;
  readonly err: string;
}

/** Runs the program with its output captured. */
export async function cli(args: readonly string[], terminal: { colours?: boolean } = {}): Promise<Ran> {
  const written = { out: "", err: "" };
  const io: Io = {
    stdout: {
      write: (text) => (written.out += text),
      ...(terminal.colours !== undefined && { hasColors: () => terminal.colours === true }),
    },
    stderr: { write: (text) => (written.err += text) },
    exitCode: 0,
  };
  await run(args, io);
  return { code: io.exitCode, ...written };
}

/** Writes a schema and returns its path. */
export async function schemaFile(sdl: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "authmodes-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "schema.graphql");
  await writeFile(path, sdl);
  return path;
}
