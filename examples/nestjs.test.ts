import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import { describe, expect, it, onTestFinished, vi } from "vitest";

const platforms = { Express: () => new ExpressAdapter(), Fastify: () => new FastifyAdapter() };

/** What the example calls in the name of its caller. */
async function startStock(): Promise<string> {
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ asked: request.url, key: request.headers["x-api-key"] }));
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.each(Object.entries(platforms))("the example for NestJS on %s", (_name, adapter) => {
  it("lets a caller in, decides by a rule, and calls another service in the caller's name", async () => {
    vi.stubEnv("STOCK_URL", await startStock());
    vi.resetModules();
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const error = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => {
      vi.restoreAllMocks();
      vi.unstubAllEnvs();
    });
    const { default: ShopModule } = await import("./nestjs.ts");
    const app = await NestFactory.create(ShopModule, adapter(), { logger: false });
    onTestFinished(() => app.close());
    await app.listen(0, "127.0.0.1");
    const url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
    const key = String(log.mock.calls[0]?.[1]);
    const ask = async (path: string, headers: Readonly<Record<string, string>> = { "x-api-key": key }) => {
      const response = await fetch(url + path, { headers });
      return [response.status, await response.json()];
    };
    expect(await ask("/whoami")).toEqual([200, { mode: "apiKey", id: expect.any(String) }]);
    expect(await ask("/whoami", {})).toMatchObject([401, { code: "credentials_missing" }]);
    expect(error).toHaveBeenCalledOnce();
    expect(await ask("/books")).toEqual([200, [{ id: "1", title: "Emma" }]]);
    expect(await ask("/stock")).toEqual([200, { asked: "/books", key }]);
  });
});
