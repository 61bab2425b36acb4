import { join } from "node:path";
import { root } from "../../scripts/files.js";
import { run } from "./process.ts";

const main = join(root, "packages/cli/dist/main.js");

/**
 * Runs a command of the command line about keys, in a process of its own.
 * @param where the store
 * @returns the JSON that it prints
 */
export async function authmodes<T>(where: string, ...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await run(process.execPath, [main, ...args, "--json"], {
    env: { AUTHMODES_KEYS: where },
  });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as T;
}
