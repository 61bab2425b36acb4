import { ApolloServer, HeaderMap } from "@apollo/server";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Auth, type Identity, nodeView } from "@authmodes/core";
import type { GraphQLSchema } from "graphql";
import { createYoga } from "graphql-yoga";
import { onTestFinished } from "vitest";
import { apolloFormatError, yogaErrors } from "../index.ts";

// The servers that remove members of an error other than its message, and their responses.

export async function askYoga(schema: GraphQLSchema, identity: Identity, query: string): Promise<unknown> {
  const server = createYoga({ schema, context: { identity }, plugins: [yogaErrors()], logging: false });
  const headers = { "content-type": "application/json", accept: "application/json" };
  const body = JSON.stringify({ query });
  const response = await server.fetch("http://localhost/graphql", { method: "POST", headers, body });
  return response.json();
}

/** The events of a finite subscription, as text. */
export async function streamYoga(schema: GraphQLSchema, identity: Identity, query: string): Promise<string> {
  const server = createYoga({ schema, context: { identity }, plugins: [yogaErrors()], logging: false });
  const headers = { "content-type": "application/json", accept: "text/event-stream" };
  const body = JSON.stringify({ query });
  const response = await server.fetch("http://localhost/graphql", { method: "POST", headers, body });
  return response.text();
}

/** Starts a `node:http` server that authenticates callers. Returns the URL of its endpoint. */
export async function serveYoga(schema: GraphQLSchema, auth: Auth<Identity>): Promise<string> {
  const yoga = createYoga({
    schema,
    context: async ({ req }: { req: Parameters<typeof nodeView>[0] }) => ({
      identity: await auth.authenticate(nodeView(req)),
    }),
    plugins: [yogaErrors()],
    logging: false,
  });
  const server = createServer((request, response) => void yoga(request, response)).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.close().closeAllConnections();
  });
  await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

export interface ReadText {
  readonly all: string;
  readonly isOver: boolean;
  /** Resolves when the text arrived; rejects if the response ends without it. */
  until(text: string): Promise<void>;
}

/** Reads the body of a response in chunks. */
export function readText(response: Response): ReadText {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let all = "";
  let isOver = false;
  let next: Promise<void> = Promise.resolve();
  const read = async (): Promise<void> => {
    const { done = true, value = "" } = (await reader?.read()) ?? {};
    all += value;
    isOver = done;
    if (!done) next = read();
  };
  next = read();
  return {
    get all() {
      return all;
    },
    get isOver() {
      return isOver;
    },
    async until(text) {
      while (!all.includes(text)) {
        if (isOver) throw new Error(`the response ended without ${text}: ${all}`);
        await next;
      }
    },
  };
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
