import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { createTestKit } from "@authmodes/testing";
import { describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { rawUpgrade } from "../test/raw-websocket.ts";
import { base64url, Client, onReview } from "../test/realtime-client.ts";
import { serve } from "../test/realtime-server.ts";
import { Topics } from "../test/topics.ts";
import { data } from "../test/shop-data.ts";
import { openSchema, shop } from "../test/shop.ts";

const review = { onCreateReview: data.reviews[0] };

function error(errorType: string, message: string, id?: string): object {
  return { ...(id !== undefined && { id }), type: "error", payload: { errors: [{ errorType, message }] } };
}

describe("messages that break the protocol", () => {
  const malformed = error("BadRequestException", "The message is not one of this protocol");
  const cases: readonly (readonly [string, unknown, object])[] = [
    ["no JSON", "{", malformed],
    ["a list", "[]", malformed],
    ["no type", {}, malformed],
    ["a type that is no text", { type: 1 }, malformed],
    ["too deep", `{"type":${"[".repeat(200)}${"]".repeat(200)}}`, malformed],
    ["an unknown type", { type: "toString" }, error("UnsupportedOperation", "Unknown type of message")],
    [
      "an unknown type with an id",
      { type: "subscribe", id: "7" },
      error("UnsupportedOperation", "Unknown type of message", "7"),
    ],
    ["a stop without an id", { type: "stop" }, malformed],
    ["a start without an id", { type: "start", payload: { data: "{}" } }, malformed],
    ["an id that is no text", { type: "start", id: 1, payload: { data: "{}" } }, malformed],
    ["an id that is too long", { type: "start", id: "x".repeat(257), payload: { data: "{}" } }, malformed],
    ["a start without data", { type: "start", id: "1" }, { ...malformed, id: "1" }],
    ["data that is no text", { type: "start", id: "1", payload: { data: {} } }, { ...malformed, id: "1" }],
    [
      "a second connection_init",
      { type: "connection_init" },
      error("BadRequestException", "connection_init was sent before"),
    ],
  ];

  it.each(cases)("%s: an error, and the socket goes on", async (_case, message, answer) => {
    const { ready, start } = await serve();
    const client = await ready();
    client.send(message);
    expect(await client.next()).toEqual(answer);
    await start(client, "1", onReview);
    expect(await client.next()).toEqual({ id: "1", type: "start_ack" });
  });

  it("a binary message", async () => {
    const { ready } = await serve();
    const client = await ready();
    client.socket.send(Buffer.from('{"type":"stop","id":"1"}'), { binary: true });
    expect(await client.next()).toEqual(malformed);
  });

  it("a start before connection_init", async () => {
    const { connect, headers, start, topics } = await serve();
    const client = await connect(await headers("apiKey")).opened();
    await start(client, "1", onReview);
    expect(await client.next()).toEqual(
      error("BadRequestException", "connection_init comes before start", "1"),
    );
    expect(topics.reviews.opened).toBe(0);
    expect((await client.init()).type).toBe("connection_ack");
  });

  it("a start of a caller who is rejected", async () => {
    let reject: () => void = () => undefined;
    const revoked = (): Promise<boolean> => new Promise((resolve) => (reject = () => resolve(true)));
    const { connect, headers, start, topics } = await serve({ authOptions: { revoked } });
    const client = await connect(await headers("userPool")).opened();
    client.send({ type: "connection_init" });
    await start(client, "1", onReview);
    expect(await client.next()).toEqual(
      error("BadRequestException", "connection_init comes before start", "1"),
    );
    reject();
    expect((await client.next()).type).toBe("connection_error");
    await client.closed;
    expect(topics.reviews.opened).toBe(0);
  });

  it("an id that is running: the first goes on", async () => {
    const { ready, start, topics } = await serve();
    const client = await ready();
    await start(client, "1", onReview);
    await start(client, "1", onReview);
    const frames = [await client.next(), await client.next()];
    expect(frames).toContainEqual(
      error("DuplicatedOperationError", "A subscription with this id is running", "1"),
    );
    expect(frames).toContainEqual({ id: "1", type: "start_ack" });
    topics.reviews.publish(review);
    expect((await client.next()).type).toBe("data");
    expect(topics.reviews.opened).toBe(1);
  });

  it("a stop of an unknown id is completed, since Android's client waits for it", async () => {
    const { ready } = await serve();
    const client = await ready();
    client.send({ id: "9", type: "stop" });
    expect(await client.next()).toEqual({ id: "9", type: "complete" });
  });

  it("a message that is too large closes the socket with 1009, and the process goes on", async () => {
    const { ready, start, topics } = await serve({ maxFrameBytes: 2000 });
    const client = await ready();
    await start(client, "1", onReview);
    await client.next();
    client.send({ type: "x".repeat(2000) });
    expect((await client.closed).code).toBe(1009);
    await vi.waitFor(() => expect(topics.reviews.listeners).toBe(0));
    await ready();
  });

  it("bytes that are no WebSocket", async () => {
    const { host, ready, connect, headers } = await serve();
    const raw = await rawUpgrade(host);
    raw.end("\xff\xff\xff garbage");
    await once(raw.resume(), "close");
    // A client that vanishes without a word.
    const gone = await connect(await headers("apiKey")).opened();
    gone.socket.terminate();
    expect((await ready()).socket.readyState).toBe(1);
  });
});

describe("limits", () => {
  it("the subscriptions of a socket, also those that are still being opened", async () => {
    const { ready, start, topics } = await serve({ maxSubscriptions: 2 });
    const client = await ready();
    for (const id of ["1", "2", "3"]) await start(client, id, onReview);
    expect(await client.nextOf("3")).toMatchObject({
      type: "error",
      payload: { errors: [{ errorType: "MaxSubscriptionsReachedError" }] },
    });
    await vi.waitFor(() => expect(topics.reviews.listeners).toBe(2));
    client.send({ id: "1", type: "stop" });
    await vi.waitFor(() => expect(topics.reviews.listeners).toBe(1));
    await start(client, "4", onReview);
    expect(await client.nextOf("4")).toEqual({ id: "4", type: "start_ack" });
  });

  it("starts that hang count, also once they are stopped", async () => {
    const { ready, start } = await serve({ maxSubscriptions: 1, context: () => new Promise(() => {}) });
    const client = await ready();
    await start(client, "1", onReview);
    client.send({ id: "1", type: "stop" });
    expect(await client.next()).toEqual({ id: "1", type: "complete" });
    await start(client, "2", onReview);
    expect(await client.next()).toMatchObject({
      payload: { errors: [{ errorType: "MaxSubscriptionsReachedError" }] },
    });
  });

  it("a client that never sends connection_init is closed", async () => {
    const { connect, headers } = await serve();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const client = await connect(await headers("apiKey")).opened();
    await vi.advanceTimersByTimeAsync(15_000);
    vi.useRealTimers();
    expect(await client.closed).toEqual({ code: 1008, reason: "connection_init did not arrive in time" });
  });

  it("a client that does not read is ended, others go on, and no more than the buffer is kept", async () => {
    const { ready, start, topics } = await serve();
    const [slow, quick] = [await ready(), await ready()];
    for (const client of [slow, quick]) {
      await start(client, "1", onReview);
      await client.next();
    }
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    slow.socket.pause();
    const text = "x".repeat(64 * 1024);
    // More than the buffers of both kernels hold.
    for (let i = 0; i < 400; i++) topics.reviews.publish({ onCreateReview: { id: `r${i}`, text } });
    for (let i = 0; i < 400; i++) {
      expect(await quick.next()).toMatchObject({ payload: { data: { onCreateReview: { id: `r${i}` } } } });
    }
    expect(topics.reviews.listeners).toBe(2);
    expect(topics.reviews.waiting).toBeGreaterThan(100);
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    await vi.waitFor(() => expect(topics.reviews.listeners).toBe(1));
    topics.reviews.publish(review);
    expect((await quick.next()).type).toBe("data");
  });

  it("a client that reads again in time gets everything", async () => {
    const { ready, start, topics } = await serve();
    const client = await ready();
    await start(client, "1", onReview);
    await client.next();
    client.socket.pause();
    const text = "x".repeat(64 * 1024);
    for (let i = 0; i < 400; i++) topics.reviews.publish({ onCreateReview: { id: `r${i}`, text } });
    await new Promise((resolve) => setTimeout(resolve, 100));
    client.socket.resume();
    for (let i = 0; i < 400; i++) {
      expect(await client.next()).toMatchObject({ payload: { data: { onCreateReview: { id: `r${i}` } } } });
    }
    client.send({ id: "1", type: "stop" });
    expect(await client.next()).toEqual({ id: "1", type: "complete" });
  });

  it("a source that never waits starves no other socket", async () => {
    async function* subscribe(): AsyncGenerator {
      for (;;) yield review;
    }
    const { ready, start } = await serve({
      schema: shop({}, { Subscription: { onCreateReview: { subscribe } } }),
    });
    const busy = await ready();
    await start(busy, "1", onReview);
    for (let i = 0; i < 10; i++) await busy.next();
    const other = await ready();
    await start(other, "1", onReview);
    expect((await other.next()).type).toBe("start_ack");
    other.socket.terminate();
    busy.socket.terminate();
  });
});

describe("the end of credentials", () => {
  async function subscribed(client: Client, start: (client: Client) => Promise<void>): Promise<Client> {
    await client.init();
    await start(client);
    expect((await client.next()).type).toBe("start_ack");
    return client;
  }

  it("expiry of the connection: 1000, without an error, so that Amplify's clients connect again", async () => {
    const kit = await createTestKit();
    const { connect, start, host, topics } = await serve({ kit });
    const token = { host, Authorization: await kit.userPool.token({ expiresInSeconds: 3 }) };
    const key = { host, "x-api-key": kit.apiKeys.valid.key };
    const client = await subscribed(connect(token), (one) => start(one, "own", onReview, token));
    await start(client, "key", onReview, key);
    expect((await client.next()).type).toBe("start_ack");
    expect((await client.closed).code).toBe(1000);
    await expect(client.next()).rejects.toThrow("the socket closed");
    expect(topics.reviews.listeners).toBe(0);
  });

  it.each([
    ["under protect()", true],
    ["of another schema", false],
  ])("expiry of a start %s ends that subscription alone", async (_case, isProtected) => {
    const topics = new Topics();
    const schema = isProtected ? shop({}, topics.resolvers) : openSchema(topics.resolvers);
    const { ready, start, host, kit } = await serve({ schema });
    const client = await ready();
    const token = await kit.userPool.token({ expiresInSeconds: 2 });
    await start(client, "1", onReview, { host, Authorization: token });
    await client.next();
    await start(client, "2", onReview);
    await client.next();
    expect(await client.next()).toMatchObject({
      id: "1",
      type: "error",
      payload: { errors: [{ errorType: "UnauthorizedException" }] },
    });
    expect(topics.reviews.listeners).toBe(1);
    topics.reviews.publish(review);
    expect(await client.next()).toMatchObject({ id: "2", type: "data" });
  });

  it.each([
    ["revoked", (): boolean => true, "UnauthorizedException", 1008],
    // Without an error: it would be final for Amplify's clients.
    [
      "not to be verified",
      (): boolean => {
        throw new Error("down");
      },
      undefined,
      1013,
    ],
  ])("credentials of the connection that are %s end it", async (_case, revoked, errorType, code) => {
    let isRevoked = (): boolean => false;
    const { connect, headers, start, kit, topics, auth } = await serve({
      authOptions: { revoked: () => isRevoked() },
    });
    auth.onEvent(() => undefined);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
    const token = await headers("userPool");
    const key = { host: token["host"], "x-api-key": kit.apiKeys.valid.key };
    const client = await subscribed(connect(token), (one) => start(one, "1", onReview, key));
    isRevoked = revoked;
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    expect((await client.closed).code).toBe(code);
    const error = { id: "1", type: "error", payload: { errors: [{ errorType }] } };
    expect(await client.rest()).toMatchObject(errorType === undefined ? [] : [error]);
    expect(topics.reviews.listeners).toBe(0);
  });

  it("the caller of a subscription is verified again once a minute, and not twice", async () => {
    let asked = 0;
    const { ready, start, headers } = await serve({ authOptions: { revoked: () => asked++ < 0 } });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
    const client = await ready();
    await start(client, "1", onReview, await headers("userPool"));
    expect((await client.next()).type).toBe("start_ack");
    expect(asked).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    expect(asked).toBe(2);
  });

  it("an event is held back once the connection's credentials have expired, whatever the timers do", async () => {
    const kit = await createTestKit();
    const { connect, start, host, topics } = await serve({ kit });
    const token = await kit.userPool.token({ expiresInSeconds: 100 });
    const key = { host, "x-api-key": kit.apiKeys.valid.key };
    const client = await subscribed(connect({ host, Authorization: token }), (one) =>
      start(one, "1", onReview, key),
    );
    kit.clock.advance(100);
    topics.reviews.publish(review);
    expect((await client.closed).code).toBe(1000);
    await expect(client.next()).rejects.toThrow("the socket closed");
  });
});

describe("the end of sockets", () => {
  it("ends the sources of all subscriptions", async () => {
    const { ready, start, topics } = await serve();
    const client = await ready();
    for (const id of ["1", "2", "3"]) await start(client, id, onReview);
    for (let i = 0; i < 3; i++) await client.next();
    expect(topics.reviews.listeners).toBe(3);
    client.socket.terminate();
    await vi.waitFor(() => expect(topics.reviews.listeners).toBe(0));
  });

  it("close() ends them with 1001 and lets no more in", async () => {
    const { ready, start, topics, realtime, connect, headers } = await serve();
    const [one, two] = [await ready(), await ready()];
    await start(one, "1", onReview);
    await one.next();
    await realtime.close();
    expect((await one.closed).code).toBe(1001);
    expect((await two.closed).code).toBe(1001);
    expect(topics.reviews.listeners).toBe(0);
    await expect(connect(await headers("apiKey")).closed).rejects.toThrow("503");
  });

  it("close() does not wait for a client that does not answer", async () => {
    const { ready, realtime } = await serve();
    const client = await ready();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    client.socket.pause();
    const closed = realtime.close();
    await vi.advanceTimersByTimeAsync(5000);
    vi.useRealTimers();
    await closed;
  });
});

it("no other listener gets its sockets, and it is attached once", async () => {
  const { realtime, server, headers, open } = await serve();
  // As Nest's WsAdapter does with every path but its own.
  const others = vi.fn<(request: unknown, socket: Duplex) => void>((_request, socket) => socket.destroy());
  server.prependListener("upgrade", others);
  const client = open("/graphql", ["graphql-ws", `header-${base64url(await headers("apiKey"))}`]);
  expect((await client.init()).type).toBe("connection_ack");
  expect(others).not.toHaveBeenCalled();
  await expect(open("/chat").closed).rejects.toThrow("socket hang up");
  expect(others).toHaveBeenCalledOnce();
  expect(() => realtime.attach(server)).toThrow("attached");
  expect(() => realtime.attach({} as Server)).toThrow("server of node:http");
});

it("a server may have a listener of its own", async () => {
  const { realtime, kit } = await serve();
  const server = createServer();
  server.on("upgrade", (request, socket, head) => {
    if (!realtime.upgrade(request, socket, head)) socket.end("HTTP/1.1 418 Teapot\r\n\r\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const headers = { host, "x-api-key": kit.apiKeys.valid.key };
  const at = (path: string): Client =>
    new Client(new WebSocket(`ws://${host}${path}`, ["graphql-ws", `header-${base64url(headers)}`]));
  const client = at("/graphql");
  expect((await client.init()).type).toBe("connection_ack");
  await expect(at("/chat").closed).rejects.toThrow("418");
  client.socket.terminate();
  server.close();
});

it("a request without an upgrade is the server's own", async () => {
  const { host } = await serve();
  expect(await (await fetch(`http://${host}/graphql/realtime`)).text()).toBe("http");
});
