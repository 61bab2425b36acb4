// Installs the peers beside the workspaces if that was not done, builds, and measures what users run: `dist`.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { root } from "./files.js";

/** @param {string} command @param {readonly string[]} args */
function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

const { dependencies } = JSON.parse(readFileSync(`${root}bench/package.json`, "utf8"));
const isMissing = Object.keys(dependencies).some((name) => !existsSync(`${root}bench/node_modules/${name}`));
if (isMissing) run("npm", ["ci", "--prefix", "bench"]);
run("npm", ["run", "--silent", "build"]);
run(process.execPath, ["bench/run.js", ...process.argv.slice(2)]);
