import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { apiKey, createAuth, nodeView } from "@authmodes/core";
import { type Keys, openAccessKeys, openKeys, openStore, type Store, StoreError } from "@authmodes/keys";
import { redisStore } from "@authmodes/keys/redis";
import { postgresStore } from "@authmodes/keys/postgres";
import { Client, Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { checkConnections, checkOutage } from "../packages/keys/src/test/connections.ts";
import {
  checkForeignClock,
  checkInstances,
  checkLargeImport,
  checkStore,
  Redis,
} from "../packages/keys/src/test/stores.ts";
import { authmodes } from "./support/authmodes.ts";
import { dumpPostgres, dumpRedis } from "./support/database-dumps.ts";
import { type DatabaseServer, postgresServer, redisServer } from "./support/database-servers.ts";
import { run } from "./support/process.ts";
import { isMissing } from "./support/programs.ts";

interface Created {
  readonly id: string;
  readonly key: string;
}

/** An instance of a server, which curl calls. */
async function instanceOf(store: Store): Promise<(key: string) => Promise<number>> {
  const keys = await openKeys(store, { maxStaleSeconds: 4 });
  const auth = createAuth([apiKey({ keys: keys.find })]);
  auth.onEvent(() => {});
  const server = createServer((request, response) => {
    auth.authenticate(nodeView(request)).then(
      ({ id }) => response.end(id),
      (error: { readonly status: number }) => response.writeHead(error.status).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.close();
    await keys.close();
    await store.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return async (key) => {
    const args = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", `x-api-key: ${key}`, url];
    return Number((await run("curl", args)).stdout);
  };
}

interface Kind {
  readonly name: string;
  readonly program: string;
  readonly make: () => Promise<DatabaseServer>;
  readonly open: (url: string) => Store;
  /** Deletes everything. */
  readonly clear: (url: string) => Promise<void>;
  /** Pretends that a version of this package wrote to it. */
  readonly age: (url: string, format: number) => Promise<void>;
  /** Reads all that is there, as text. */
  readonly dump: (url: string) => Promise<string>;
}

async function withRedis(url: string, use: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(url);
  await use(client);
  client.disconnect();
}

async function withPostgres(url: string, text: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  await client.query(text);
  await client.end();
}

const kinds: readonly Kind[] = [
  {
    name: "Redis",
    program: "redis-server",
    make: redisServer,
    open: redisStore,
    clear: (url) => withRedis(url, (client) => client.flushall()),
    age: (url, format) => withRedis(url, (client) => client.hset("{authmodes}:state", { format })),
    dump: dumpRedis,
  },
  {
    name: "PostgreSQL",
    program: "initdb",
    make: postgresServer,
    open: postgresStore,
    clear: (url) => withPostgres(url, "DROP TABLE IF EXISTS authmodes_state, authmodes_records"),
    age: (url, format) => withPostgres(url, `UPDATE authmodes_state SET format = ${format}`),
    dump: dumpPostgres,
  },
];

describe.each(kinds)("keys in $name", ({ name, program, make, open, clear, age, dump }) => {
  const isSkipped = isMissing(program);
  let server: DatabaseServer;
  beforeAll(async () => {
    if (isSkipped) return;
    server = await make();
    await server.start();
    // It listens before it answers.
    await vi.waitFor(() => clear(server.url), { timeout: 20_000, interval: 100 });
  });
  afterAll(async () => server?.stop());

  it.skipIf(isSkipped)("does what a store does", async () => {
    await checkStore(() => open(server.url));
    await clear(server.url);
  });

  it.skipIf(isSkipped)("drops what expired by the clock of the server", async () => {
    await checkForeignClock(() => open(server.url));
    await clear(server.url);
  });

  it.skipIf(isSkipped)("are imported in one write, also 40,000 of them", async () => {
    await checkLargeImport(() => open(server.url));
    await clear(server.url);
  });

  it.skipIf(isSkipped)("are there as hashes only, and secrets encrypted", async () => {
    const store = open(server.url);
    const keys = await openKeys(store);
    const encryptionKey = randomBytes(32).toString("base64");
    const accessKeys = await openAccessKeys(store, { encryptionKey });
    const [gateway, appSync] = ["gateway-0123456789abcdef", "da2-0123456789abcdefghijklmnop"];
    const created = await keys.create({ name: "created" });
    const rotated = await keys.rotate(created.id);
    await keys.import({ keys: `Name,Key\nimported,${gateway}\n` });
    await keys.import({ keys: JSON.stringify({ apiKeys: [{ id: appSync, expires: 4_000_000_000 }] }) });
    const pair = await accessKeys.create({ userArn: "arn:aws:iam::123456789012:user/ci" });
    const values = [created.key, rotated.key, gateway, appSync];
    const hashes = values.map((value) => createHash("sha256").update(value).digest("hex"));
    for (const hash of hashes) expect(await keys.find(hash)).toBeDefined();
    expect(await accessKeys.find(pair.accessKeyId)).toBeDefined();
    // Writes the last uses.
    await keys.close();
    await accessKeys.close();
    await store.close();
    const held = await dump(server.url);
    for (const hash of hashes) expect(held).toContain(hash);
    expect(held).toContain("last-use");
    for (const value of [...values, pair.secretAccessKey, encryptionKey]) expect(held).not.toContain(value);
    await clear(server.url);
  });

  it.skipIf(isSkipped)("ends in the same state, whatever two instances do", async () => {
    await checkInstances(async () => {
      await clear(server.url);
      return { again: () => open(server.url), drop: async () => {} };
    }, 10);
    await clear(server.url);
  });

  it.skipIf(isSkipped)("live on the command line, and stop on every instance within 5 s", async () => {
    const { url } = server;
    const calls = [await instanceOf(await openStore(url)), await instanceOf(await openStore(url))];
    const statusOf = (key: string) => Promise.all(calls.map((call) => call(key)));
    const one = await authmodes<Created>(url, "keys", "create", "--name", "shop");
    expect(await statusOf(one.key)).toEqual([200, 200]);
    const two = await authmodes<Created>(url, "keys", "rotate", one.id, "--overlap-seconds", "12");
    expect(await statusOf(two.key)).toEqual([200, 200]);
    expect(await statusOf(one.key)).toEqual([200, 200]);
    await expect.poll(() => statusOf(one.key), { timeout: 20_000, interval: 500 }).toEqual([401, 401]);
    expect(await statusOf(two.key)).toEqual([200, 200]);
    await authmodes(url, "keys", "disable", one.id);
    await expect.poll(() => statusOf(two.key), { timeout: 5000 }).toEqual([401, 401]);
    await authmodes(url, "keys", "enable", one.id);
    await expect.poll(() => statusOf(two.key), { timeout: 5000 }).toEqual([200, 200]);
    await authmodes(url, "keys", "revoke", one.id, "--reason", "leaked");
    await expect.poll(() => statusOf(two.key), { timeout: 5000 }).toEqual([401, 401]);
    const { keys } = await authmodes<{ readonly keys: readonly object[] }>(url, "keys", "list");
    expect(keys).toMatchObject([{ id: one.id, state: "revoked", reason: "leaked" }]);
    await clear(url);
  });

  it.skipIf(isSkipped)(
    "hold while the server is down, then the answer is 503; nothing is lost, and it recovers",
    async () => {
      const { url } = server;
      const { id, key } = await authmodes<Created>(url, "keys", "create");
      const call = await instanceOf(open(url));
      expect(await call(key)).toBe(200);
      await server.kill();
      expect(await call(key)).toBe(200);
      expect(await call("x".repeat(20))).toBe(503);
      await sleep(5000);
      expect(await call(key)).toBe(503);
      await expect(authmodes(url, "keys", "create")).rejects.toThrow(
        `The ${name} at ${new URL(url).host} cannot be used`,
      );
      await server.start();
      await expect.poll(() => call(key), { timeout: 15_000 }).toBe(200);
      await authmodes(url, "keys", "revoke", id);
      await expect.poll(() => call(key), { timeout: 5000 }).toBe(401);
      await clear(url);
    },
  );

  it.skipIf(isSkipped)("end open connections within 5 s of a change, and no others", async () => {
    await checkConnections(() => open(server.url));
    await clear(server.url);
  });

  it.skipIf(isSkipped)("end open connections when the server is down for maxStaleSeconds", async () => {
    await checkOutage(open(server.url), () => server.kill());
    await server.start();
    await vi.waitFor(() => clear(server.url), { timeout: 20_000, interval: 100 });
  });

  it.skipIf(isSkipped)("are not touched if a newer version wrote there", async () => {
    const { url } = server;
    await authmodes<Created>(url, "keys", "create");
    await age(url, 2);
    const store = open(url);
    const message = "holds records of version 2";
    await expect(store.changes("key")).rejects.toThrow(message);
    await expect(store.write([{ kind: "key", id: "a", data: "{}" }])).rejects.toThrow(StoreError);
    await expect(openKeys(store)).rejects.toThrow(message);
    await store.close();
    await clear(url);
  });

  it.skipIf(isSkipped)("and counts are not touched if a newer version wrote there", async () => {
    const { url } = server;
    const [writer, store] = [open(url), open(url)];
    await writer.write([{ kind: "key", id: "a", data: "{}" }]);
    await writer.close();
    const take = async () => (await store.take?.("aged", { quota: { limit: 9, period: "day" } }, 1))?.used;
    const once = async (id: string) => store.once?.(id, Date.now() / 1000);
    const message = "holds records of version 2";
    // Before the first count of the store, after a read of records, and after the connection was lost.
    await age(url, 2);
    await expect(take()).rejects.toThrow(message);
    await expect(once("aged 1")).rejects.toThrow(StoreError);
    await age(url, 1);
    expect([await take(), await once("aged 1")]).toEqual([1, true]);
    await age(url, 2);
    await expect(store.changes("key")).rejects.toThrow(message);
    await expect(take()).rejects.toThrow(message);
    await expect(once("aged 2")).rejects.toThrow(message);
    await age(url, 1);
    expect([await take(), await once("aged 2")]).toEqual([2, true]);
    await server.kill();
    await server.start();
    await vi.waitFor(() => age(url, 2), { timeout: 20_000, interval: 100 });
    await vi.waitFor(() => expect(take()).rejects.toThrow(message), { timeout: 20_000, interval: 100 });
    await expect(once("aged 3")).rejects.toThrow(message);
    await age(url, 1);
    expect([await take(), await once("aged 3")]).toEqual([3, true]);
    await store.close();
    await clear(url);
  });

  it.skipIf(isSkipped)("use a client of yours, and leave it open", async () => {
    const { url } = server;
    const client = program === "initdb" ? new Pool({ connectionString: url }) : new Redis(url);
    const store = client instanceof Redis ? redisStore(client) : postgresStore(client);
    const keys: Keys = await openKeys(store);
    const { id } = await keys.create({ name: "a" });
    await keys.close();
    await store.close();
    const again = client instanceof Redis ? redisStore(client) : postgresStore(client);
    expect((await again.changes("key")).rows).toMatchObject([{ id }]);
    await again.close();
    await (client instanceof Redis ? client.quit() : client.end());
    await clear(url);
  });
});

it("keys in a file: imported with curl's client going on, from an empty folder", async () => {
  const folder = await mkdtemp(join(tmpdir(), "authmodes-keys-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "authmodes-keys.jsonl");
  const call = await instanceOf(await openStore(path));
  const key = "da2-0123456789abcdefghijklmnop";
  const expires = Math.floor(Date.now() / 1000) + 15;
  const printed = await run(process.execPath, [
    "-e",
    `require("node:fs").writeFileSync(process.argv[1], process.argv[2])`,
    join(folder, "appsync.json"),
    JSON.stringify({ apiKeys: [{ id: key, expires, deletes: expires + 60 }] }),
  ]);
  expect(printed.code).toBe(0);
  await authmodes(path, "keys", "import", join(folder, "appsync.json"));
  expect(await call(key)).toBe(200);
  await sleep(Math.max(expires * 1000 - Date.now() + 1000, 0));
  expect(await call(key)).toBe(401);
});
