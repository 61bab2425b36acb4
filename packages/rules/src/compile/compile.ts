import type { RuleSchema } from "../types.ts";
import type { Grants } from "./grants.ts";
import { compileModel, type Model, relationKeysOf } from "./model.ts";
import { type PolicyOptions, type ReadyOptions, readOptions } from "./options.ts";
import { compileType, type PlainType } from "./plain-type.ts";

/** All that does not depend on the caller. */
export interface CompiledSchema {
  readonly options: ReadyOptions;
  readonly models: ReadonlyMap<string, Model>;
  readonly types: ReadonlyMap<string, PlainType>;
  readonly sandbox: boolean;
}

/** @param grants of each model, as validation found them */
export function compile(
  schema: RuleSchema,
  options: PolicyOptions,
  grants: ReadonlyMap<string, readonly Grants[]>,
): CompiledSchema {
  const ready = readOptions(options, schema);
  const relationKeys = relationKeysOf(schema);
  const models = Object.entries(schema.models).map(([name, definition]): [string, Model] => [
    name,
    compileModel(name, definition, grants.get(name) ?? [], relationKeys.get(name) ?? [], schema, ready),
  ]);
  const types = Object.entries(schema.types ?? {}).map(([name, definition]): [string, PlainType] => [
    name,
    compileType(name, definition),
  ]);
  return {
    options: ready,
    models: new Map(models),
    types: new Map(types),
    sandbox: schema.sandbox === true,
  };
}
