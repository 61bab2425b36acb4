import type { RuleSchema } from "@authmodes/rules";
import type { Database } from "./database.ts";
import { createRecords, type Records } from "./records.ts";
import { tableOf } from "./tables.ts";

/** A model of `schema.graphql` with its table. */
export interface ShopModel {
  readonly name: string;
  /** Path of its routes, such as `/books`. */
  readonly path: string;
  readonly records: Records;
}

export function createModels({ models }: RuleSchema, database: Database): readonly ShopModel[] {
  return Object.entries(models).map(([name, definition]) => {
    const table = tableOf(name);
    return { name, path: `/${table}`, records: createRecords(database, table, definition) };
  });
}
