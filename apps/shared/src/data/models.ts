import type { Events } from "@authmodes/graphql/events";
import type { RuleSchema } from "@authmodes/rules";
import type { Database } from "./database.ts";
import { Records, type Written } from "./records.ts";
import { tableOf } from "./tables.ts";

/** A model of `schema.graphql` with its table. */
export interface ShopModel {
  readonly name: string;
  /** Path of its routes, such as `/books`. */
  readonly path: string;
  readonly records: Records;
}

/** @param events receives the writes. Default: they are published by others, as `publishMutations` does */
export function createModels(
  { models }: RuleSchema,
  database: Database,
  events?: Events,
): readonly ShopModel[] {
  return Object.entries(models).map(([name, definition]) => {
    const table = tableOf(name);
    const publish: Written = (verb, record) => {
      // The write is done: it neither waits for its event nor fails because of it.
      events?.publish(`on${verb}${name}`, record).catch((error: unknown) => {
        console.error(`An event of ${name} was not published:`, error);
      });
    };
    return { name, path: `/${table}`, records: new Records(database, table, definition, publish) };
  });
}
