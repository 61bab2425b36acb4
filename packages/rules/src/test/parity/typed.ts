import type { ColumnTypes } from "../../targets/compile.ts";
import type { Identity } from "@authmodes/core";
import * as fc from "fast-check";
import { createPolicy } from "../../policy.ts";
import type { AuthRule, Condition, FieldDefinition } from "../../types.ts";
import { user } from "../identities.ts";

// PostgreSQL's columns of types other than text: what a filter finds is what `decide` allows, for the records as the client
// returns them. The claims of callers are those of their token, whatever a column holds.

/** Fixed, so that failures are reproducible. */
const seed = 20_260_102;

/** How a record of the table is written. */
export interface TypedRow {
  readonly id: number;
  readonly owner: string | null;
  readonly number: number | null;
  readonly big: string | null;
  readonly team: string | null;
  readonly owners: readonly string[] | null;
  readonly numbers: readonly number[] | null;
}

/** A client of PostgreSQL. */
export interface TypedStore {
  /** Runs a statement. */
  run(sql: string, values?: readonly unknown[]): Promise<unknown>;
  /** Returns all records as the client reads them. */
  all(): Promise<readonly { readonly id: number }[]>;
  /** Returns the ids of the records that match. */
  find(condition: Condition): Promise<readonly number[]>;
}

export const words: readonly [string, ...string[]] = ["red", "blue", "green"];

/** The option `types` for the table. */
export const typedColumns: ColumnTypes = {
  owner: "uuid",
  number: "int",
  big: "bigint",
  team: words,
  owners: "uuid",
  numbers: "int",
};

export const createTable: string = `
  DROP TABLE IF EXISTS typed;
  DROP TYPE IF EXISTS team;
  CREATE TYPE team AS ENUM (${words.map((word) => `'${word}'`).join(", ")});
  CREATE TABLE typed (
    id int PRIMARY KEY, owner uuid, number int, big bigint, team team, owners uuid[], numbers int[]
  )`;

const ann = "11111111-1111-4111-8111-11111111111a";
const bob = "22222222-2222-4222-8222-22222222222b";
const uuids = [ann, bob];
const ints = [5, 0, -1, 2_147_483_647, -2_147_483_648];
const bigs = ["5", "0", "-1", "2147483648", "9007199254740993", "9223372036854775807"];

/** What tokens hold: values of each column, … */
const held = [...uuids, "5", "0", ...bigs, ...words];
/** … values that nearly are some, and values that no column can hold. */
const others = [
  ...ints.map(String),
  ann.toUpperCase(),
  ann.replaceAll("-", ""),
  `{${ann}}`,
  ` ${ann}`,
  ann.slice(1),
  "05",
  "+5",
  "5.0",
  "5 ",
  " 5",
  "-0",
  "5e0",
  "0x5",
  "9223372036854775808",
  "2147483648",
  "1e400",
  "Red",
  "red ",
  "",
  "alice",
  "'",
  "null",
  "NaN",
  "{5}",
  "a\0",
];

const claim = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...held) },
  { weight: 2, arbitrary: fc.constantFrom(...others) },
);

const fields: Readonly<Record<string, FieldDefinition>> = {
  id: { type: "Int!" },
  owner: { type: "ID" },
  number: { type: "Int" },
  big: { type: "BigInt" },
  team: { type: "Team" },
  owners: { type: "[ID]" },
  numbers: { type: "[Int]" },
};

const owned = Object.keys(fields)
  .filter((name) => name !== "id")
  .map((ownerField): AuthRule => ({ allow: "owner", ownerField, identityClaim: "own" }));
const grouped = ["team", "number", "numbers", "owners"].map((groupsField): AuthRule => ({
  allow: "groups",
  groupsField,
  groupClaim: "in",
}));

const caller: fc.Arbitrary<Identity> = fc
  .record({ own: claim, in: fc.array(claim, { maxLength: 3 }) })
  .map((own) => user("alice", own));

function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: 5, arbitrary: value }, { weight: 1, arbitrary: fc.constant(null) });
}

const row = fc.record({
  owner: maybe(fc.constantFrom(...uuids)),
  number: maybe(fc.constantFrom(...ints)),
  big: maybe(fc.constantFrom(...bigs)),
  team: maybe(fc.constantFrom(...words)),
  owners: maybe(fc.array(fc.constantFrom(...uuids), { maxLength: 2 })),
  numbers: maybe(fc.array(fc.constantFrom(...ints), { maxLength: 3 })),
});

/**
 * Compares a filter with the decisions about single records.
 * @returns how many lists held some records
 * @throws with the smallest case in which they differ
 */
export async function checkTyped(store: TypedStore, runs = 60): Promise<number> {
  let found = 0;
  await store.run(createTable);
  const property = fc.asyncProperty(
    fc.subarray([...owned, ...grouped], { minLength: 1, maxLength: 3 }),
    fc.array(row, { minLength: 1, maxLength: 8 }),
    fc.array(caller, { minLength: 1, maxLength: 6 }),
    async (rules, rows, callers) => {
      await store.run("DELETE FROM typed");
      for (const [id, one] of rows.entries()) {
        const { owner, number, big, team, owners, numbers } = one;
        const values = [id, owner, number, big, team, owners, numbers];
        await store.run(
          "INSERT INTO typed VALUES ($1, $2::uuid, $3, $4::text::bigint, $5::text::team, $6::text[]::uuid[], $7::int[])",
          values,
        );
      }
      const policy = createPolicy({
        models: { Note: { rules, fields, subscriptions: "off" } },
      });
      const records = await store.all();
      for (const identity of callers) {
        const listed = policy.list(identity, { model: "Note" });
        const ids = listed.allowed ? (await store.find(listed.filter)).toSorted((a, b) => a - b) : [];
        const allowed = records
          .filter((record) => policy.decide(identity, { model: "Note", operation: "get", record }).allowed)
          .map(({ id }) => id)
          .toSorted((a, b) => a - b);
        if (ids.length > 0) found++;
        if (ids.join() === allowed.join()) continue;
        const asked = listed.allowed ? JSON.stringify(listed.filter) : listed.reason;
        throw new Error(`decide allows [${allowed.join()}], the filter finds [${ids.join()}]: ${asked}`);
      }
    },
  );
  await fc.assert(property, { numRuns: runs, seed });
  return found;
}
