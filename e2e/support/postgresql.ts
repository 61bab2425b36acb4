import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { endOf } from "./process.ts";

/** PostgreSQL refuses to run as root. Debian's package brings a user for it. */
function owner(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string): number =>
    Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout);
  return { uid: idOf("-u"), gid: idOf("-g") };
}

/** Debian keeps the programs apart, by version. */
function programs(): string | undefined {
  try {
    const root = "/usr/lib/postgresql";
    return readdirSync(root)
      .toSorted((a, b) => Number(b) - Number(a))
      .map((version) => join(root, version, "bin"))[0];
  } catch {
    return undefined;
  }
}

export const hasPostgreSql: boolean = programs() !== undefined;

/** A server of its own, in a folder of its own, reached by its socket alone. */
export class PostgreSql {
  readonly #folder = mkdtempSync(join(tmpdir(), "authmodes-postgresql-"));
  #server: ChildProcess | undefined;

  /** For `pg`, and as DATABASE_URL. */
  get url(): string {
    return `postgres://postgres@localhost/postgres?host=${encodeURIComponent(this.#folder)}`;
  }

  async start(): Promise<void> {
    const bin = programs() ?? "";
    const as = owner();
    if (as.uid !== undefined) chownSync(this.#folder, as.uid, as.gid ?? as.uid);
    const data = join(this.#folder, "data");
    const options = { ...as, cwd: this.#folder, encoding: "utf8" } as const;
    const made = spawnSync(
      join(bin, "initdb"),
      ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"],
      options,
    );
    if (made.status !== 0) throw new Error(made.stderr);
    const args = ["-D", data, "-k", this.#folder, "-c", "listen_addresses="];
    this.#server = spawn(join(bin, "postgres"), args, { ...as, cwd: this.#folder, stdio: "ignore" });
    for (let attempt = 1; ; attempt++) {
      const client = new Client({ connectionString: this.url });
      try {
        await client.connect();
        return await client.end();
      } catch (error) {
        if (attempt === 300) throw error;
        await sleep(100);
      }
    }
  }

  async stop(): Promise<void> {
    if (this.#server !== undefined) {
      const end = endOf(this.#server);
      this.#server.kill("SIGINT");
      await end;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
