import { once } from "node:events";
import { type HeaderSource, outbound } from "@authmodes/core/outbound";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { create, query, remove, update } from "./graphql-query.ts";
import { as, type Json, running, withRecord } from "./running.ts";

// Subscriptions over the WebSocket protocol of AppSync, message by message, as Amplify's clients send them.

const order = { bookId: "101", quantity: 1 };
const review = { bookId: "101", stars: 5 };
const onOrder = "subscription { onCreateOrder { id owner } }";
const onReview = "subscription { onCreateReview { id author } }";

/** A WebSocket, and its messages in their order. */
export class Client {
  readonly #socket: WebSocket;
  readonly #host: string;
  readonly #source: HeaderSource;
  readonly #messages: Json[] = [];
  #wake: () => void = () => undefined;

  /** @param source signs or adds credentials, per message */
  constructor(source: HeaderSource, url: string, connect: Json) {
    const header = Buffer.from(JSON.stringify(connect)).toString("base64url");
    this.#host = new URL(url).host;
    this.#source = source;
    this.#socket = new WebSocket(`ws://${this.#host}/graphql/realtime`, ["graphql-ws", `header-${header}`]);
    this.#socket.on("message", (text: Buffer) => this.#add(JSON.parse(text.toString()) as Json));
    this.#socket.on("close", (code) => this.#add({ type: "closed", code }));
    onTestFinished(() => this.#socket.terminate());
  }

  #add(message: Json): void {
    if (message["type"] !== "ka") this.#messages.push(message);
    this.#wake();
  }

  async next(): Promise<Json> {
    while (this.#messages.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#messages.shift() ?? {};
  }

  /** @returns the first answer of the server */
  async init(): Promise<Json> {
    await once(this.#socket, "open");
    this.#socket.send(JSON.stringify({ type: "connection_init" }));
    return this.next();
  }

  /** @returns the answer to the start */
  async start(id: string, document: string, variables: Json = {}): Promise<Json> {
    const data = JSON.stringify({ query: document, variables });
    const authorization = await headersFor(this.#source, `http://${this.#host}`, "/graphql", data);
    const payload = { data, extensions: { authorization } };
    this.#socket.send(JSON.stringify({ id, type: "start", payload }));
    return this.next();
  }

  stop(id: string): Promise<Json> {
    this.#socket.send(JSON.stringify({ id, type: "stop" }));
    return this.next();
  }

  /** The record of the next event. */
  async event(): Promise<unknown> {
    const message = await this.next();
    const { data } = Object(message["payload"]) as { readonly data?: Json };
    return data === undefined ? message : Object.values(data)[0];
  }
}

/** The object of headers that a message has. */
async function headersFor(source: HeaderSource, origin: string, path: string, body: string): Promise<Json> {
  const url = new URL(path, origin);
  const request = {
    method: "POST",
    url,
    headers: new Headers(),
    body: Buffer.from(body),
    refused: undefined,
  };
  return { host: url.host, ...(await source(request)) };
}

function sourceOf(caller: string): HeaderSource {
  const { region, credentials } = running.shop.ready;
  if (caller === "machine")
    return outbound.iam({ region, service: "appsync", credentials: credentials.machine });
  return running.sources.get(caller) ?? outbound.none();
}

/** Connects to an instance with the credentials of a source. */
export async function connectTo(url: string, source: HeaderSource): Promise<Client> {
  return new Client(source, url, await headersFor(source, url, "/graphql/connect", "{}"));
}

function connect(caller: string): Promise<Client> {
  return connectTo(running.shop.url, sourceOf(caller));
}

async function ready(caller: string): Promise<Client> {
  const client = await connect(caller);
  expect(await client.init()).toEqual({ type: "connection_ack", payload: { connectionTimeoutMs: 300_000 } });
  return client;
}

const denied = (field: string) => ({
  id: "1",
  type: "error",
  payload: {
    errors: [
      expect.objectContaining({
        errorType: "Unauthorized",
        message: `Not Authorized to access ${field} on type Subscription`,
      }),
    ],
  },
});
const started = { id: "1", type: "start_ack" };

export function realtimeContract(): void {
  describe("/graphql/realtime", () => {
    it.each(["alice", "otto", "libby", "machine"])(
      "sends %s the new orders that it may read",
      async (caller) => {
        const [client, bobs] = [await ready(caller), await ready("bob")];
        expect(await client.start("1", onOrder)).toEqual(started);
        expect(await bobs.start("1", onOrder)).toEqual(started);
        const writer = caller === "otto" ? "otto" : "alice";
        const made = await query(writer, create("Order"), { input: order });
        const { id } = Object(made.field) as Json;
        expect(await client.event()).toEqual({ id, owner: writer });
        // Events arrive in their order: of another owner's order there was none before Bob's own.
        const own = await query("bob", create("Order"), { input: order });
        expect(await bobs.event()).toEqual({ id: own.field?.["id"], owner: "bob" });
        for (const made of [id, own.field?.["id"]])
          await query("machine", remove("Order"), { input: { id: made } });
      },
    );

    it.each(["API key", "guest", "alice.aws", "bob", "otto"])("sends %s new reviews", async (caller) => {
      const client = await ready(caller);
      expect(await client.start("1", onReview)).toEqual(started);
      await withRecord("/reviews", review, async (id) => {
        expect(await client.event()).toEqual({ id, author: null });
      });
    });

    it("sends what is written by REST and by GraphQL", async () => {
      const client = await ready("alice");
      for (const verb of ["Create", "Update", "Delete"])
        await client.start(verb, `subscription { on${verb}Order { id note } }`);
      const { body } = await as("alice", "POST /orders", order);
      const { id } = body;
      expect(await client.event()).toEqual({ id, note: null });
      await as("libby", `PATCH /orders/${String(id)}`, { note: "by REST" });
      expect(await client.event()).toEqual({ id, note: "by REST" });
      await query("libby", update("Order"), { input: { id, note: "by GraphQL" } });
      expect(await client.event()).toEqual({ id, note: "by GraphQL" });
      await as("alice", `DELETE /orders/${String(id)}`);
      expect(await client.event()).toEqual({ id, note: "by GraphQL" });
    });

    it("sends the events that a filter and an argument select", async () => {
      const client = await ready("libby");
      const selected =
        'subscription ($filter: ModelSubscriptionOrderFilterInput) { onCreateOrder(filter: $filter, owner: "alice") { id } }';
      await client.start("1", selected, {
        filter: { quantity: { in: [7, 8] }, note: { beginsWith: "gift" } },
      });
      const ids: unknown[] = [];
      for (const [caller, note] of [
        ["bob", "gift"],
        ["alice", "none"],
        ["alice", "gift wrap"],
      ] as const)
        ids.push((await as(caller, "POST /orders", { ...order, quantity: 7, note })).body["id"]);
      expect(await client.event()).toEqual({ id: ids[2] });
      for (const id of ids) await as("machine", `DELETE /orders/${String(id)}`);
    });

    it.each([
      ["API key", "Order"],
      ["guest", "Order"],
      ["alice.aws", "Order"],
      ["lambda", "Order"],
      ["lambda", "Review"],
    ])("starts nothing for %s that the rules of %s deny", async (caller, model) => {
      const client = await ready(caller);
      const field = `onCreate${model}`;
      expect(await client.start("1", `subscription { ${field} { id } }`)).toEqual(denied(field));
    });

    it("stops a subscription, and goes on with the others", async () => {
      const client = await ready("alice");
      expect(await client.start("1", onOrder)).toEqual(started);
      expect(await client.start("2", onReview)).toEqual({ ...started, id: "2" });
      expect(await client.stop("1")).toEqual({ id: "1", type: "complete" });
      const { body } = await as("alice", "POST /orders", order);
      await withRecord("/reviews", review, async (id) => expect(await client.event()).toMatchObject({ id }));
      await as("alice", `DELETE /orders/${String(body["id"])}`);
    });

    it.each(["anonymous", "lambda denied"])("does not connect %s", async (caller) => {
      const client = await connect(caller);
      expect(await client.init()).toEqual({
        type: "connection_error",
        payload: {
          errors: [expect.objectContaining({ errorType: "UnauthorizedException", errorCode: 401 })],
        },
      });
      expect(await client.next()).toMatchObject({ type: "closed" });
    });

    it("takes no signature of a connection for one of a subscription, nor the reverse", async () => {
      const source = sourceOf("machine");
      const { url } = running.shop;
      const forStart = await headersFor(source, url, "/graphql", "{}");
      expect(await new Client(source, url, forStart).init()).toMatchObject({ type: "connection_error" });
      const forConnect = await headersFor(source, url, "/graphql/connect", "{}");
      const client = new Client(async () => forConnect as Record<string, string>, url, forConnect);
      await client.init();
      expect(await client.start("1", onOrder)).toMatchObject({
        type: "error",
        payload: { errors: [{ errorType: "UnauthorizedException" }] },
      });
    });

    it("rejects documents over the limits of /graphql, and other operations", async () => {
      const client = await ready("alice");
      const aliases = Array.from({ length: 31 }, (_, i) => `a${i}: id`).join(" ");
      for (const document of [`subscription { onCreateOrder { ${aliases} } }`, "{ __typename }", "nonsense"])
        expect(await client.start("1", document)).toMatchObject({ id: "1", type: "error" });
      const { field, errors } = await query("alice", onOrder);
      expect([field, errors.length]).toEqual([null, 1]);
    });

    it("logs who connected, who subscribed and who was denied", async () => {
      const seen: unknown[] = [];
      onTestFinished(running.shop.log.listen((request) => seen.push(request)));
      const client = await ready("API key");
      await client.start("1", onReview);
      await client.start("2", onOrder);
      const message = { method: "WS", caller: "demo-key", mode: "apiKey" };
      const inStart = { ...message, path: "/graphql" };
      expect(seen).toMatchObject([
        { ...message, path: "/graphql/connect", status: 200, events: [{ type: "accepted" }] },
        { ...inStart, status: 200, events: [{ type: "accepted" }] },
        { ...inStart, status: 200, events: [{ type: "allowed" }] },
        { ...inStart, status: 200, events: [{ type: "accepted" }] },
        { ...inStart, status: 403, events: [{ type: "refused", code: "forbidden" }] },
      ]);
    });
  });
}
