import { once } from "node:events";
import { Agent, get, request, type RequestListener } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, it, vi } from "vitest";
import { listen, type Listening } from "./listen.ts";

afterEach(() => {
  vi.useRealTimers();
});

interface Served extends Listening {
  readonly port: number;
  /** How many requests have reached the handler. */
  seen(): number;
}

async function serve(handler: RequestListener): Promise<Served> {
  let seen = 0;
  const server = await listen((incoming, response) => {
    seen++;
    handler(incoming, response);
  }, 0);
  return { ...server, port: Number(new URL(server.url).port), seen: () => seen };
}

/** Answers once the body is there. */
const counting: RequestListener = (incoming, response) => {
  text(incoming).then(
    (body) => response.end(String(body.length)),
    () => response.destroy(),
  );
};

it("lets every upload finish, and keeps no connection for a next request", async () => {
  const { url, close, seen } = await serve(counting);
  const agent = new Agent({ keepAlive: true });
  const uploads = Array.from({ length: 20 }, () => {
    const upload = request(url, { method: "POST", agent });
    upload.write("half");
    return upload;
  });
  await vi.waitUntil(() => seen() === 20, { timeout: 10_000 });

  const started = performance.now();
  const closed = close();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const answers = uploads.map(async (upload) => {
    upload.end("half");
    const [response] = (await once(upload, "response")) as [NodeJS.ReadableStream];
    return text(response);
  });
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 20 }, () => "8"));
  await closed;
  // Node would keep them for five seconds.
  expect(performance.now() - started).toBeLessThan(4000);
  agent.destroy();
});

it("sends written answers completely", async () => {
  const size = 50_000_000; // more than the system takes at once
  const { url, close, seen } = await serve((_request, response) => response.end("x".repeat(size)));
  const asked = get(url);
  await vi.waitUntil(() => seen() === 1, { timeout: 10_000 });
  const closed = close();
  const [response] = (await once(asked, "response")) as [NodeJS.ReadableStream];
  expect((await text(response)).length).toBe(size);
  await closed;
});

it("accepts no further connection", async () => {
  const { url, port, close } = await serve(counting);
  const idle = connect(port, "127.0.0.1");
  await once(idle, "connect");
  await close();
  await expect(fetch(url)).rejects.toThrow("fetch failed");
  idle.destroy();
});

it("closes event streams, even while events are written", async () => {
  const { url, close } = await serve((_request, response) => {
    response.setHeader("content-type", "text/event-stream").write("data: 1\n\n");
    const writing = setInterval(() => response.write("data: 2\n\n"), 1);
    response.once("close", () => setTimeout(() => clearInterval(writing), 50));
  });
  const [stream] = (await once(get(url), "response")) as [NodeJS.ReadableStream];
  const ended = text(stream).catch((error: unknown) => String(error));
  const started = performance.now();
  await close();
  expect(await ended).toBe("Error: aborted");
  expect(performance.now() - started).toBeLessThan(4000);
});

it("closes unfinished requests after ten seconds", async () => {
  const { port, close, seen } = await serve(counting);
  const socket = connect(port, "127.0.0.1");
  socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf");
  await vi.waitUntil(() => seen() === 1, { timeout: 10_000 });
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  let isClosed = false;
  const closed = close().then(() => (isClosed = true));
  await vi.advanceTimersByTimeAsync(9999);
  expect(isClosed).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await closed;
});
