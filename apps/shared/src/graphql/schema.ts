import { filterOf, protect, recordOf } from "@authmodes/graphql";
import { type Events, publishMutations } from "@authmodes/graphql/events";
import type { Policy, Values } from "@authmodes/rules";
import { buildSchema, type GraphQLFieldResolver, type GraphQLObjectType, type GraphQLSchema } from "graphql";
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

type Resolve<Args> = GraphQLFieldResolver<unknown, GraphqlCaller, Args>;

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
  const get: Resolve<{ id: string }> = (_source, { id }) => records.get(id);
  const list: Resolve<ListArgs> = async (_source, { filter, limit, nextToken }, _context, info) => {
    const page = { limit: pageSize(limit), cursor: nextToken ?? undefined };
    const { items, cursor } = await records.select(filterOf(info), page, filter ?? undefined);
    return { items, nextToken: cursor };
  };
  const create: Resolve<WriteArgs> = (_source, { input: { id, ...input }, condition }) =>
    records.create(input, { ...(id && { id }), ...(condition && { condition }) });
  const update: Resolve<WriteArgs> = (_source, { input: { id, ...input }, condition }, _context, info) =>
    records.update(id, input, filterOf(info), condition ?? undefined);
  const remove: Resolve<WriteArgs> = async (_source, { input, condition }, _context, info) => {
    await records.remove(input.id, filterOf(info), condition ?? undefined);
    return recordOf(info);
  };

  resolve(schema.getQueryType(), `get${name}`, get);
  resolve(schema.getQueryType(), listName(name), list);
  resolve(schema.getMutationType(), `create${name}`, create);
  resolve(schema.getMutationType(), `update${name}`, update);
  resolve(schema.getMutationType(), `delete${name}`, remove);
}

function resolve<Args>(
  type: GraphQLObjectType<unknown, GraphqlCaller> | null | undefined,
  name: string,
  resolver: Resolve<Args>,
): void {
  const field = type?.getFields()[name];
  if (field === undefined) throw new TypeError(`the schema has no field ${name}`);
  field.resolve = resolver;
}

function pageSize(limit: number | null | undefined): number {
  const size = limit ?? 100;
  if (size < 1 || size > 1000) throw new HttpError(400, "limit is a whole number from 1 to 1000");
  return size;
}
