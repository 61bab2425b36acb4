import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkInstances, checkStore } from "../test/stores.ts";
import { type PgClient, type PgPool, postgresStore } from "./postgres.ts";

describe("PostgreSQL", () => {
  const db = new PGlite();
  beforeAll(async () => void (await db.exec("SELECT 1")), 120_000);
  afterAll(() => db.close());

  /** PGlite has one connection: a client waits for the one before. */
  function poolOf(): PgPool {
    return {
      async connect(): Promise<PgClient> {
        const unlock = await lock();
        return {
          async query(text, values) {
            // It listens by a function of its own.
            if (text.startsWith("LISTEN")) return { rows: [] };
            if (values !== undefined) return db.query(text, values);
            // Several statements.
            return (await db.exec(text)).at(-1) ?? { rows: [] };
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
  const drop = async () => void (await db.exec("DROP TABLE IF EXISTS authmodes_state, authmodes_records"));

  it("does what a store does", async () => {
    await checkStore(open);
    await drop();
  });

  it("ends in the same state, whatever two instances do", async () => {
    await checkInstances(async () => ({ again: open, drop }), 5);
  });

  it("names its server in messages, and no password", () => {
    expect(postgresStore("postgres://me:s3cret@db.example.com:5433/shop").name).toBe(
      "PostgreSQL at db.example.com:5433",
    );
  });
});
