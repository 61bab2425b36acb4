import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { describe, expect, it, onTestFinished, vi } from "vitest";

async function listen(listener: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const examples = {
  koa: async () => (await import("./koa.ts")).default.callback(),
  hono: async () => getRequestListener((await import("./hono.ts")).default.fetch),
};

describe.each(Object.entries(examples))("the example for %s", (name, load) => {
  it("lets a caller in, decides by a rule, and calls another service in the caller's name", async () => {
    const stock = await listen((request, response) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ asked: request.url, key: request.headers["x-api-key"] }));
    });
    vi.stubEnv("STOCK_URL", stock);
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const error = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => {
      vi.restoreAllMocks();
      vi.unstubAllEnvs();
    });
    const url = await listen(await load());
    const key = String(log.mock.calls[0]?.[1]);
    const ask = async (path: string, headers: Readonly<Record<string, string>> = { "x-api-key": key }) => {
      const response = await fetch(url + path, { headers: { ...headers } });
      return [response.status, await response.json()];
    };
    expect(await ask("/whoami")).toEqual([200, { mode: "apiKey", id: expect.any(String) }]);
    expect(await ask("/whoami", {})).toMatchObject([401, { code: "credentials_missing" }]);
    expect(error).toHaveBeenCalledOnce();
    const book = { id: "1", title: "Emma" };
    expect(await ask(name === "koa" ? "/books" : "/books/1")).toEqual([200, name === "koa" ? [book] : book]);
    expect(await ask("/stock")).toEqual([200, { asked: "/books", key }]);
  });
});
