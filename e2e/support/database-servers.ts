import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import { chown, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { MaybePromise } from "@authmodes/core";
import { findProgram } from "../../scripts/debian.js";
import { onFreePort } from "../../scripts/free-port.ts";
import { endOf, run } from "./process.ts";

/** A database server in a folder of its own, on a port of its own of this machine. */
export interface DatabaseServer {
  /** Throws before the first start. */
  readonly url: string;
  /** Starts it, again too, with the data that it has. */
  start(): Promise<void>;
  /** As a crash would: without any last words. */
  kill(): Promise<void>;
  /** Ends it and deletes its data. */
  stop(): Promise<void>;
}

interface Kind {
  readonly folder: string;
  readonly urlAt: (port: number) => string;
  /** Its output is piped. */
  readonly spawnAt: (port: number) => ChildProcess;
  /** @param output what it wrote since it was started */
  readonly isReady: (child: ChildProcess, output: string) => MaybePromise<boolean>;
}

const stdio: StdioOptions = ["ignore", "pipe", "pipe"];

class Server implements DatabaseServer {
  readonly #kind: Kind;
  #port: number | undefined;
  #child: ChildProcess | undefined;

  constructor(kind: Kind) {
    this.#kind = kind;
  }

  get url(): string {
    if (this.#port === undefined) throw new Error("the server was not started");
    return this.#kind.urlAt(this.#port);
  }

  async start(): Promise<void> {
    if (this.#port !== undefined) return this.#restartAt(this.#port);
    this.#port = await onFreePort(async (port) => {
      await this.#startAt(port);
      return port;
    });
  }

  /** After a crash, processes of PostgreSQL notice a moment later that their parent is gone: until then no other server starts. */
  async #restartAt(port: number): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#startAt(port);
      } catch (error) {
        if (attempt === 20) throw error;
        await sleep(250);
      }
    }
  }

  async #startAt(port: number): Promise<void> {
    const { spawnAt, isReady } = this.#kind;
    const child = (this.#child = spawnAt(port));
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    for (let attempt = 1; !(await isReady(child, output)); attempt++) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}:\n${output}`);
      if (attempt === 300) throw new Error(`the server does not start:\n${output}`);
      await sleep(100);
    }
  }

  async kill(): Promise<void> {
    if (this.#child === undefined || this.#child.exitCode !== null || this.#child.killed) return;
    const end = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await end;
  }

  async stop(): Promise<void> {
    await this.kill();
    // They may still write for a moment.
    await rm(this.#kind.folder, { recursive: true, maxRetries: 20, retryDelay: 250 });
  }
}

/** Redis, which writes each change to disk before it answers. */
export async function redisServer(): Promise<DatabaseServer> {
  const folder = await mkdtemp(join(tmpdir(), "authmodes-redis-"));
  const settings = {
    bind: "127.0.0.1",
    dir: folder,
    save: "",
    appendonly: "yes",
    appendfsync: "always",
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  return new Server({
    folder,
    urlAt: (port) => `redis://127.0.0.1:${port}`,
    spawnAt: (port) => spawn("redis-server", [...args, "--port", String(port)], { stdio }),
    isReady: (_child, output) => output.includes("Ready to accept connections"),
  });
}

/** PostgreSQL, which refuses to run as root: then it runs as the user of the Debian package. */
export async function postgresServer(): Promise<DatabaseServer> {
  const folder = await mkdtemp(join(tmpdir(), "authmodes-postgres-"));
  const isRoot = process.getuid?.() === 0;
  const [uid, gid] = isRoot
    ? await Promise.all(
        ["-u", "-g"].map(async (flag) => Number((await run("id", [flag, "postgres"])).stdout)),
      )
    : [];
  const owner = uid !== undefined && gid !== undefined ? { uid, gid } : {};
  if (uid !== undefined && gid !== undefined) await chown(folder, uid, gid);
  const data = join(folder, "data");
  const program = (name: string) => findProgram(name) ?? name;
  const init = spawn(program("initdb"), ["-D", data, "-U", "authmodes", "--auth=trust"], {
    ...owner,
    cwd: folder,
    stdio: "ignore",
  });
  await endOf(init);
  if (init.exitCode !== 0) throw new Error(`initdb ended with ${init.exitCode}`);
  const settings = ["-D", data, "-c", "listen_addresses=127.0.0.1", "-k", folder];
  return new Server({
    folder,
    urlAt: (port) => `postgres://authmodes@127.0.0.1:${port}/postgres`,
    spawnAt: (port) =>
      spawn(program("postgres"), [...settings, "-p", String(port)], { ...owner, cwd: folder, stdio }),
    // It listens before it accepts connections, and says in the eighth line of this file when it does.
    async isReady({ pid }) {
      const text = await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "");
      const lines = text.split("\n").map((line) => line.trim());
      return lines[0] === String(pid) && lines[7] === "ready";
    },
  });
}
