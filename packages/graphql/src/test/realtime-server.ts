import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Auth } from "@authmodes/core";
import { createTestKit, type TestKit } from "@authmodes/testing";
import type { GraphQLSchema } from "graphql";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { createRealtime, type Realtime, type RealtimeOptions } from "../realtime/index.ts";
import { base64url, Client } from "./realtime-client.ts";
import type { Context } from "./resolvers.ts";
import { shop } from "./shop.ts";
import { Topics } from "./topics.ts";

type Headers = Readonly<Record<string, unknown>>;

export interface Serving {
  readonly kit: TestKit;
  readonly auth: Auth;
  readonly server: Server;
  readonly realtime: Realtime;
  readonly topics: Topics;
  readonly host: string;
  /** The header object of a mode, for a signed path and body. */
  headers(mode: "apiKey" | "userPool" | "oidc" | "lambda" | "none"): Promise<Headers>;
  signed(path: string, body: string, credentials?: TestKit["accessKeys"]["user"]): Promise<Headers>;
  /** Connects as Amplify JS does. */
  connect(headers: unknown, path?: string): Client;
  /** Connects with these subprotocols and this target. */
  open(target: string, subprotocols?: readonly string[], others?: Readonly<Record<string, string>>): Client;
  /** Connects with an API key, up to the acknowledgement. */
  ready(): Promise<Client>;
  /** Starts a subscription with an API key, or these headers. */
  start(client: Client, id: string, query: string, headers?: Headers, variables?: object): Promise<void>;
}

export interface ServeOptions extends Partial<RealtimeOptions<Context>> {
  readonly kit?: TestKit;
  readonly authOptions?: Parameters<TestKit["auth"]>[0];
}

/** For tests that do not move its clock. */
const shared = createTestKit();

export async function serve({ kit: given, authOptions, ...options }: ServeOptions = {}): Promise<Serving> {
  const kit = given ?? (await shared);
  const auth = options.auth ?? kit.auth(authOptions);
  auth.onEvent(() => undefined);
  const topics = new Topics();
  const schema: GraphQLSchema = shop({}, topics.resolvers);
  const realtime = createRealtime<Context>({
    schema,
    context: (identity) => ({ identity }),
    clock: kit.clock.now,
    ...options,
    auth,
  });
  const server = createServer((_request, response) => void response.end("http"));
  realtime.attach(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    await realtime.close();
    server.close().closeAllConnections();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const open: Serving["open"] = (target, subprotocols = ["graphql-ws"], others = {}) => {
    const socket = new WebSocket(`ws://${host}${target}`, [...subprotocols], { headers: others });
    const client = new Client(socket);
    onTestFinished(() => socket.terminate());
    return client;
  };
  const connect: Serving["connect"] = (headers, path = "/graphql/realtime") =>
    open(path, ["graphql-ws", `header-${base64url(headers)}`]);
  const apiKey = { host, "x-api-key": kit.apiKeys.valid.key };
  return {
    kit,
    auth,
    server,
    realtime,
    topics,
    host,
    async headers(mode) {
      const { authorization, ...rest } = await kit.headersFor(mode);
      return { host, ...rest, ...(authorization !== undefined && { Authorization: authorization }) };
    },
    async signed(path, body, credentials = kit.accessKeys.user) {
      const headers = {
        accept: "application/json, text/javascript",
        "content-encoding": "amz-1.0",
        "content-type": "application/json; charset=UTF-8",
      };
      const url = `http://${host}${path}`;
      const service = "appsync";
      const request = { method: "POST", url, headers, body, service, contentSha256: false, credentials };
      return { ...(await kit.headersFor("iam", request)), host };
    },
    open,
    connect,
    async ready() {
      const client = connect(apiKey);
      await client.init();
      return client;
    },
    async start(client, id, query, headers = apiKey, variables = {}) {
      const data = JSON.stringify({ query, variables });
      client.send({ id, type: "start", payload: { data, extensions: { authorization: headers } } });
    },
  };
}
