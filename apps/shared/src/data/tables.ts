import { readFileSync } from "node:fs";
import type { ModelDefinition, RuleSchema } from "@authmodes/rules";

type Row = Readonly<Record<string, unknown>>;

const users: ReadonlySet<unknown> = new Set(["alice", "bob", "libby", "penny"]);
const columnTypes: Readonly<Record<string, string>> = { Int: "integer", Float: "double precision" };

/**
 * Creates missing tables and fills empty ones. The script runs at every start, as one transaction that waits for other
 * starts on the same server.
 * @param sub returns the pool's id of a user by name
 */
export function setUpScript({ models }: RuleSchema, sub: (username: string) => string): string {
  return [
    "select pg_advisory_xact_lock(hashtext('bookstore'))",
    "create schema if not exists bookstore",
    ...Object.entries(models).flatMap(([model, definition]) => {
      const table = tableOf(model);
      return [createTable(table, definition), fillIfEmpty(table, seedRows(table, sub))];
    }),
    ...["orders (owner)", "reviews (author)", "employees (owner)"].map(
      (column) => `create index if not exists ${column.replace(/ \((.*)\)/, "_$1")} on bookstore.${column}`,
    ),
  ].join(";\n");
}

/** The table of a model. */
export function tableOf(model: string): string {
  return `${model.toLowerCase()}s`;
}

/** Reads the seed of a table. Owners are stored as sub and name; `otto`, of another issuer, by his sub only. */
export function seedRows(table: string, sub: (username: string) => string): readonly Row[] {
  const lines = readFileSync(new URL(`../../seed/${table}.jsonl`, import.meta.url), "utf8")
    .trim()
    .split("\n");
  return lines.map((line) =>
    JSON.parse(line, (_name, value) => (users.has(value) ? `${sub(value)}::${value}` : value)),
  );
}

/** Columns have the names of the model's fields. Ids sort byte by byte on every server. */
function createTable(table: string, { fields }: ModelDefinition): string {
  const columns = Object.entries(fields).map(([name, { type }]) => {
    if (name === "id") return 'id text collate "C" primary key';
    const element = type.replaceAll(/[[\]!]/g, "");
    const list = type.startsWith("[") ? "[]" : "";
    const required = type.endsWith("!") ? " not null" : "";
    return `"${name}" ${columnTypes[element] ?? "text"}${list}${required}`;
  });
  return `create table if not exists bookstore.${table} (${columns.join(", ")})`;
}

function fillIfEmpty(table: string, rows: readonly Row[]): string {
  const json = JSON.stringify(rows).replaceAll("'", "''");
  return `insert into bookstore.${table}
    select * from jsonb_populate_recordset(null::bookstore.${table}, '${json}')
    where not exists (select from bookstore.${table})`;
}
