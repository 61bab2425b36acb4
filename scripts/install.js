// Installs what is apart from the workspaces, so that a fresh clone stays quick to install.

import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";

/**
 * Installs a folder from its lock file if that was not done. npm writes the hidden lock file last: newer than the lock
 * file, it stands for a finished installation. What npm prints goes to stderr.
 * @param {string} folder
 */
export function install(folder) {
  const installed = statSync(`${folder}/node_modules/.package-lock.json`, { throwIfNoEntry: false });
  if (installed !== undefined && installed.mtimeMs >= statSync(`${folder}/package-lock.json`).mtimeMs)
    return true;
  const args = ["ci", "--prefix", folder, "--no-audit", "--no-fund"];
  return spawnSync("npm", args, { stdio: ["inherit", 2, 2] }).status === 0;
}
