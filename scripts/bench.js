// Installs the peers beside the workspaces where that was not done, builds, and measures what users run: `dist`.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** @param {string} command @param {readonly string[]} args */
function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync(`${root}bench/node_modules/autocannon`)) run("npm", ["ci", "--prefix", "bench"]);
run("npm", ["run", "--silent", "build"]);
run(process.execPath, ["bench/run.js", ...process.argv.slice(2)]);
