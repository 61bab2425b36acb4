import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What the shop asks of PostgreSQL. */
export interface Database {
  /** @param parameters for `$1`, `$2`, … */
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

interface Connection extends Database {
  /** Runs several statements as one transaction. */
  run(script: string): Promise<unknown>;
}

const cache = fileURLToPath(new URL("../node_modules/.cache/bookstore", import.meta.url));
const template = `${cache}/postgres.tar`;

/**
 * Opens the shop's database. Returns at once; queries wait until it is ready.
 * @param url of a PostgreSQL server; undefined for one embedded in this process
 * @param setUp the statements that make what is missing
 */
export function openDatabase(url: string | undefined, setUp: Promise<string>): Database {
  const opening = url === undefined ? openEmbedded() : openServer(url);
  const ready = opening.then(async (connection) => {
    await connection.run(await setUp);
    return connection;
  });
  ready.catch(() => undefined); // queries throw it
  return {
    query: async (sql, parameters) => (await ready).query(sql, parameters),
    close: async () => (await opening).close(),
  };
}

async function openServer(url: string): Promise<Connection> {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({ connectionString: url, max: 5 });
  // An idle connection that breaks is replaced; without a listener its error would end the process.
  pool.on("error", () => undefined);
  return {
    query: async (sql, parameters) => (await pool.query(sql, [...(parameters ?? [])])).rows,
    run: (script) => pool.query(script),
    close: () => pool.end(),
  };
}

let embedded: Promise<Connection> | undefined;

/** One for all shops of the process, as they would share a server. It ends with the process. */
function openEmbedded(): Promise<Connection> {
  return (embedded ??= createEmbedded());
}

async function createEmbedded(): Promise<Connection> {
  await prepareTemplate();
  const { PGlite } = await import("@electric-sql/pglite");
  const postgres = await PGlite.create({
    loadDataDir: new Blob([readFileSync(template)]),
    // PostgreSQL recovers what it loads, and a timer that reports how far it is would keep the process alive.
    startParams: [...PGlite.defaultStartParams, "-c", "log_startup_progress_interval=0"],
  });
  return {
    query: async <Row>(sql: string, parameters: readonly unknown[] = []) =>
      (await postgres.query<Row>(sql, [...parameters])).rows,
    run: (script) => postgres.exec(script),
    close: async () => undefined,
  };
}

/** Makes an empty database that each start loads, unless there is one: loading takes a fraction of the time. */
export async function prepareTemplate(): Promise<void> {
  if (existsSync(template)) return;
  mkdirSync(cache, { recursive: true });
  const { PGlite } = await import("@electric-sql/pglite");
  const postgres = await PGlite.create();
  const dump = await postgres.dumpDataDir("none");
  await postgres.close();
  // Renamed, so that a process that starts at the same moment reads a whole file.
  const unfinished = `${template}-${process.pid}`;
  writeFileSync(unfinished, Buffer.from(await dump.arrayBuffer()));
  renameSync(unfinished, template);
}
