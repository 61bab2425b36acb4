import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { apiKey, createAuth, type Identity, newApiKey } from "@authmodes/core";
import { authenticate, getIdentity, refusal } from "@authmodes/core/fetch";
import { createSchema, createYoga, type Plugin } from "graphql-yoga";
import { expect, it, onTestFinished } from "vitest";

// What README.md says of authentication before the body.

const { key, stored } = await newApiKey({ expiresInSeconds: 60, id: "ci" });
const auth = createAuth([apiKey({ keys: [stored] })]);
auth.onEvent(() => {});

interface Context {
  readonly identity: Identity;
}

const schema = createSchema<Context>({
  typeDefs: "type Query { caller: String }",
  resolvers: { Query: { caller: (_source, _args, { identity }) => identity.id } },
});

const authentication: Plugin = {
  async onRequest({ request, endResponse }) {
    try {
      await authenticate(auth, request);
    } catch (error) {
      const response = refusal(error);
      if (response === undefined) throw error;
      endResponse(response);
    }
  },
};

async function serve(): Promise<URL> {
  const yoga = createYoga<object, Context>({
    schema,
    context: ({ request }) => ({ identity: getIdentity(request, auth) }),
    plugins: [authentication],
    logging: false,
  });
  const server = createServer(yoga).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`);
}

it("rejects by a plugin before the body is there", async () => {
  const { port } = await serve();
  const socket = connect(Number(port), "127.0.0.1");
  const head = ["POST /graphql HTTP/1.1", "Host: a", "Content-Type: application/json", "Content-Length: 100"];
  socket.write(`${[...head, "x-api-key: amk_wrong"].join("\r\n")}\r\n\r\n`);
  const [answer] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  expect(answer.toString()).toMatch(/^HTTP\/1.1 401 /);
});

it("knows the caller in the context", async () => {
  const response = await fetch(await serve(), {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": key },
    body: '{"query":"{ caller }"}',
  });
  expect(await response.json()).toEqual({ data: { caller: "ci" } });
});
