import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { toSql, type Condition } from "@authmodes/rules";
import { createConnection, type Connection } from "mariadb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  checkParity,
  listFields,
  odd,
  textFields,
  type Store,
} from "../packages/rules/src/targets/test/parity.ts";
import { checkRules } from "../packages/rules/src/test/parity/check.ts";
import { endOf, run } from "./support/process.ts";
import { isMissing } from "./support/programs.ts";

/** A server of its own, in a folder of its own, reached by its socket alone. */
class MariaDb {
  readonly #folder = mkdtempSync(join(tmpdir(), "authmodes-mariadb-"));
  #server: ChildProcess | undefined;

  async start(): Promise<Connection> {
    const options = [
      "--no-defaults",
      `--datadir=${this.#folder}`,
      ...(process.getuid?.() === 0 ? ["--user=root"] : []),
    ];
    const made = await run("mariadb-install-db", [...options, "--auth-root-authentication-method=normal"]);
    if (made.code !== 0) throw new Error(made.stderr);
    const socketPath = join(this.#folder, "socket");
    this.#server = spawn("mariadbd", [...options, `--socket=${socketPath}`, "--skip-networking"], {
      stdio: "ignore",
    });
    for (let attempt = 1; ; attempt++) {
      try {
        return await createConnection({ socketPath, user: "root", multipleStatements: true });
      } catch (error) {
        if (attempt === 300) throw error;
        await sleep(100);
      }
    }
  }

  async stop(): Promise<void> {
    if (this.#server !== undefined) {
      const end = endOf(this.#server);
      this.#server.kill();
      await end;
    }
    rmSync(this.#folder, { recursive: true });
  }
}

/** Those that hold much to be equal, and one that pads with spaces. */
const collations = ["utf8mb4_general_ci", "utf8mb4_unicode_520_ci", "utf8mb4_bin", "utf8mb4_nopad_bin"];

describe.skipIf(isMissing("mariadbd"))("rules as SQL for MariaDB", () => {
  const server = new MariaDb();
  let db: Connection;

  beforeAll(async () => {
    db = await server.start();
    await db.query("CREATE DATABASE rules; USE rules");
  });
  afterAll(async () => {
    await db?.end();
    await server.stop();
  });

  /** A new table. */
  async function create(
    columns: readonly string[],
    rows: readonly (readonly unknown[])[] = [],
  ): Promise<void> {
    await db.query(`DROP TABLE IF EXISTS records; CREATE TABLE records (${columns.join(", ")})`);
    if (rows.length > 0)
      await db.batch(`INSERT INTO records VALUES (?${", ?".repeat(columns.length - 1)})`, [...rows]);
  }

  async function ids(condition: Condition, not = ""): Promise<readonly number[]> {
    const { text, values } = toSql(condition, { dialect: "mysql" });
    const rows = await db.execute<{ id: number }[]>(
      `SELECT id FROM records WHERE ${not} ${text} ORDER BY id`,
      values,
    );
    return rows.map(({ id }) => id);
  }

  const columns = [
    "id INT",
    ...textFields.map((field, i) => `\`${field}\` TEXT COLLATE ${collations[i]}`),
    ...listFields.map((field, i) => `\`${field}\` LONGTEXT COLLATE ${collations[i]}`),
  ];
  const store: Store = {
    fill: (records) =>
      create(
        columns,
        records.map((record) => [
          record["id"],
          ...textFields.map((field) => record[field] ?? null),
          ...listFields.map((field) => JSON.stringify(record[field]) ?? null),
        ]),
      ),
    find: (condition) => ids(condition),
  };

  it("finds what the predicate allows", async () => {
    await expect(checkParity(store, { oddLists: odd.lists })).resolves.toBeUndefined();
  });

  it("finds what decide allows, whatever the rules", async () => {
    const { empty, some, all, refused } = await checkRules(store, { oddLists: odd.lists });
    expect(some).toBeGreaterThan((empty + some + all) / 3);
    expect(refused).toBe(0);
  });

  it("compares no columns but those of text", async () => {
    for (const [type, cell] of [
      ["INT", 5],
      ["VARBINARY(9)", "5"],
      ["DECIMAL", 5],
    ] as const) {
      await create(["id INT", `owner ${type}`], [[1, cell]]);
      expect(await ids({ kind: "equals", field: "owner", anyOf: ["5", "5a"] })).toEqual([]);
    }
  });

  it("compares columns of numbers if their types are given, in an UPDATE too", async () => {
    for (const [type, given] of [
      ["INT", "int"],
      ["BIGINT", "bigint"],
    ] as const) {
      const rows = [5, 0, -5, 50, null].map((cell, id) => [id, cell]);
      await create(["id INT", `owner ${type}`], rows);
      const anyOf = ["5", "alice", "5a", "05", "5.0", "-5", "1e400", ""];
      const condition: Condition = { kind: "equals", field: "owner", anyOf };
      const { text, values } = toSql(condition, { dialect: "mysql", types: { owner: given } });
      const found = await db.execute<{ id: number }[]>(
        `SELECT id FROM records WHERE ${text} ORDER BY id`,
        values,
      );
      expect(found.map(({ id }) => id)).toEqual([0, 2]);
      const { affectedRows } = await db.execute<{ affectedRows: number }>(
        `UPDATE records SET id = id + 10 WHERE ${text}`,
        values,
      );
      expect(affectedRows).toBe(2);
      // Without a type no text is compared with the numbers, which MySQL would reject here.
      const plain = toSql({ ...condition, anyOf: ["alice", "5"] }, { dialect: "mysql" });
      expect(await ids({ ...condition, anyOf: ["alice", "5"] })).toEqual([]);
      await expect(
        db.execute(`UPDATE records SET id = id + 10 WHERE ${plain.text}`, plain.values),
      ).resolves.toMatchObject({ affectedRows: 0 });
    }
  });

  it("compares text, not the bytes that another character set has for it", async () => {
    await create(
      ["id INT", "owner VARCHAR(9) CHARACTER SET latin1"],
      [
        [1, "é"],
        [2, "Ã©"],
      ],
    );
    expect(await ids({ kind: "equals", field: "owner", anyOf: ["é"] })).toEqual([1]);
  });

  it("takes only a JSON list for a list", async () => {
    const cells = ['["a"]', "a", '"a"', "[", "", "5", null, '["\\u0061"]', '{"0":"a"}'];
    await create(
      ["id INT", "`groups` TEXT"],
      cells.map((cell, i) => [i, cell]),
    );
    expect(await ids({ kind: "contains", field: "groups", anyOf: ["a"] })).toEqual([0, 7]);
  });

  it("takes no element for the text that it is written as", async () => {
    await create(["id INT", "`groups` JSON"], [[1, '[["a"], {"a":1}, 5, null]']]);
    const anyOf = ['["a"]', '{"a":1}', '{"a": 1}', "null"];
    expect(await ids({ kind: "contains", field: "groups", anyOf })).toEqual([]);
  });

  it("is never NULL, so that NOT finds all others", async () => {
    await create(
      ["id INT", "owner TEXT", "`groups` JSON"],
      [
        [1, "a", '["a"]'],
        [2, null, null],
        [3, "b", "[]"],
      ],
    );
    expect(await ids({ kind: "equals", field: "owner", anyOf: ["a"] }, "NOT")).toEqual([2, 3]);
    expect(await ids({ kind: "contains", field: "groups", anyOf: ["a"] }, "NOT")).toEqual([2, 3]);
  });

  it("is served by an index", async () => {
    await create(["id INT", "owner VARCHAR(99)", "INDEX by_owner (owner)"]);
    const { text, values } = toSql({ kind: "equals", field: "owner", anyOf: ["a"] }, { dialect: "mysql" });
    const plan = await db.execute<{ possible_keys: string | null }[]>(
      `EXPLAIN SELECT * FROM records WHERE ${text}`,
      values,
    );
    expect(plan[0]?.possible_keys).toBe("by_owner");
  });
});
