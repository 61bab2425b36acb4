import type { Auth, Identity } from "@authmodes/core";
import { createRealtime, type Realtime } from "@authmodes/graphql/realtime";
import type { GraphQLSchema } from "graphql";
import { GraphqlCaller } from "./endpoint.ts";
import { limits } from "./limits.ts";

/**
 * Serves subscriptions at `/graphql/realtime`, by the protocol of AppSync, once it is attached to a server.
 * @param auth of the modes that may subscribe
 */
export type RealtimeEndpoint = (auth: Auth<Identity>) => Realtime;

export function createRealtimeEndpoint(schema: GraphQLSchema): RealtimeEndpoint {
  return (auth) =>
    createRealtime<GraphqlCaller>({
      auth,
      schema: () => schema, // without subscriptions, if rules of your own switch them off
      context: (_identity, { view }) => new GraphqlCaller(auth, view),
      validationRules: limits,
    });
}
