import { filterOf, protect, recordOf } from "@authmodes/graphql";
import { type Events, publishMutations } from "@authmodes/graphql/events";
import type { Policy, Values } from "@authmodes/rules";
import { buildSchema, type GraphQLFieldResolver, type GraphQLSchema } from "graphql";
import { HttpError } from "../http/http-error.ts";
import type { ShopModel } from "../data/models.ts";
import type { GraphqlCaller } from "./endpoint.ts";
import { listName, typeDefinitions } from "./type-definitions.ts";

interface ListArgs {
  readonly filter?: Values | null;
  readonly limit?: number | null;
  readonly nextToken?: string | null;
}

interface WriteArgs {
  readonly input: Values & { readonly id: string };
  readonly condition?: Values | null;
}

/** Creates the schema in Amplify's shapes, with each resolver protected by the rules. Subscriptions receive what mutations return. */
export function createSchema(policy: Policy, models: readonly ShopModel[], events: Events): GraphQLSchema {
  const schema = buildSchema(typeDefinitions(policy.schema));
  for (const model of models) addResolvers(schema, model);
  // Rules of your own may switch all subscriptions off.
  const isLive = (schema.getSubscriptionType() ?? undefined) !== undefined;
  return protect<GraphqlCaller>(isLive ? publishMutations(schema, { events }) : schema, {
    policy,
    identity: ({ identity }) => identity,
    load: Object.fromEntries(models.map(({ name, records }) => [name, ({ id }) => records.get(String(id))])),
    onDecision: ({ context, decision }) => context.report(decision),
  });
}

function addResolvers(schema: GraphQLSchema, { name, records }: ShopModel): void {
  const resolvers: Readonly<Record<string, GraphQLFieldResolver<unknown, GraphqlCaller>>> = {
    [`get${name}`]: (_source, { id }: { readonly id: string }) => records.get(id),
    [listName(name)]: async (_source, { filter, limit, nextToken }: ListArgs, _context, info) => {
      const page = { limit: pageSize(limit), cursor: nextToken ?? undefined };
      const { items, cursor } = await records.select(filterOf(info), page, filter ?? undefined);
      return { items, nextToken: cursor };
    },
    [`create${name}`]: (_source, { input: { id, ...input }, condition }: WriteArgs) =>
      records.create(input, { ...(id && { id }), ...(condition && { condition }) }),
    [`update${name}`]: (_source, { input: { id, ...input }, condition }: WriteArgs, _context, info) =>
      records.update(id, input, filterOf(info), condition ?? undefined),
    [`delete${name}`]: async (_source, { input, condition }: WriteArgs, _context, info) => {
      await records.remove(input.id, filterOf(info), condition ?? undefined);
      return recordOf(info);
    },
  };
  const fields = { ...schema.getQueryType()?.getFields(), ...schema.getMutationType()?.getFields() };
  for (const [field, resolve] of Object.entries(resolvers)) {
    if (fields[field] === undefined) throw new TypeError(`the schema has no field ${field}`);
    fields[field].resolve = resolve;
  }
}

function pageSize(limit: number | null | undefined): number {
  const size = limit ?? 100;
  if (size < 1 || size > 1000) throw new HttpError(400, "limit is a whole number from 1 to 1000");
  return size;
}
