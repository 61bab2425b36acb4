import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
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
  // Whoever queries hears of a failure.
  ready.catch(() => undefined);
  return {
    query: async (sql, parameters) => (await ready).query(sql, parameters),
    close: async () => (await opening).close(),
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
  const folder = mkdtempSync(join(cache, `data-${process.pid}-`));
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

/** Makes the folder that the others are copied from, where there is none yet. */
export async function prepareTemplate(): Promise<string> {
  const template = join(cache, "template");
  mkdirSync(cache, { recursive: true });
  removeFoldersOfEndedProcesses();
  while (!existsSync(template) && isInTheMaking()) await sleep(100);
  if (existsSync(template)) return template;
  const unfinished = mkdtempSync(join(cache, `template-${process.pid}-`));
  const { PGlite } = await import("@electric-sql/pglite");
  await (await PGlite.create(unfinished)).close();
  try {
    renameSync(unfinished, template);
  } catch (error) {
    // Somebody else who began at the same moment was quicker.
    if (!existsSync(template)) throw error;
    rmSync(unfinished, { recursive: true });
  }
  return template;
}

function isInTheMaking(): boolean {
  return readdirSync(cache).some((name) => name.startsWith("template-") && isRunning(ownerOf(name)));
}

/** What a process that was killed left over. */
function removeFoldersOfEndedProcesses(): void {
  for (const name of readdirSync(cache)) {
    if (isRunning(ownerOf(name))) continue;
    rmSync(join(cache, name), { recursive: true, force: true });
  }
}

/** The process that a folder is named after; undefined for those that stay. */
function ownerOf(folder: string): number | undefined {
  const pid = /^(?:data|template)-(\d+)-/.exec(folder)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

function isRunning(pid: number | undefined): boolean {
  if (pid === undefined) return true;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
