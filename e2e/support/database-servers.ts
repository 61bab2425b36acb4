import { type ChildProcess, spawn } from "node:child_process";
import { chown, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findProgram } from "../../scripts/debian.js";
import { endOf, run } from "./process.ts";

/** A database server in a folder of its own, on a port of its own of this machine. */
export interface DatabaseServer {
  readonly url: string;
  /** Starts it, again too, with the data that it has. */
  start(): Promise<void>;
  /** As a crash would: without any last words. */
  kill(): Promise<void>;
  /** Ends it and deletes its data. */
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

type IsReady = (child: ChildProcess) => Promise<boolean>;

/** Resolves also if the server ends. */
async function untilReady(isReady: IsReady, child: ChildProcess): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    if (child.exitCode !== null || (await isReady(child))) return;
    if (attempt === 300) throw new Error("the server does not start");
    await sleep(100);
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
    socket.unref();
    socket.once("connect", () => socket.destroy());
  });
}

class Server implements DatabaseServer {
  readonly url: string;
  readonly #isReady: IsReady;
  readonly #folder: string;
  readonly #spawn: () => ChildProcess;
  #child: ChildProcess | undefined;

  constructor(url: string, isReady: IsReady, folder: string, start: () => ChildProcess) {
    this.url = url;
    this.#isReady = isReady;
    this.#folder = folder;
    this.#spawn = start;
  }

  async start(): Promise<void> {
    // After a crash, processes of PostgreSQL notice a moment later that their parent is gone, and no other server starts then.
    for (let attempt = 1; ; attempt++) {
      this.#child = this.#spawn();
      await untilReady(this.#isReady, this.#child);
      if (this.#child.exitCode === null) return;
      if (attempt === 20) throw new Error(`the server ended with ${this.#child.exitCode}`);
      await sleep(250);
    }
  }

  async kill(): Promise<void> {
    if (this.#child === undefined || this.#child.exitCode !== null || this.#child.killed) return;
    const end = endOf(this.#child);
    this.#child.kill("SIGKILL");
    await end;
  }

  async stop(): Promise<void> {
    await this.kill();
    // They may still write for a moment.
    await rm(this.#folder, { recursive: true, maxRetries: 20, retryDelay: 250 });
  }
}

/** Redis, which writes each change to disk before it answers. */
export async function redisServer(): Promise<DatabaseServer> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), "authmodes-redis-"));
  const settings = {
    port,
    bind: "127.0.0.1",
    dir: folder,
    save: "",
    appendonly: "yes",
    appendfsync: "always",
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return new Server(
    `redis://127.0.0.1:${port}`,
    () => isOpen(port),
    folder,
    () => spawn("redis-server", args, { stdio: "ignore" }),
  );
}

/** PostgreSQL, which refuses to run as root: then it runs as the user of the Debian package. */
export async function postgresServer(): Promise<DatabaseServer> {
  const port = await freePort();
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
  const settings = ["-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1", "-k", folder];
  // It listens before it accepts connections, and says in the eighth line of this file when it does.
  const isReady: IsReady = async ({ pid }) => {
    const text = await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "");
    const lines = text.split("\n").map((line) => line.trim());
    return lines[0] === String(pid) && lines[7] === "ready";
  };
  return new Server(`postgres://authmodes@127.0.0.1:${port}/postgres`, isReady, folder, () =>
    spawn(program("postgres"), settings, { ...owner, cwd: folder, stdio: "ignore" }),
  );
}
