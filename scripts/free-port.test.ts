import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { onFreePort } from "./free-port.ts";

async function listen(port: number): Promise<number> {
  const server = createServer();
  onTestFinished(() => void server.close());
  await once(server.listen(port, "127.0.0.1"), "listening");
  return port;
}

it("starts again if another server took the port", async () => {
  const tried: number[] = [];
  const port = await onFreePort(async (port) => {
    tried.push(port);
    if (tried.length < 3) await listen(port);
    return listen(port);
  });
  expect([tried.length, tried.at(-1)]).toEqual([3, port]);
});

it("passes other errors on, and the tenth of this kind", async () => {
  let tries = 0;
  const failing = (message: string) =>
    onFreePort(async () => {
      tries++;
      throw new Error(message);
    });
  await expect(failing("a bug")).rejects.toThrow("a bug");
  expect(tries).toBe(1);
  await expect(failing("Address already in use")).rejects.toThrow("already in use");
  expect(tries).toBe(11);
});
