import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect as connectTcp, type Socket } from "node:net";
import type { Auth } from "@authmodes/core";
import { createTestKit, type TestKit } from "@authmodes/testing";
import type { GraphQLSchema } from "graphql";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { createRealtime, type Realtime, type RealtimeOptions } from "../realtime/index.ts";
import { type Context, type Resolvers, shop } from "./shop.ts";

// A server of subscriptions, and clients that write each message by hand.

export type Frame = Readonly<Record<string, unknown>> & { readonly type: string };
type Headers = Readonly<Record<string, unknown>>;

/** A source of events, which remembers who listens. */
export class Topic {
  readonly #listeners = new Set<(event: unknown) => void>();
  #fail: ((error: Error) => void)[] = [];
  readonly #queues = new Set<unknown[]>();
  /** How many streams were opened so far. */
  opened = 0;

  /** How many events wait for a subscriber. */
  get waiting(): number {
    return [...this.#queues].reduce((sum, queue) => sum + queue.length, 0);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  publish(event: unknown): void {
    for (const listener of this.#listeners) listener(event);
  }

  fail(error: Error): void {
    for (const fail of this.#fail) fail(error);
  }

  readonly subscribe = (): AsyncIterableIterator<unknown> => {
    const waiting: unknown[] = [];
    let next: ((result: IteratorResult<unknown>) => void) | undefined;
    let reject: (error: Error) => void = () => undefined;
    const listener = (event: unknown): void => {
      if (next === undefined) waiting.push(event);
      else next({ done: false, value: event });
      next = undefined;
    };
    this.opened++;
    this.#queues.add(waiting);
    this.#listeners.add(listener);
    this.#fail.push((error) => reject(error));
    return {
      next: () => {
        if (waiting.length > 0) return Promise.resolve({ done: false, value: waiting.shift() });
        return new Promise((resolve, fail) => {
          next = resolve;
          reject = fail;
        });
      },
      return: () => {
        this.#listeners.delete(listener);
        this.#queues.delete(waiting);
        next?.({ done: true, value: undefined });
        return Promise.resolve({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  };
}

/** The subscriptions of the shop, each with its source. */
export class Topics {
  readonly orders: Topic = new Topic();
  readonly reviews: Topic = new Topic();
  readonly employees: Topic = new Topic();

  get resolvers(): Resolvers {
    return {
      Subscription: {
        onCreateOrder: { subscribe: this.orders.subscribe },
        onCreateReview: { subscribe: this.reviews.subscribe },
        onUpdateEmployee: { subscribe: this.employees.subscribe },
      },
    };
  }
}

/** A WebSocket whose messages are read one after the other. */
export class Client {
  readonly socket: WebSocket;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #frames: Frame[] = [];
  #wake: () => void = () => undefined;
  #isClosed = false;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (text: Buffer) => {
      this.#frames.push(JSON.parse(text.toString()) as Frame);
      this.#wake();
    });
    this.closed = new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.once("close", (code, reason) => {
        this.#isClosed = true;
        this.#wake();
        resolve({ code, reason: reason.toString() });
      });
    });
    this.closed.catch(() => undefined);
  }

  async opened(): Promise<this> {
    if (this.socket.readyState === WebSocket.CONNECTING) await once(this.socket, "open");
    return this;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** The next message. @throws if the socket closes before */
  async next(): Promise<Frame> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined) return frame;
      if (this.#isClosed) throw new Error("the socket closed");
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** The next message, unless it is another one for the socket alone. */
  async nextOf(id: string): Promise<Frame> {
    for (;;) {
      const frame = await this.next();
      if (frame["id"] === id) return frame;
    }
  }

  /** The messages that are left once the socket has closed, without signs of life. */
  async rest(): Promise<readonly Frame[]> {
    await this.closed;
    return this.#frames.splice(0).filter(({ type }) => type !== "ka");
  }

  /** Sends `connection_init`, and reads the answer and the first sign of life. */
  async init(): Promise<Frame> {
    await this.opened();
    this.send({ type: "connection_init" });
    const answer = await this.next();
    if (answer.type === "connection_ack") await this.next();
    return answer;
  }
}

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

/** An upgrade written by hand. The socket stays open until the server ends both of its sides. */
export async function rawUpgrade(host: string, path = "/graphql", headers: Headers = {}): Promise<Socket> {
  const [address = "", port = ""] = host.split(":");
  const raw = connectTcp({ port: Number(port), host: address, allowHalfOpen: true });
  raw.on("error", () => undefined);
  onTestFinished(() => void raw.destroy());
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${Buffer.alloc(16).toString("base64")}`,
    `Sec-WebSocket-Protocol: graphql-ws, header-${base64url({ host, ...headers })}`,
  ];
  raw.write(`${lines.join("\r\n")}\r\n\r\n`);
  await once(raw, "readable");
  return raw;
}

const opcodes = { text: 1, ping: 9 };

/** A short frame, masked with zeros. */
export function rawFrame(kind: keyof typeof opcodes, text: string): Buffer {
  const payload = Buffer.from(text);
  return Buffer.concat([
    Buffer.from([0x80 | opcodes[kind], 0x80 | payload.length]),
    Buffer.alloc(4),
    payload,
  ]);
}

export function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

export const onReview = "subscription {\n  onCreateReview {\n    id\n    text\n  }\n}\n";
export const unauthorized: Frame = {
  type: "connection_error",
  payload: {
    errors: [
      {
        errorType: "UnauthorizedException",
        message: "You are not authorized to make this call.",
        errorCode: 401,
      },
    ],
  },
};
