import { type ChildProcess, spawn } from "node:child_process";

/** Resolves when a process has ended and its output is closed. */
export function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("error", reject).once("close", () => resolve());
  });
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
  /** In milliseconds. Default: three minutes. */
  readonly timeout?: number;
}

/** Runs a program to its end, or until the timeout. */
export async function run(
  program: string,
  args: readonly string[],
  { cwd, env, timeout = 180_000 }: RunOptions = {},
): Promise<Finished> {
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
    timeout,
    ...(cwd !== undefined && { cwd }),
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  await endOf(child);
  return { code: child.exitCode, stdout, stderr };
}
