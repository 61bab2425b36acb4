import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { matches } from "../compile/condition.ts";
import { odd, type Store } from "../targets/test/parity.ts";
import { drizzleStore } from "../targets/test/stores/drizzle.ts";
import { oddInDynamoDb, openDynamoDb } from "../targets/test/stores/dynamodb.ts";
import { mongoStore, oddInMongo } from "../targets/test/stores/mongo.ts";
import { cannotHold, postgresqlStore } from "../targets/test/stores/postgresql.ts";
import { prismaStore } from "../targets/test/stores/prisma.ts";
import { openSqlite, sqliteStore } from "../targets/test/stores/sqlite.ts";
import { checkRules, type RuleParityOptions } from "../test/parity/check.ts";
import type { Condition, Values } from "../types.ts";

// Random rules, records and callers: what a filter finds is what `decide` allows. MariaDB: e2e/mariadb.test.ts.

async function expectParity(store: Store, options: RuleParityOptions): Promise<void> {
  const { none, empty, some, all, refused } = await checkRules(store, options);
  // Of all records or none it would hardly show whether the target compares as it should.
  expect(some).toBeGreaterThan((empty + some + all) / 3);
  expect(none).toBeGreaterThan(0);
  expect(refused > 0).toBe(options.refuses !== undefined);
}

describe("the records that a filter finds are those that decide allows", { timeout: 120_000 }, () => {
  it("in memory", async () => {
    let stored: readonly Values[] = [];
    const store: Store = {
      fill: async (records) => {
        stored = records;
      },
      find: async (condition) => stored.filter(matches(condition)).map(({ id }) => Number(id)),
    };
    await expectParity(store, { ...oddInMongo, runs: 300 });
  });

  describe("in PostgreSQL", () => {
    let db: PGlite;
    beforeAll(async () => {
      db = await PGlite.create();
    }, 60_000);
    afterAll(() => db.close());

    it("with lists in arrays", () => expectParity(postgresqlStore(db, "array"), { cannotHold, runs: 80 }));

    it("with lists in jsonb", () =>
      expectParity(postgresqlStore(db, "json"), { cannotHold, oddLists: odd.lists, runs: 80 }));

    it.skipIf(drizzleStore === undefined)("asked by Drizzle", async () => {
      if (drizzleStore !== undefined) await expectParity(drizzleStore(db), { cannotHold, runs: 30 });
    });
  });

  it.skipIf(openSqlite === undefined)("in SQLite", async () => {
    if (openSqlite === undefined) return;
    const db = openSqlite();
    await expectParity(sqliteStore(db), { oddTexts: odd.numbers, oddLists: odd.lists, runs: 200 });
    db.close();
  });

  it.skipIf(mongoStore === undefined)("in MongoDB", async () => {
    if (mongoStore !== undefined) await expectParity(mongoStore(), { ...oddInMongo, runs: 200 });
  });

  it("in Prisma's syntax", () => expectParity(prismaStore(), { cannotHold, runs: 200 }));

  it.skipIf(openDynamoDb === undefined)(
    "in DynamoDB, but for more groups than fit into its expressions",
    async () => {
      if (openDynamoDb === undefined) return;
      const { store, close } = await openDynamoDb();
      const refuses = {
        when: (condition: Condition) => listValues(condition) > 100,
        message: /DynamoDB takes expressions of 4096 bytes/,
      };
      try {
        await expectParity(store, { ...oddInDynamoDb, refuses, runs: 80 });
      } finally {
        close();
      }
    },
  );
});

/** With how many values lists are compared: DynamoDB takes a call for each. */
function listValues(condition: Condition): number {
  if (condition.kind === "contains") return condition.anyOf.length;
  const parts = condition.kind === "and" ? condition.all : condition.kind === "or" ? condition.any : [];
  return parts.reduce((sum, part) => sum + listValues(part), 0);
}
