import { Client } from "pg";
import { Redis } from "../../packages/keys/src/test/stores.ts";

/** Everything in the server, as text. */
export async function dumpRedis(url: string): Promise<string> {
  const client = new Redis(url);
  const found: unknown[] = [];
  const readers: Readonly<Record<string, (key: string) => Promise<unknown>>> = {
    string: (key) => client.get(key),
    hash: (key) => client.hgetall(key),
    zset: (key) => client.zrange(key, 0, "-1"),
  };
  for (const key of await client.keys("*")) {
    const type = await client.type(key);
    const read = readers[type];
    if (read === undefined) throw new Error(`this test does not read a ${type}`);
    found.push([key, await read(key)]);
  }
  client.disconnect();
  return JSON.stringify(found);
}

/** Every row of every table, as text. */
export async function dumpPostgres(url: string): Promise<string> {
  const client = new Client(url);
  await client.connect();
  const tables = await client.query<{ readonly name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
  );
  const found: unknown[] = [];
  for (const { name } of tables.rows) found.push([name, (await client.query(`SELECT * FROM ${name}`)).rows]);
  await client.end();
  return JSON.stringify(found);
}
