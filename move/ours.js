// The server that replaces AppSync: the schema that Amplify generated, its tables, resolvers of our own, and the rules.

import { randomUUID } from "node:crypto";
import { fromAmplify } from "@authmodes/amplify";
import { authenticate, getIdentity, refusal } from "@authmodes/core/fetch";
import { awsDirectivesSdl, filterOf, protect, recordOf, yogaErrors } from "@authmodes/graphql";
import { createPolicy, toDynamoDb } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import { GraphQLError } from "graphql";
import { createSchema, createYoga } from "graphql-yoga";

/** @typedef {import("./amplify/backend.js").Table} Table */
/** @typedef {{ explain?: (text: string) => void }} Explained receives the reason of each decision */
/** @typedef {import("graphql-yoga").YogaInitialContext & Explained} Context */

/**
 * Creates the server.
 * @param {object} options
 * @param {unknown} options.file the client's file
 * @param {string} options.schema what Amplify generated
 * @param {string} options.rules the models with their rules
 * @param {Record<string, Table>} options.tables
 * @param {Partial<import("@authmodes/core").UserPoolOptions>} options.userPool
 */
export async function createOurs({ file, schema: sdl, rules, tables, userPool }) {
  const auth = await fromAmplify(file, { userPool });
  const schema = createSchema({
    typeDefs: `scalar AWSDateTime\n${awsDirectivesSdl}\n${sdl}`,
    resolvers: Object.entries(tables).map(([model, table]) => resolversOf(model, table)),
  });
  /** @type {import("@authmodes/graphql").ProtectOptions<Context>} */
  const guards = {
    policy: createPolicy(parseSchema(rules), { providers: ["userPools", "apiKey"] }),
    identity: ({ request }) => getIdentity(request, auth),
    load: Object.fromEntries(Object.entries(tables).map(([model, { get }]) => [model, ({ id }) => get(id)])),
    awsDirectives: { providers: ["userPools", "apiKey"] },
    onDecision: ({ context, type, field, decision }) =>
      context.explain?.(`${type}.${field}: ${decision.explanation}`),
  };
  /** @type {import("graphql-yoga").Plugin<Context, Explained>} */
  const authentication = {
    async onRequest({ request, serverContext, endResponse }) {
      try {
        await authenticate(auth, request);
      } catch (error) {
        const rejection = refusal(error);
        if (rejection === undefined) throw error;
        serverContext?.explain?.(String(error));
        endResponse(rejection);
      }
    },
  };
  const plugins = [authentication, yogaErrors()];
  return createYoga({ schema: protect(schema, guards), plugins, graphiql: false, logging: false });
}

/** @param {string} model @param {Table} table */
function resolversOf(model, { get, scan, put, remove }) {
  const now = () => new Date().toISOString();
  /** @type {Record<"Query" | "Mutation", Record<string, import("graphql").GraphQLFieldResolver<unknown, unknown>>>} */
  const resolvers = {
    Query: {
      [`get${model}`]: (_source, { id }) => get(id),
      [`list${model}s`]: async (_source, { filter, limit, nextToken }, _context, info) => {
        if (filter || limit || nextToken) throw new GraphQLError("This server lists whole tables.");
        return { items: await scan(toDynamoDb(filterOf(info))), nextToken: null };
      },
    },
    Mutation: {
      [`create${model}`]: async (_source, { input }) => {
        const item = { id: randomUUID(), ...input, __typename: model, createdAt: now(), updatedAt: now() };
        await put(item);
        return item;
      },
      [`update${model}`]: async (_source, { input }, _context, info) => {
        const item = { ...recordOf(info), ...input, updatedAt: now() };
        await put(item, recordOf(info));
        return item;
      },
      [`delete${model}`]: async (_source, _args, _context, info) => {
        await remove(recordOf(info) ?? {});
        return recordOf(info);
      },
    },
  };
  return resolvers;
}
