import { Pool } from "pg";
import { countsSchema, postgresCounts } from "./postgres-counts.ts";
import { type Changes, FormatCheck, keptSeconds, serverUrl, type Store, storeFormat } from "./store.ts";
import { Wakes } from "./wakes.ts";

/** What is used of a `Pool` of `pg`. */
export interface PgPool {
  /** By a callback, which runs before anything else can happen to the client. */
  connect(callback: (error: Error | undefined, client: PgClient | undefined) => void): void;
}

/** What is used of a client of such a pool. */
export interface PgClient {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }>;
  on(event: "notification" | "error", listener: () => void): unknown;
  removeListener(event: "error", listener: () => void): unknown;
  /** @param broken whether the pool has to close it */
  release(broken?: boolean): void;
}

const channel = "authmodes";

// Several statements in one query are one transaction. The lock lets one instance at a time make the tables.
const schema = `
SELECT pg_advisory_xact_lock(727418213);
CREATE TABLE IF NOT EXISTS authmodes_state (
  one boolean PRIMARY KEY DEFAULT true CHECK (one), format int NOT NULL, epoch text NOT NULL, version bigint NOT NULL);
CREATE TABLE IF NOT EXISTS authmodes_records (
  kind text NOT NULL, id text NOT NULL, version bigint NOT NULL, data text NOT NULL, expires_at bigint,
  PRIMARY KEY (kind, id));
CREATE INDEX IF NOT EXISTS authmodes_records_version ON authmodes_records (kind, version);
${countsSchema}
INSERT INTO authmodes_state (format, epoch, version)
VALUES (${storeFormat}, gen_random_uuid()::text, 0) ON CONFLICT DO NOTHING`;

// One statement sees one moment: no write between the version and the rows.
const changesQuery = `
SELECT format, epoch || ' ' || version AS cursor, is_whole AS "isWhole", (
  SELECT COALESCE(json_agg(json_build_object(
    'kind', kind, 'id', id, 'version', r.version, 'data', data, 'expiresAt', expires_at)), '[]')
  FROM authmodes_records r WHERE kind = $1 AND (is_whole OR r.version > $3)) AS rows
FROM (SELECT *, epoch <> $2 OR version < $3::bigint AS is_whole FROM authmodes_state) s`;

// The row of the state is locked until the transaction ends: writes happen one after the other, in the order of versions.
const countQuery = `
UPDATE authmodes_state SET version = version + 1, format = GREATEST(format, $1)
RETURNING format, version, epoch || ' ' || (version - 1) AS cursor`;
const upsertQuery = `
INSERT INTO authmodes_records (kind, id, version, data, expires_at)
SELECT kind, id, $2, data, "expiresAt"
FROM json_to_recordset($1) AS w (kind text, id text, data text, "expiresAt" bigint)
ON CONFLICT (kind, id)
DO UPDATE SET version = excluded.version, data = excluded.data, expires_at = excluded.expires_at`;
// By the clock of the server: an instance whose own is ahead would drop what others still need.
const dropQuery =
  "DELETE FROM authmodes_records WHERE expires_at < extract(epoch FROM clock_timestamp()) - $1";

interface State {
  readonly format: number;
  /** A number of 64 bits, as text. */
  readonly version: string;
  readonly cursor: string;
}

/**
 * Makes a store in PostgreSQL. It makes its tables, whose names start with `authmodes_`, if they are missing.
 * @param server a URL such as `postgres://user@127.0.0.1/shop`, or a `Pool` of `pg`, which stays open when the store is
 * closed; `watch` keeps one of its clients. Listen to the pool's `error`: without a listener, a connection that breaks while
 * it is idle ends the process
 * @throws TypeError if the URL is malformed
 * @example
 * import { openKeys } from "@authmodes/keys";
 * import { postgresStore } from "@authmodes/keys/postgres";
 *
 * export const keys = await openKeys(postgresStore(process.env["DATABASE_URL"] ?? "postgres://127.0.0.1/shop"));
 */
export function postgresStore(server: string | PgPool): Store {
  const { pool, name, end } =
    typeof server === "string" ? connect(server) : { pool: server, name: "PostgreSQL", end: async () => {} };
  const formats = new FormatCheck(name);
  let hasTables = false;
  const wakes = new Wakes((wake) => listen(pool, wake));

  async function using<T>(run: (client: PgClient) => Promise<T>): Promise<T> {
    const client = await connected(pool);
    let isBroken = true;
    try {
      if (!hasTables) await makeTables(client);
      hasTables = true;
      const result = await run(client);
      isBroken = false;
      return result;
    } finally {
      client.removeListener("error", ignore);
      client.release(isBroken);
    }
  }

  return {
    name,
    changes: (kind, after = "- 0") =>
      using(async (client) => {
        const [epoch = "", version = "0"] = after.split(" ");
        const { rows } = await client.query(changesQuery, [kind, epoch, version]);
        const [{ format, ...changes }] = rows as [Changes & { readonly format: number }];
        formats.check(format);
        return changes;
      }),
    write: (writes, after) =>
      using((client) =>
        inTransaction(client, async () => {
          const [state] = (await client.query(countQuery, [storeFormat])).rows as [State];
          formats.check(state.format);
          if (after !== undefined && after !== state.cursor) return false;
          await client.query(upsertQuery, [JSON.stringify(writes), state.version]);
          await client.query(dropQuery, [keptSeconds]);
          await client.query(`NOTIFY ${channel}`);
          return true;
        }),
      ),
    watch: (wake) => wakes.watch(wake),
    ...postgresCounts((run) =>
      using(async (client) => {
        await formats.beforeCount(client, async () => {
          const [state] = (await client.query("SELECT format FROM authmodes_state")).rows as [State];
          return state.format;
        });
        return run(client);
      }),
    ),
    async close() {
      wakes.close();
      await end();
    },
  };
}

interface Server {
  readonly pool: PgPool;
  readonly name: string;
  readonly end: () => Promise<void>;
}

function connect(connectionString: string): Server {
  const { host } = serverUrl("postgresStore()", connectionString);
  const pool = new Pool({
    connectionString,
    max: 4,
    connectionTimeoutMillis: 5000,
    query_timeout: 5000,
    statement_timeout: 5000,
    allowExitOnIdle: true,
  });
  // Each query rejects by itself.
  pool.on("error", ignore);
  return { pool, name: `PostgreSQL at ${host}`, end: () => pool.end() };
}

function ignore(): void {}

/**
 * Its listener for errors is there at once: a server may end a connection in the packet that opens it, and without a listener
 * the event would end the process. Queries reject too.
 */
function connected(pool: PgPool): Promise<PgClient> {
  return new Promise((resolve, reject) => {
    pool.connect((error, client) => {
      if (!client) return reject(error ?? new Error("the pool gave no client"));
      client.on("error", ignore);
      resolve(client);
    });
  });
}

async function makeTables(client: PgClient): Promise<void> {
  const found = await client.query(
    "SELECT to_regclass('authmodes_records') IS NOT NULL AND to_regclass('authmodes_once') IS NOT NULL AS there",
  );
  if (!(found.rows[0] as { readonly there: boolean }).there) await client.query(schema);
}

/** Commits if the function resolves with true. */
async function inTransaction(client: PgClient, run: () => Promise<boolean>): Promise<boolean> {
  await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
  try {
    const isDone = await run();
    await client.query(isDone ? "COMMIT" : "ROLLBACK");
    return isDone;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/** Listens on a connection of its own, and connects again if that is lost. */
function listen(pool: PgPool, wake: () => void): () => void {
  let stopped = false;
  let client: PgClient | undefined;
  let timer: NodeJS.Timeout | undefined;
  const lost = (broken: PgClient | undefined) => {
    if (broken !== client) return;
    client = undefined;
    broken?.release(true);
    if (!stopped) timer = setTimeout(start, 1000).unref();
  };
  const start = () => {
    connected(pool).then(
      (opened) => {
        if (stopped) return opened.release(true);
        client = opened;
        const onLost = () => lost(opened);
        opened.on("error", onLost);
        opened.on("notification", wake);
        opened.query(`LISTEN ${channel}`).then(wake, onLost);
      },
      () => lost(undefined),
    );
  };
  start();
  return () => {
    stopped = true;
    clearTimeout(timer);
    const open = client;
    client = undefined;
    open?.release(true);
  };
}
