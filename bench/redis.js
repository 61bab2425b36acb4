import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

/** Starts Redis on this machine; undefined if it is not installed: Debian's package is `redis-server`. */
export async function startRedis() {
  if (spawnSync("redis-server", ["--version"]).status !== 0) return undefined;
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (free.address());
  free.close();
  await once(free, "close");
  const settings = { port, bind: "127.0.0.1", save: "", appendonly: "no" };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`redis-server ended with ${code}`)));
    child.stdout.on("data", (text) => String(text).includes("Ready to accept") && resolve(undefined));
  });
  return { url: `redis://127.0.0.1:${port}`, stop: () => child.kill() };
}
