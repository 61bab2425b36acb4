import type { PgClient } from "./postgres.ts";
import { keptSeconds, type Limits, type Store } from "./store.ts";

export const countsSchema = `
CREATE TABLE IF NOT EXISTS authmodes_usage (
  id text PRIMARY KEY, tokens float8 NOT NULL, refilled_at float8 NOT NULL, period_start bigint NOT NULL,
  used bigint NOT NULL, expires_at float8 NOT NULL);
CREATE TABLE IF NOT EXISTS authmodes_once (id text PRIMARY KEY, expires_at float8 NOT NULL);`;

const startQuery = `
INSERT INTO authmodes_usage (id, tokens, refilled_at, period_start, used, expires_at)
VALUES ($1, coalesce($2::float8, 0), extract(epoch FROM clock_timestamp()), 0, 0,
  extract(epoch FROM clock_timestamp()) + 86400)
ON CONFLICT DO NOTHING`;

// One statement, so that bucket and quota change in one step: the row is locked first, then its latest version is read. The
// clock is that of the server. If it steps back, the bucket is not filled, and the period stays. LEAST ignores NULL.
const takeQuery = `
WITH old AS MATERIALIZED (
  SELECT tokens, refilled_at, period_start, used FROM authmodes_usage WHERE id = $1 FOR UPDATE),
timed AS MATERIALIZED (SELECT *, clock_timestamp() AT TIME ZONE 'UTC' AS clock FROM old),
periods AS (
  SELECT *, greatest(refilled_at, extract(epoch FROM clock)::float8) AS at,
    extract(epoch FROM date_trunc($6::text, clock))::bigint AS start,
    extract(epoch FROM date_trunc($6::text, clock) + ('1 ' || $6::text)::interval - clock)::float8 AS reset
  FROM timed),
filled AS (
  SELECT at, reset, greatest(start, period_start) AS start,
    CASE WHEN start > period_start THEN 0 ELSE used END AS used,
    least($4::float8, tokens + (at - refilled_at) * $3::float8) AS tokens
  FROM periods),
throttled AS (SELECT *, least($2::int, floor(tokens))::int AS passed FROM filled),
taken AS (SELECT *, least(passed, CASE WHEN $5::bigint IS NOT NULL THEN greatest($5 - used, 0) END)::int AS granted FROM throttled)
UPDATE authmodes_usage u
SET tokens = coalesce(taken.tokens - granted, 0), refilled_at = at, period_start = start, used = taken.used + granted,
  expires_at = at + greatest(reset, coalesce($4::float8 / $3::float8, 0)) + 86400
FROM taken WHERE u.id = $1
RETURNING granted, passed, u.tokens, u.used, reset`;

const onceQuery = `
INSERT INTO authmodes_once (id, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id`;

/** Expired rows are deleted after each of so many calls. */
const sweepEvery = 1000;

interface TakenRow {
  readonly granted: number;
  readonly passed: number;
  readonly tokens: number;
  readonly used: string | number;
  readonly reset: number;
}

/** @param using runs a function with a connection */
export function postgresCounts(
  using: <T>(run: (client: PgClient) => Promise<T>) => Promise<T>,
): Required<Pick<Store, "take" | "once">> {
  let calls = 0;
  async function sweep(client: PgClient): Promise<void> {
    if (++calls % sweepEvery !== 0) return;
    for (const table of ["usage", "once"]) {
      const text = `DELETE FROM authmodes_${table} WHERE expires_at < extract(epoch FROM clock_timestamp()) - $1`;
      // The next one does it.
      await client.query(text, [keptSeconds]).catch(() => {});
    }
  }
  return {
    take: (id, limits, requests) =>
      using(async (client) => {
        let row = await take(client, id, limits, requests);
        if (row === undefined) {
          await client.query(startQuery, [id, limits.throttle?.burst ?? null]);
          row = await take(client, id, limits, requests);
        }
        if (row === undefined) throw new Error("authmodes_usage lost a row");
        await sweep(client);
        const { granted, passed, tokens, used, reset } = row;
        return { granted, passed, tokens, used: Number(used), resetSeconds: reset };
      }),
    once: (id, expiresAt) =>
      using(async (client) => {
        const { rows } = await client.query(onceQuery, [id, expiresAt]);
        await sweep(client);
        return rows.length === 1;
      }),
  };
}

async function take(
  client: PgClient,
  id: string,
  { throttle, quota }: Limits,
  requests: number,
): Promise<TakenRow | undefined> {
  const values = [
    id,
    requests,
    throttle?.rate ?? null,
    throttle?.burst ?? null,
    quota?.limit ?? null,
    quota?.period ?? "day",
  ];
  return (await client.query(takeQuery, values)).rows[0] as TakenRow | undefined;
}
