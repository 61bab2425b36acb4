import { readFileSync } from "node:fs";
import { keptFile } from "./data-folder.ts";

/** The part of PostgreSQL that the shop uses. */
export interface Database {
  /** @param parameters for `$1`, `$2`, … */
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

interface Connection extends Database {
  /** Runs several statements as one transaction. */
  run(script: string): Promise<unknown>;
}

/**
 * Opens the shop's database. Returns immediately; queries wait until it is ready.
 * @param url of a PostgreSQL server; undefined for one embedded in this process
 * @param setUp statements that create missing tables and records
 */
export function openDatabase(url: string | undefined, setUp: Promise<string>): Database {
  // One for all shops of the process, as if they shared a server.
  const opening = url === undefined ? (embedded ??= openEmbedded()) : openServer(url);
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
  // The pool replaces broken idle connections. Without a listener their errors would end the process.
  pool.on("error", () => undefined);
  return {
    query: async (sql, parameters = []) => (await pool.query(sql, [...parameters])).rows,
    run: (script) => pool.query(script),
    close: () => pool.end(),
  };
}

let embedded: Promise<Connection> | undefined;

/** It is never closed. */
async function openEmbedded(): Promise<Connection> {
  const template = await databaseTemplate();
  const { PGlite } = await import("@electric-sql/pglite");
  const postgres = await PGlite.create({
    loadDataDir: new Blob([readFileSync(template)]),
    // PostgreSQL recovers the loaded data. The timer of its progress report would keep the process alive.
    startParams: [...PGlite.defaultStartParams, "-c", "log_startup_progress_interval=0"],
  });
  return {
    query: async <Row>(sql: string, parameters: readonly unknown[] = []) =>
      (await postgres.query<Row>(sql, [...parameters])).rows,
    run: (script) => postgres.exec(script),
    close: async () => undefined,
  };
}

/** The empty database that each start loads, which is faster than creating one each time. */
export function databaseTemplate(): Promise<string> {
  return keptFile("postgres.tar", async () => {
    const { PGlite } = await import("@electric-sql/pglite");
    const postgres = await PGlite.create();
    const dump = await postgres.dumpDataDir("none");
    await postgres.close();
    return Buffer.from(await dump.arrayBuffer());
  });
}
