import { Controller, Post } from "@nestjs/common";
import { createTestKit } from "@authmodes/testing";
import { connect } from "node:net";
import { setImmediate as tick } from "node:timers/promises";
import { expect, it, onTestFinished, vi } from "vitest";
import { AuthModesModule, createAuth } from "./index.ts";
import { platforms, serve } from "./test/apps.ts";

const kit = await createTestKit();

@Controller()
class Orders {
  @Post("orders")
  create() {
    return { created: true };
  }
}

it.each(platforms)(
  "answers a body that stops arriving, although a parser would wait for it: %s",
  async (_platform, makeAdapter) => {
    const auth = createAuth([kit.modes.iam], { clock: kit.clock.now });
    const reasons: (string | undefined)[] = [];
    auth.onEvent(({ reason }) => reasons.push(reason));
    const url = await serve(
      { imports: [AuthModesModule.forRoot({ auth })], controllers: [Orders] },
      makeAdapter,
    );
    const { hostname, port, host } = new URL(url);
    const body = '{"bookId":"1"}';
    const json = { "content-type": "application/json" };
    const target = `${url}/orders`;
    const headers = await kit.headersFor("iam", { method: "POST", url: target, headers: json, body });

    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const socket = connect(Number(port), hostname);
    onTestFinished(() => void socket.destroy());
    let text = "";
    socket.on("data", (part) => (text += part.toString("latin1")));
    const lines = Object.entries({ host, ...json, ...headers, "content-length": body.length });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const waiting = vi.getTimerCount();
    socket.write(`POST /orders HTTP/1.1\r\n${head}\r\n${body.slice(0, 5)}`);
    while (vi.getTimerCount() === waiting) await tick();
    for (let i = 0; i < 20; i++) await tick();
    await vi.advanceTimersByTimeAsync(30_000);
    while (!text.includes("\r\n\r\n")) await tick();
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(text).toMatch(/^connection: close\r$/im);
    expect(reasons).toEqual(["body_timeout"]);
  },
);
