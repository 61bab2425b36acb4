import { existsSync, linkSync, mkdirSync, unlinkSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What the shop keeps between two starts: a template of its database, its keys, and what encrypts them. */
export const dataFolder: string = fileURLToPath(
  new URL("../../node_modules/.cache/bookstore", import.meta.url),
);

/** Returns the path of a file in the data folder. Makes the file if there is none, for its owner only. */
export async function keptFile(name: string, make: () => Promise<Uint8Array | string>): Promise<string> {
  const path = `${dataFolder}/${name}`;
  if (existsSync(path)) return path;
  mkdirSync(dataFolder, { recursive: true });
  const draft = `${path}-${process.pid}`;
  writeFileSync(draft, await make(), { mode: 0o600 });
  try {
    // Other processes that start too never read half a file, and all read the same one.
    linkSync(draft, path);
  } catch (error) {
    if (!existsSync(path)) throw error;
  } finally {
    unlinkSync(draft);
  }
  return path;
}
