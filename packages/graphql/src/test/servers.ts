import { ApolloServer, HeaderMap } from "@apollo/server";
import type { Identity } from "@authmodes/core";
import type { GraphQLSchema } from "graphql";
import { createYoga } from "graphql-yoga";
import { apolloFormatError, yogaErrors } from "../index.ts";

// The servers that drop what stands beside an error's message: what each writes down for a query.

export async function askYoga(schema: GraphQLSchema, identity: Identity, query: string): Promise<unknown> {
  const server = createYoga({ schema, context: { identity }, plugins: [yogaErrors()], logging: false });
  const headers = { "content-type": "application/json", accept: "application/json" };
  const body = JSON.stringify({ query });
  const response = await server.fetch("http://localhost/graphql", { method: "POST", headers, body });
  return response.json();
}

/** The events of a subscription that end, as text. */
export async function streamYoga(schema: GraphQLSchema, identity: Identity, query: string): Promise<string> {
  const server = createYoga({ schema, context: { identity }, plugins: [yogaErrors()], logging: false });
  const headers = { "content-type": "application/json", accept: "text/event-stream" };
  const body = JSON.stringify({ query });
  const response = await server.fetch("http://localhost/graphql", { method: "POST", headers, body });
  return response.text();
}

export async function askApollo(schema: GraphQLSchema, identity: Identity, query: string): Promise<unknown> {
  const server = new ApolloServer<{ identity: Identity }>({ schema, formatError: apolloFormatError });
  await server.start();
  const { body } = await server.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: "POST",
      headers: new HeaderMap([["content-type", "application/json"]]),
      search: "",
      body: { query },
    },
    context: () => Promise.resolve({ identity }),
  });
  await server.stop();
  return body.kind === "complete" ? JSON.parse(body.string) : undefined;
}
