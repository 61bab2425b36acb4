import { createPolicy, type Policy, type PolicyOptions } from "@authmodes/rules";
import { authDirectiveSdl, modelDirectivesSdl, parseSchema } from "@authmodes/rules/sdl";
import { buildSchema, type GraphQLSchema } from "graphql";
import { protect, type ProtectOptions } from "../index.ts";
import { type Context, resolveBy, type Resolvers } from "./resolvers.ts";
import { load, operations, resolvers } from "./shop-data.ts";
import { modelsSdl, operationsSdl } from "./shop-sdl.ts";

// A shop in memory.

/** The shop's schema without guards. */
export function openSchema(own: Resolvers = {}, more = ""): GraphQLSchema {
  const schema = buildSchema(`${authDirectiveSdl}${modelDirectivesSdl}${modelsSdl}${operationsSdl}${more}`);
  resolveBy(schema, resolvers);
  resolveBy(schema, own);
  return schema;
}

export function shopPolicy(options: PolicyOptions = {}, sdl: string = modelsSdl): Policy {
  return createPolicy(parseSchema(sdl), { providers: ["userPools", "apiKey", "function"], ...options });
}

export function shop(
  options: Partial<ProtectOptions<Context>> = {},
  own: Resolvers = {},
  more = "",
): GraphQLSchema {
  return guardedShop(openSchema(own, more), options);
}

/** Guards a schema that has the root fields of the shop. */
export function guardedShop(
  schema: GraphQLSchema,
  options: Partial<ProtectOptions<Context>> = {},
): GraphQLSchema {
  return guardedSchema(schema, { operations, load, ...options });
}

/** Guards a schema by the rules of the shop. */
export function guardedSchema(
  schema: GraphQLSchema,
  options: Partial<ProtectOptions<Context>> = {},
): GraphQLSchema {
  return protect<Context>(schema, { policy: shopPolicy(), identity: ({ identity }) => identity, ...options });
}
