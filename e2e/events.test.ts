import { type Events, EventsLost, postgresEvents, redisEvents } from "@authmodes/graphql/events";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Redis } from "../packages/keys/src/test/stores.ts";
import { type DatabaseServer, postgresServer, redisServer } from "./support/database-servers.ts";
import { isMissing } from "./support/programs.ts";

// Two instances of a server, each with a client of its own, on one Redis and on one PostgreSQL.

interface Instance {
  readonly events: Events;
  close(): Promise<void>;
}

function onRedis(url: string, channel?: string): Instance {
  const client = new Redis(url, { maxRetriesPerRequest: 1, retryStrategy: () => 100 });
  client.on("error", () => {});
  const events = redisEvents(client, channel === undefined ? {} : { channel });
  return { events, close: async () => void (await events.close(), client.disconnect()) };
}

function onPostgres(connectionString: string, channel?: string): Instance {
  const pool = new Pool({ connectionString, max: 3, connectionTimeoutMillis: 2000 });
  pool.on("error", () => {});
  const events = postgresEvents(pool, channel === undefined ? {} : { channel });
  return { events, close: async () => void (await events.close(), await pool.end()) };
}

const kinds = [
  { name: "Redis", program: "redis-server", start: redisServer, open: onRedis },
  { name: "PostgreSQL", program: "initdb", start: postgresServer, open: onPostgres },
] as const;

async function take(queue: AsyncIterator<unknown>, count: number): Promise<readonly unknown[]> {
  const events: unknown[] = [];
  while (events.length < count) events.push((await queue.next()).value);
  return events;
}

describe.each(kinds)("two instances on $name", ({ program, start, open }) => {
  const isSkipped = isMissing(program);
  let database: DatabaseServer;
  let one: Instance;
  let two: Instance;

  beforeAll(async () => {
    if (isSkipped) return;
    database = await start();
    await database.start();
    one = open(database.url);
    two = open(database.url);
    // It listens before it answers.
    const queue = await vi.waitFor(() => one.events.subscribe("ready"), { timeout: 20_000, interval: 200 });
    await queue.return?.();
  });
  afterAll(async () => {
    if (isSkipped) return;
    await one?.close();
    await two?.close();
    await database?.stop();
  });

  it.skipIf(isSkipped)("receive each other's events, and their own, in order", async () => {
    const queues = [await one.events.subscribe("a"), await two.events.subscribe("a")];
    const other = await two.events.subscribe("b");
    for (let n = 0; n < 300; n++) await one.events.publish("a", { n, at: new Date(n), big: 2n ** 64n });
    await one.events.publish("b", "the end");
    const expected = Array.from({ length: 300 }, (_, n) => ({ n, at: new Date(n), big: 2n ** 64n }));
    for (const queue of queues) expect(await take(queue, 300)).toEqual(expected);
    expect(await take(other, 1)).toEqual(["the end"]);
    for (const queue of [...queues, other]) await queue.return?.();
  });

  it.skipIf(isSkipped)("receive long events of both, between short ones", async () => {
    const queue = await two.events.subscribe("long");
    const texts = [
      "short",
      "é😀\u0000'\"\\\n{}%s$1\ud800",
      "ü".repeat(20_000),
      "x".repeat(250_000),
      "😀".repeat(50_000),
      "",
    ];
    const sent: Promise<void>[] = [];
    for (let round = 0; round < 3; round++) {
      for (const text of texts) {
        for (const [by, { events }] of [one, two].entries()) sent.push(events.publish("long", { by, text }));
      }
    }
    await Promise.all(sent);
    const received = await take(queue, sent.length);
    const key = (event: unknown) => JSON.stringify(event);
    const all = [0, 1, 2].flatMap(() =>
      texts.flatMap((text) => [
        { by: 0, text },
        { by: 1, text },
      ]),
    );
    expect(received.map(key).toSorted()).toEqual(all.map(key).toSorted());
    await queue.return?.();
  });

  it.skipIf(isSkipped)("receive nothing of another channel", async () => {
    const third = open(database.url, "another_channel");
    const [mine, theirs] = [await one.events.subscribe("a"), await third.events.subscribe("a")];
    await two.events.publish("a", 1);
    await third.events.publish("a", 2);
    expect(await take(mine, 1)).toEqual([1]);
    expect(await take(theirs, 1)).toEqual([2]);
    await mine.return?.();
    await third.close();
  });

  it.skipIf(isSkipped)(
    "end their subscribers when the server is killed, and go on when it is back",
    async () => {
      const lines: string[] = [];
      const log = vi.spyOn(console, "error").mockImplementation((line: string) => void lines.push(line));
      const queues = [await one.events.subscribe("a"), await two.events.subscribe("a")];
      const waiting = queues.map((queue) => expect(queue.next()).rejects.toThrow(EventsLost));
      await database.kill();
      await Promise.all(waiting);
      await expect(one.events.subscribe("a")).rejects.toThrow(EventsLost);
      await expect(one.events.publish("a", 1)).rejects.toThrow();
      await database.start();
      const again = await vi.waitFor(() => one.events.subscribe("a"), { timeout: 30_000, interval: 200 });
      await vi.waitFor(() => two.events.publish("a", 2), { timeout: 30_000, interval: 200 });
      let received: unknown;
      // Redis may bring what was sent while it was down.
      while (received !== 2) received = (await again.next()).value;
      expect(lines.filter((line) => line.includes("do not arrive"))).toHaveLength(2);
      expect(lines.filter((line) => line.includes("arrive again"))).toHaveLength(1);
      log.mockRestore();
    },
  );
});
