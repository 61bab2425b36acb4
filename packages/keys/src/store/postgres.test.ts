import { type AddressInfo, createServer } from "node:net";
import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { checkForeignClock, checkInstances, checkStore } from "../test/stores.ts";
import { checkCounts, checkCountsTogether } from "../test/counts.ts";
import { type PgClient, type PgPool, postgresStore } from "./postgres.ts";

describe("PostgreSQL", () => {
  const db = new PGlite();
  beforeAll(async () => void (await db.exec("SELECT 1")), 120_000);
  afterAll(() => db.close());

  /** Of the server, in SQL. */
  let clock = "clock_timestamp()";

  /** PGlite has one connection: a client waits for the one before. */
  function poolOf(): PgPool {
    return {
      connect: async (callback) => {
        const unlock = await lock();
        const client: PgClient = {
          async query(text, values) {
            // It listens by a function of its own.
            if (text.startsWith("LISTEN")) return { rows: [] };
            const timed = text.replaceAll("clock_timestamp()", clock);
            if (values !== undefined) return db.query(timed, values);
            // Several statements.
            return (await db.exec(timed)).at(-1) ?? { rows: [] };
          },
          on: () => undefined,
          removeListener: () => undefined,
          release: unlock,
        };
        callback(undefined, client);
      },
    };
  }
  let last: Promise<unknown> = Promise.resolve();
  function lock(): Promise<() => void> {
    const before = last;
    let unlock = () => {};
    last = new Promise<void>((resolve) => (unlock = resolve));
    return before.then(() => unlock);
  }
  /** Without its listener, which would keep the only connection. */
  const open = () => ({ ...postgresStore(poolOf()), watch: () => () => {} });
  const drop = async () =>
    void (await db.exec(
      "DROP TABLE IF EXISTS authmodes_state, authmodes_records, authmodes_usage, authmodes_once",
    ));

  it("does what a store does", async () => {
    await checkStore(open);
    await drop();
  });

  it("drops what expired by the clock of the server", async () => {
    // PGlite runs in this process, whose clock is changed here.
    clock = `to_timestamp(${Date.now() / 1000})`;
    await checkForeignClock(open);
    clock = "clock_timestamp()";
    await drop();
  });

  it("ends in the same state, whatever two instances do", async () => {
    await checkInstances(async () => ({ again: open, drop }), 5);
  });

  it("counts", async () => {
    await checkCountsTogether(open);
    await checkCounts({ store: open(), setClock: (seconds) => (clock = `to_timestamp(${seconds})`) });
    clock = "clock_timestamp()";
    // Expired rows are deleted now and then.
    await db.query("UPDATE authmodes_usage SET expires_at = 1000");
    const store = open();
    for (let i = 0; i < 1000; i++) await store.once?.(`sweep ${i}`, 1000);
    expect((await db.query("SELECT count(*)::int AS left FROM authmodes_usage")).rows).toEqual([{ left: 0 }]);
    expect(
      (await db.query("SELECT count(*)::int AS left FROM authmodes_once WHERE expires_at = 1000")).rows,
    ).toEqual([{ left: 0 }]);
    await drop();
  }, 60_000);

  it("rejects if the server ends a connection in the packet that opens it", async () => {
    const message = (type: string, body: string) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(4 + body.length);
      return Buffer.concat([Buffer.from(type), length, Buffer.from(body, "latin1")]);
    };
    const isAccepted = message("R", "\0\0\0\0");
    const isReady = message("Z", "I");
    const isEnded = message("E", "SFATAL\0C57P01\0Mterminating connection\0\0");
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.on("error", () => {});
      socket.once("data", () => socket.end(Buffer.concat([isAccepted, isReady, isEnded])));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const store = postgresStore(`postgres://me@127.0.0.1:${(server.address() as AddressInfo).port}/shop`);
    // Its listener connects too, and again after a second.
    const unwatch = store.watch(() => {});
    await expect(store.changes("key")).rejects.toThrow(/terminating|terminated|not queryable/);
    await vi.waitFor(() => expect(connections).toBeGreaterThanOrEqual(3), { timeout: 10_000, interval: 50 });
    unwatch();
    await store.close();
  });

  it("names its server in messages, and no password", () => {
    expect(postgresStore("postgres://me:s3cret@db.example.com:5433/shop").name).toBe(
      "PostgreSQL at db.example.com:5433",
    );
  });
});
