import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { createPolicy, toPrisma, toSql, type Values } from "@authmodes/rules";
import { PrismaPg } from "@prisma/adapter-pg";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../apps/shared/src/data/database.ts";
import { ownSchemaFile, readSchema } from "../apps/shared/src/rules/policy.ts";
import { Records } from "../apps/shared/src/data/records.ts";
import { setUpScript } from "../apps/shared/src/data/tables.ts";
import { user } from "../packages/rules/src/test/identities.ts";
import { checkRules } from "../packages/rules/src/test/parity/check.ts";
import {
  checkTyped,
  typedColumns as types,
  type TypedStore,
} from "../packages/rules/src/test/parity/typed.ts";
import { cannotHold, postgresqlStore } from "../packages/rules/src/targets/test/stores/postgresql.ts";
import { type DatabaseServer, postgresServer } from "./support/database-servers.ts";
import { run } from "./support/process.ts";
import { isMissing } from "./support/programs.ts";

/** The part of the generated client that the test uses. */
interface Generated {
  PrismaClient: new (options: { adapter: PrismaPg }) => {
    readonly typed: { findMany(query?: object): Promise<readonly { readonly id: number }[]> };
    $disconnect(): Promise<void>;
  };
}

describe.skipIf(isMissing("initdb"))("PostgreSQL, a server of its own", () => {
  let server: DatabaseServer;
  let pool: Pool;
  beforeAll(async () => {
    server = await postgresServer();
    await server.start();
    pool = new Pool({ connectionString: server.url });
    // The server's end reaches connections that the pool is closing.
    pool.on("error", () => {});
  });
  afterAll(async () => {
    await pool?.end();
    await server.stop();
  });

  const plain = (find: TypedStore["find"]): TypedStore => ({
    run: (text, values) => (values === undefined ? pool.query(text) : pool.query(text, [...values])),
    all: async () => (await pool.query<{ id: number }>("SELECT * FROM typed")).rows,
    find,
  });

  it("finds what decide allows, whatever the rules", async () => {
    const db = {
      exec: (text: string) => pool.query(text),
      query: async <Row extends object>(text: string, values: unknown[]) =>
        await pool.query<Row>(text, values),
    };
    const { empty, some, all } = await checkRules(postgresqlStore(db, "array"), { cannotHold, runs: 40 });
    expect(some).toBeGreaterThan((empty + some + all) / 3);
  });

  it.each([
    ["as texts", undefined],
    ["as what they are", types],
  ])("compares columns of type uuid, int, bigint and enum %s", async (_, given) => {
    const store = plain(async (condition) => {
      const options = { dialect: "postgresql", ...(given !== undefined && { types: given }) } as const;
      const { text, values } = toSql(condition, options);
      return (await pool.query<{ id: number }>(`SELECT id FROM typed WHERE ${text}`, values)).rows.map(
        ({ id }) => id,
      );
    });
    expect(await checkTyped(store)).toBeGreaterThan(20);
  });

  it("compares them by Prisma 7, whose client never rejects a value", async () => {
    const cli = createRequire(import.meta.url).resolve("prisma/build/index.js");
    const schema = `${import.meta.dirname}/prisma.prisma`;
    // Generating needs no engine, but looks for one to download.
    const env = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: "1" };
    const made = await run(process.execPath, [cli, "generate", "--schema", schema], { env });
    expect(made).toMatchObject({ code: 0 });
    const client = `${import.meta.dirname}/.cache/prisma/client.ts`;
    const { PrismaClient } = (await import(/* @vite-ignore */ client)) as Generated;
    const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: server.url }) });
    const store: TypedStore = {
      ...plain(async (condition) => {
        const where = toPrisma(condition, { provider: "postgresql", types });
        return (await prisma.typed.findMany({ where, select: { id: true } })).map(({ id }) => id);
      }),
      all: () => prisma.typed.findMany(),
    };
    expect(await checkTyped(store)).toBeGreaterThan(20);
    await prisma.$disconnect();
  });

  it("rejects the write of a record that another connection gives away meanwhile", async () => {
    const schema = readSchema(ownSchemaFile);
    const policy = createPolicy(schema);
    const shop = openDatabase(server.url, Promise.resolve(setUpScript(schema, (name) => `sub-${name}`)));
    const orders = new Records(shop, "orders", schema.models["Order"] ?? { fields: {} });
    const made = await orders.create({ bookId: "101", quantity: 1, owner: "sub-alice::alice" });
    const decidedFor = (operation: "update" | "delete", input: Values) => {
      const question = { model: "Order", operation, record: made, ...(operation === "update" && { input }) };
      const decision = policy.decide(user("alice"), question);
      return decision.allowed ? decision.filter : { kind: "never" as const };
    };
    const other = await pool.connect();
    await other.query("BEGIN");
    await other.query("UPDATE bookstore.orders SET owner = $2 WHERE id = $1", [made.id, "sub-bob::bob"]);
    // Both statements wait for the other connection's lock, and then see its record.
    const changed = orders.update(made.id, { note: "mine" }, decidedFor("update", { note: "mine" }));
    const removed = orders.remove(made.id, decidedFor("delete", {}));
    const results = Promise.allSettled([changed, removed]);
    // However long both take to arrive, unless one of them does not wait.
    const answered = Promise.race([changed, removed]).then(
      () => true,
      () => true,
    );
    while ((await waiting()) < 2) {
      if (await Promise.race([answered, sleep(20, false)])) throw new Error("A statement did not wait.");
    }
    await other.query("COMMIT");
    other.release();
    expect(await results).toMatchObject([
      { status: "rejected", reason: { status: 409 } },
      { status: "rejected", reason: { status: 409 } },
    ]);
    expect(await orders.get(made.id)).toMatchObject({ owner: "sub-bob::bob", note: null });
    await shop.close();
  });

  async function waiting(): Promise<number> {
    const text = "SELECT count(*)::int AS count FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    return (await pool.query<{ count: number }>(text)).rows[0]?.count ?? 0;
  }
});
