import type { ModelDefinition, RuleSchema } from "@authmodes/rules";
import type { Database } from "./database.ts";
import { createRecords, type Records } from "./records.ts";

/** A model of `schema.graphql`, as the routes need it. */
export interface ShopModel {
  /** As the rules call it. */
  readonly name: string;
  /** Where it is served: `/books`. */
  readonly path: string;
  readonly definition: ModelDefinition;
  readonly records: Records;
}

/** Every model of the schema, with its table. */
export function createModels({ models }: RuleSchema, database: Database): readonly ShopModel[] {
  return Object.entries(models).map(([name, definition]) => {
    const table = `${name.toLowerCase()}s`;
    return { name, path: `/${table}`, definition, records: createRecords(database, table, definition) };
  });
}
