// Builds the app and starts it, as one does on a server.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const env = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" };

/**
 * Pages get the React that Next has: another copy, of another package in a folder above, has no hooks.
 * @param {string} dir
 * @param {string} bin
 */
function linkReact(dir, bin) {
  const folder = join(dir, "node_modules");
  mkdirSync(folder, { recursive: true });
  for (const name of ["react", "react-dom"]) {
    rmSync(join(folder, name), { force: true });
    symlinkSync(dirname(createRequire(bin).resolve(`${name}/package.json`)), join(folder, name));
  }
}

/**
 * @param {string} dir of the app
 * @param {string} bin of Next
 * @param {number} port default: a free one
 */
export async function startShop(dir, bin, port = 0) {
  linkReact(dir, bin);
  const built = spawnSync(process.execPath, [bin, "build"], { cwd: dir, encoding: "utf8", env });
  if (built.status !== 0) throw new Error(built.stdout + built.stderr);
  const child = spawn(process.execPath, [bin, "start", "--hostname", "localhost", "--port", String(port)], {
    cwd: dir,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => (log += text));
  }
  const stop = async () => {
    if (child.exitCode === null && child.kill()) await once(child, "exit");
  };
  for (let waited = 0; waited < 30_000; waited += 50) {
    const [url] = /http:\/\/localhost:\d+/.exec(log) ?? [];
    if (url !== undefined && log.includes("Ready in"))
      return { url, built: built.stdout + built.stderr, stop };
    if (child.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await stop();
  throw new Error(`Next did not start:\n${log}`);
}
