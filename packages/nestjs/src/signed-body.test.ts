import { Controller, type INestApplication, Post } from "@nestjs/common";
import { createTestKit } from "@authmodes/testing";
import type { IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { json } from "node:stream/consumers";
import { setImmediate as tick, setTimeout } from "node:timers/promises";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { AuthModesModule, createAuth } from "./index.ts";
import { createApp, listen, type MakeAdapter, platforms } from "./test/apps.ts";

const kit = await createTestKit();

@Controller()
class Orders {
  @Post("orders")
  create() {
    return { created: true };
  }
}

/** As `app.use(express.json())`. */
function useOwnParser(app: INestApplication): void {
  app.use(
    (request: IncomingMessage & { body?: unknown }, _response: unknown, next: (e?: unknown) => void) => {
      json(request).then((body) => {
        request.body = body;
        next();
      }, next);
    },
  );
}

/** Sends the head of a request and five bytes of its body. */
function sendFiveBytes(url: string, headers: Readonly<Record<string, string>>, body: string): Socket {
  const { hostname, port, host, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  const lines = Object.entries({ host, ...headers, "content-length": body.length });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.write(`POST ${pathname} HTTP/1.1\r\n${head}\r\n${body.slice(0, 5)}`);
  return socket;
}

interface Server {
  readonly name: string;
  readonly makeAdapter?: MakeAdapter;
  readonly prepare?: (app: INestApplication) => void;
}

const servers: readonly Server[] = [
  ...platforms.map(([name, makeAdapter]) => ({ name, makeAdapter })),
  { name: "Express, behind a parser of the app's own", prepare: useOwnParser },
];

describe.each(servers)("a signed body on $name", ({ makeAdapter, prepare }) => {
  async function start() {
    const auth = createAuth([kit.modes.iam], { clock: kit.clock.now });
    const reasons: (string | undefined)[] = [];
    auth.onEvent(({ reason }) => reasons.push(reason));
    const metadata = { imports: [AuthModesModule.forRoot({ auth })], controllers: [Orders] };
    const app = await createApp(metadata, makeAdapter);
    prepare?.(app);
    const url = `${await listen(app)}/orders`;
    const body = '{"bookId":"1"}';
    const json = { "content-type": "application/json" };
    const headers = await kit.headersFor("iam", { method: "POST", url, headers: json, body });
    return { url, headers: { ...json, ...headers }, body, reasons };
  }

  it("is verified before it is parsed", async () => {
    const { url, headers, body } = await start();
    expect((await fetch(url, { method: "POST", headers, body })).status).toBe(201);
    const changed = await fetch(url, { method: "POST", headers, body: '{"bookId":"2"}' });
    expect(changed.status).toBe(401);
  });

  it("that stops arriving is answered, although a parser would wait for it", async () => {
    const { url, headers, body, reasons } = await start();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const waiting = vi.getTimerCount();
    const socket = sendFiveBytes(url, headers, body);
    onTestFinished(() => void socket.destroy());
    let text = "";
    socket.on("data", (part) => (text += part.toString("latin1")));
    while (vi.getTimerCount() === waiting) await tick();
    for (let i = 0; i < 20; i++) await tick();
    await vi.advanceTimersByTimeAsync(30_000);
    while (!text.includes("\r\n\r\n")) await tick();
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(text).toMatch(/^connection: close\r$/im);
    expect(reasons).toEqual(["body_timeout"]);
  });

  it("whose client leaves is reported once", async () => {
    const { url, headers, body, reasons } = await start();
    sendFiveBytes(url, headers, body).end();
    await vi.waitFor(() => expect(reasons).not.toEqual([]));
    await setTimeout(50);
    expect(reasons).toEqual(["body_cut"]);
  });
});
