import { PGlite } from "@electric-sql/pglite";
import { sql as drizzleSql } from "drizzle-orm";
import { int, MySqlDialect, mysqlTable, serial } from "drizzle-orm/mysql-core";
import { bigint, integer, pgEnum, pgTable, uuid } from "drizzle-orm/pg-core";
import { integer as sqliteInteger, SQLiteSyncDialect, sqliteTable } from "drizzle-orm/sqlite-core";
import { drizzle } from "drizzle-orm/pglite";
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPolicy } from "../policy.ts";
import { user } from "../test/identities.ts";
import {
  checkTyped,
  createTable,
  typedColumns as types,
  type TypedStore,
  words,
} from "../test/parity/typed.ts";
import type { Condition } from "../types.ts";
import type { ColumnTypes } from "./compile.ts";
import { toDrizzle } from "./drizzle.ts";
import { toKysely } from "./kysely.ts";
import { toPrisma } from "./prisma.ts";
import { toSql } from "./sql.ts";
import { openSqlite } from "./test/stores/sqlite.ts";

const uuidOfAnn = "11111111-1111-4111-8111-11111111111a";

describe("columns that hold no text, in PostgreSQL", { timeout: 120_000 }, () => {
  let db: PGlite;
  beforeAll(async () => {
    db = await PGlite.create();
  }, 60_000);
  afterAll(() => db.close());

  type Row = { readonly id: number };
  const plain = (find: TypedStore["find"]): TypedStore => ({
    run: (text, values) => (values === undefined ? db.exec(text) : db.query(text, [...values])),
    all: async () => (await db.query<Row>("SELECT * FROM typed")).rows,
    find,
  });
  const bySql = (given?: ColumnTypes): TypedStore =>
    plain(async (condition) => {
      const options = { dialect: "postgresql", ...(given !== undefined && { types: given }) } as const;
      const { text, values } = toSql(condition, options);
      return (await db.query<Row>(`SELECT id FROM typed WHERE ${text}`, values)).rows.map(({ id }) => id);
    });

  it("are compared as texts", async () => {
    expect(await checkTyped(bySql())).toBeGreaterThan(20);
  });

  it("are compared as what they are, if their types are given", async () => {
    expect(await checkTyped(bySql(types))).toBeGreaterThan(20);
  });

  it("are compared by Drizzle, which knows their types", async () => {
    const team = pgEnum("team", words);
    const table = pgTable("typed", {
      id: integer().notNull(),
      owner: uuid(),
      number: integer(),
      big: bigint({ mode: "bigint" }),
      team: team(),
      owners: uuid().array(),
      numbers: integer().array(),
    });
    const orm = drizzle(db);
    const store: TypedStore = {
      ...plain(async (condition) => {
        const where = toDrizzle(condition, table, { sql: drizzleSql, dialect: "postgresql" });
        return (await orm.select({ id: table.id }).from(table).where(where)).map(({ id }) => id);
      }),
      all: () => orm.select().from(table),
    };
    expect(await checkTyped(store)).toBeGreaterThan(20);
    const mine = toDrizzle({ kind: "equals", field: "owner", anyOf: [uuidOfAnn] }, table, {
      sql: drizzleSql,
      dialect: "postgresql",
    });
    expect(orm.select().from(table).where(mine).toSQL().sql).toContain("= ANY($1::uuid[])");
  });

  it.each([
    ["without types", undefined],
    ["with types", types],
  ])("are compared by Kysely, %s", async (_, given) => {
    const kysely = new Kysely<{ typed: { id: number; owner: string } }>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (one) => new PostgresIntrospector(one),
        createQueryCompiler: () => new PostgresQueryCompiler(),
      },
    });
    const store = plain(async (condition) => {
      const options = { sql, dialect: "postgresql", ...(given !== undefined && { types: given }) } as const;
      const mine = toKysely(condition, options);
      const query = kysely
        .selectFrom("typed")
        .select("id")
        .where((where) => where.and([where("id", ">=", 0), mine]))
        .compile();
      return (await db.query<Row>(query.sql, [...query.parameters])).rows.map(({ id }) => id);
    });
    expect(await checkTyped(store)).toBeGreaterThan(20);
  });

  it.each([
    ["owner", uuidOfAnn, "uuid"],
    ["number", "5", "int"],
    ["big", "5", "bigint"],
  ])("are served by the index of %s, if their types are given", async (field, value, type) => {
    await db.exec(`${createTable}; CREATE INDEX ON typed (${field}); SET enable_seqscan = off`);
    const { text, values } = toSql(
      { kind: "equals", field, anyOf: [value] },
      { dialect: "postgresql", types: { [field]: type as "uuid" } },
    );
    const { rows } = await db.query(`EXPLAIN SELECT * FROM typed WHERE ${text}`, values);
    await db.exec("RESET enable_seqscan");
    expect(JSON.stringify(rows)).not.toContain("Seq Scan");
  });
});

describe("whole numbers beyond 2 ** 31, with Drizzle", () => {
  const condition: Condition = { kind: "equals", field: "owner", anyOf: ["3000000000", "ann"] };

  it.skipIf(openSqlite === undefined)("are found in an INTEGER of SQLite, which has 64 bits", () => {
    const db = openSqlite?.();
    db?.exec(
      "CREATE TABLE notes (id INTEGER, owner INTEGER); INSERT INTO notes VALUES (1, 3000000000), (2, 5)",
    );
    const table = sqliteTable("notes", { id: sqliteInteger(), owner: sqliteInteger() });
    const where = toDrizzle(condition, table, { sql: drizzleSql, dialect: "sqlite" });
    const { sql: text, params } = new SQLiteSyncDialect().sqlToQuery(
      drizzleSql`SELECT id FROM ${table} WHERE ${where}`,
    );
    expect(db?.prepare(text).all(...params)).toMatchObject([{ id: 1 }]);
    db?.close();
  });

  it.each([
    ["SERIAL", serial()],
    ["INT UNSIGNED", int({ unsigned: true })],
  ])("are compared as numbers in a column of MySQL: %s", (_, column) => {
    const table = mysqlTable("notes", { owner: column });
    const where = toDrizzle(condition, table, { sql: drizzleSql, dialect: "mysql" });
    const { sql: text, params } = new MySqlDialect().sqlToQuery(where);
    expect(text).not.toContain("CHARSET");
    expect(new Set(params)).toEqual(new Set(["3000000000"]));
  });
});

describe("types of columns", () => {
  const owner = (anyOf: readonly string[]): Condition => ({ kind: "equals", field: "owner", anyOf });

  it.each<[string, readonly string[], ColumnTypes[string], readonly string[]]>([
    ["uuid", [uuidOfAnn, uuidOfAnn.toUpperCase(), "ann", `${uuidOfAnn} `, ""], "uuid", [uuidOfAnn]],
    ["int", ["5", "-5", "05", "2147483648", "5.0", "ann", "1e3", "-0"], "int", ["5", "-5"]],
    [
      "bigint",
      ["2147483648", "9223372036854775807", "9223372036854775808"],
      "bigint",
      ["2147483648", "9223372036854775807"],
    ],
    ["the words of an enumeration", ["red", "RED", "constructor"], ["red"], ["red"]],
  ])("of %s drop what the column cannot hold", (_, given, type, held) => {
    expect(toSql(owner(given), { dialect: "postgresql", types: { owner: type } }).values).toEqual([held]);
    expect(toSql(owner(["ann"]), { dialect: "postgresql", types: { owner: type } }).text).toBe("FALSE");
  });

  it("are rejected if they are none", () => {
    const wrong = { owner: "UUID" as "uuid" };
    const message = "types: owner is 'uuid', 'int', 'bigint' or the words of an enumeration";
    expect(() => toSql(owner(["a"]), { dialect: "sqlite", types: wrong })).toThrow(`toSql(): ${message}`);
    expect(() => toPrisma(owner(["a"]), { provider: "sqlite", types: wrong })).toThrow(
      `toPrisma(): ${message}`,
    );
  });

  it("give Prisma numbers, and never a value that its validation rejects", () => {
    const where = (anyOf: readonly string[], type: ColumnTypes[string]) =>
      toPrisma(owner(anyOf), { provider: "postgresql", types: { owner: type } });
    expect(where(["5", "ann", "2147483648"], "int")).toEqual({ owner: { in: [5] } });
    expect(where(["9007199254740993", "ann"], "bigint")).toEqual({ owner: { in: [9007199254740993n] } });
    expect(where(["ann", uuidOfAnn], "uuid")).toEqual({ owner: { in: [uuidOfAnn] } });
    expect(where(["ann"], "uuid")).toEqual({ OR: [] });
    expect(toPrisma(owner(["5"]), { provider: "mysql", types: { owner: "int" } })).toEqual({
      owner: { in: [5] },
    });
    const list: Condition = { kind: "contains", field: "owner", anyOf: ["5", "ann"] };
    expect(toPrisma(list, { provider: "postgresql", types: { owner: "int" } })).toEqual({
      owner: { hasSome: [5] },
    });
  });
});

describe("owners of type Int and BigInt", () => {
  const policy = createPolicy({
    models: {
      Note: {
        rules: [
          { allow: "owner", ownerField: "userId", identityClaim: "own" },
          { allow: "owner", ownerField: "members", identityClaim: "own", operations: ["read", "create"] },
        ],
        fields: { id: { type: "ID!" }, userId: { type: "Int" }, members: { type: "[BigInt!]" } },
        subscriptions: "off",
      },
    },
  });
  const mayGet = (own: unknown, record: object): boolean =>
    policy.decide(user("alice", { own }), { model: "Note", operation: "get", record }).allowed;

  it("are compared with the decimal text of the claim", () => {
    expect(mayGet("5", { userId: 5 })).toBe(true);
    expect(mayGet("5", { userId: "5" })).toBe(true); // as pg returns a bigint
    expect(mayGet("5", { userId: 6, members: [4n, 5n] })).toBe(true);
    for (const own of ["05", "5.0", "+5", " 5", "", "five", "5n", 5, [5], true, null]) {
      expect([own, mayGet(own, { userId: 5, members: [5] })]).toEqual([own, false]);
    }
    for (const userId of [5.5, true, [5], { id: 5 }, null, undefined, "05"]) {
      expect([userId, mayGet("5", { userId })]).toEqual([userId, false]);
    }
    // 2 ** 53 + 1 is read as 2 ** 53 by a client that returns numbers.
    expect(mayGet("9007199254740992", { members: [2 ** 53] })).toBe(false);
    expect(mayGet("9007199254740993", { members: [9007199254740993n] })).toBe(true);
  });

  it("are filled in as numbers", () => {
    const create = (own: string) =>
      policy.decide(user("alice", { own }), { model: "Note", operation: "create", input: {} });
    expect(create("5")).toMatchObject({ allowed: true, writes: { userId: 5, members: [5] } });
    expect(create("9007199254740993")).toMatchObject({ writes: { members: [9007199254740993n] } });
    expect(create("alice").allowed).toBe(false);
    expect(create("9223372036854775808").allowed).toBe(false);
  });

  it("cannot hold joined claims, and other types cannot be compared", () => {
    const build = (type: string, identityClaim = "sub::username") =>
      createPolicy({
        models: {
          Note: {
            rules: [{ allow: "owner", ownerField: "by", identityClaim }],
            fields: { id: { type: "ID!" }, by: { type } },
          },
        },
      });
    for (const type of ["Int", "BigInt!", "[Int]"]) {
      expect(() => build(type)).toThrow(
        /Note\.by: ownerField 'by' is of type (Big)?Int, but 'sub::username' joins/,
      );
      expect(() => build(type, "sub")).not.toThrow();
    }
    for (const type of ["Float", "Boolean!", "[AWSJSON]", "AWSTimestamp"]) {
      expect(() => build(type, "sub")).toThrow(/Note\.by: 'by' is of type \w+, which cannot be compared/);
    }
    for (const type of ["String", "ID!", "[AWSEmail]", "Team"]) expect(() => build(type)).not.toThrow();
  });
});
