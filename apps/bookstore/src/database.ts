import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setUpScript } from "./schema.ts";

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

/**
 * Opens the shop's database, with its tables and books. Returns at once; queries wait until it is ready.
 * @param url of a PostgreSQL server; undefined for one embedded in this process
 */
export function openDatabase(url: string | undefined): Database {
  const ready = (url === undefined ? openEmbedded() : openServer(url)).then(async (connection) => {
    await connection.run(setUpScript);
    return connection;
  });
  // Whoever queries hears of a failure.
  ready.catch(() => undefined);
  return {
    query: async (sql, parameters) => (await ready).query(sql, parameters),
    close: async () => (await ready).close(),
  };
}

async function openServer(url: string): Promise<Connection> {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({ connectionString: url, max: 5 });
  // A connection that breaks while nobody uses it is replaced; unheard, its error would end the process.
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

/** Each process works on its own copy of a prepared folder: a copy takes a tenth of a second, a new one five. */
async function createEmbedded(): Promise<Connection> {
  const { PGlite } = await import("@electric-sql/pglite");
  const template = await prepareTemplate();
  removeCopiesOfEndedProcesses();
  const folder = newFolder();
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  cpSync(template, folder, { recursive: true });
  const postgres = await PGlite.create(folder);
  return {
    query: async <Row>(sql: string, parameters: readonly unknown[] = []) =>
      (await postgres.query<Row>(sql, [...parameters])).rows,
    run: (script) => postgres.exec(script),
    close: async () => undefined,
  };
}

/** Named after the process, so that a later one knows what is left over. */
function newFolder(): string {
  return mkdtempSync(join(cache, `data-${process.pid}-`));
}

/** Makes the folder that the others are copied from, where there is none yet. */
export async function prepareTemplate(): Promise<string> {
  const template = join(cache, "template");
  if (existsSync(template)) return template;
  mkdirSync(cache, { recursive: true });
  const unfinished = newFolder();
  const { PGlite } = await import("@electric-sql/pglite");
  await (await PGlite.create(unfinished)).close();
  try {
    renameSync(unfinished, template);
  } catch (error) {
    // Somebody else who started at the same time was quicker.
    if (!existsSync(template)) throw error;
    rmSync(unfinished, { recursive: true, force: true });
  }
  return template;
}

function removeCopiesOfEndedProcesses(): void {
  for (const name of readdirSync(cache)) {
    const pid = /^data-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    rmSync(join(cache, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
