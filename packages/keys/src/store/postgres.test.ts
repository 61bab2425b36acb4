import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
      async connect(): Promise<PgClient> {
        const unlock = await lock();
        return {
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

  it("names its server in messages, and no password", () => {
    expect(postgresStore("postgres://me:s3cret@db.example.com:5433/shop").name).toBe(
      "PostgreSQL at db.example.com:5433",
    );
  });
});
