import { once } from "node:events";
import type { Server } from "node:http";
import { describe, expect, it, vi } from "vitest";
import { rawFrame, rawUpgrade } from "../test/raw-websocket.ts";
import { serve } from "../test/realtime-server.ts";

/** How many sockets of clients a server holds. */
function socketsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}

describe("a client that does not end its side of the socket", () => {
  it.each(["/chat", "/graphql/realtime/x"])("is disconnected after the 404 of %s", async (path) => {
    const { host, server } = await serve();
    await once((await rawUpgrade(host, path)).resume(), "end");
    await vi.waitFor(async () => expect(await socketsOf(server)).toBe(0));
  });

  it("is disconnected after the 503 of a server that shuts down", async () => {
    const { host, server, realtime } = await serve();
    await realtime.close();
    await once((await rawUpgrade(host)).resume(), "end");
    await vi.waitFor(async () => expect(await socketsOf(server)).toBe(0));
  });

  it.each([
    ["its credentials were rejected", rawFrame("text", '{"type":"connection_init"}')],
    ["it sent what is no WebSocket", Buffer.from("garbage")],
  ])("is disconnected 5 seconds after %s", async (_case, bytes) => {
    const { host, server } = await serve();
    const raw = await rawUpgrade(host, "/graphql", { "x-api-key": "wrong" });
    raw.read();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    raw.write(bytes);
    // The close of the server.
    await once(raw, "readable");
    await vi.advanceTimersByTimeAsync(4900);
    expect(await socketsOf(server)).toBe(1);
    await vi.advanceTimersByTimeAsync(100);
    vi.useRealTimers();
    await vi.waitFor(async () => expect(await socketsOf(server)).toBe(0));
  });
});

it("messages that arrive together are read one by one, and other sockets have their turn", async () => {
  const { ready } = await serve();
  const client = await ready();
  let turns = 0;
  const count = (): void => {
    turns++;
    turning = setImmediate(count);
  };
  let turning = setImmediate(count);
  for (let i = 0; i < 5000; i++) client.send({ id: `${i}`, type: "stop" });
  await client.nextOf("4999");
  clearImmediate(turning);
  expect(turns).toBeGreaterThanOrEqual(5000);
});

it("a client that pings and does not read is disconnected", async () => {
  const { host } = await serve();
  const raw = await rawUpgrade(host);
  const closed = new Promise((resolve) => raw.once("close", resolve));
  const pings = Buffer.concat(Array.from({ length: 1000 }, () => rawFrame("ping", "x".repeat(125))));
  const sending = setInterval(() => raw.writableLength < 10_000_000 && raw.write(pings), 1);
  await closed;
  clearInterval(sending);
});

it("messages are never compressed", async () => {
  const { ready } = await serve();
  // The client offers permessage-deflate.
  expect((await ready()).socket.extensions).toBe("");
});
