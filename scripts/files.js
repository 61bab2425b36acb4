// The files of the repository that people write, without asking git, since an unpacked archive has none.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const root = fileURLToPath(new URL("../", import.meta.url));

/** What tools write: names, and paths from the root. */
const ignored = new Set([
  "node_modules",
  "dist",
  "coverage",
  "next-env.d.ts",
  "docs/api",
  "docs/.vitepress/cache",
]);

/**
 * Paths from the root, in the order of the alphabet.
 * @param {string} [folder] its path from the root; the root by default
 * @returns {string[]}
 */
export function files(folder = "") {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      const isHidden = entry.name.startsWith(".") && path !== "docs/.vitepress";
      if (isHidden || ignored.has(entry.name) || ignored.has(path)) return [];
      if (entry.isDirectory()) return files(path);
      return entry.isFile() ? [path] : [];
    });
}
