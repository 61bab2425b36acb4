import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { NextRequest } from "next/server.js";
import { expect, it, onTestFinished, vi } from "vitest";

it("the example for next lets a caller in, decides by a rule, and calls another service in the caller's name", async () => {
  const server = createServer((request, response) => {
    response.end(JSON.stringify({ asked: request.url, key: request.headers["x-api-key"] }));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  vi.stubEnv("STOCK_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const error = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => {
    server.close();
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });
  const { GET, POST } = await import("./next.ts");
  const key = String(log.mock.calls[0]?.[1]);
  const ask = async (handler: typeof GET, method: string, headers: Record<string, string>) => {
    const request = new NextRequest("http://shop.example/books", { method, headers });
    const response = await handler(request, { params: Promise.resolve({}) });
    return [response.status, await response.json()];
  };
  const headers = { "x-api-key": key };
  expect(await ask(GET, "GET", headers)).toEqual([200, [{ id: "1", title: "Emma" }]]);
  const answer = { asked: "/books", key };
  expect(await ask(POST, "POST", headers)).toEqual([200, { mode: "apiKey", id: expect.any(String), answer }]);
  expect(await ask(GET, "GET", {})).toMatchObject([401, { code: "credentials_missing" }]);
  expect(error).toHaveBeenCalledOnce();
});
