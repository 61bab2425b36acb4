import { AsyncLocalStorage } from "node:async_hooks";
import type { AddressInfo } from "node:net";
import type { Middleware } from "@authmodes/app-shared";
import Koa from "koa";
import { describe, expect, it, onTestFinished } from "vitest";
import { connect } from "./connect.ts";

async function ask(middleware: Middleware, handler: Koa.Middleware): Promise<Response> {
  const app = new Koa();
  app.silent = true;
  app.use(connect(middleware)).use(handler);
  const server = app.listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  return fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

describe("a middleware of Connect's in Koa", () => {
  it("hands on, in its asynchronous context and with the headers that it set", async () => {
    const context = new AsyncLocalStorage<string>();
    const response = await ask(
      (_request, response, next) => {
        response.setHeader("x-before", "yes");
        context.run("of this request", next);
      },
      async (ctx) => {
        await Promise.resolve();
        ctx.body = context.getStore();
      },
    );
    expect([response.headers.get("x-before"), await response.text()]).toEqual(["yes", "of this request"]);
  });

  it("answers by itself, and nothing behind it runs", async () => {
    let ran = false;
    const response = await ask(
      (_request, response) => response.writeHead(204, { "x-mine": "yes" }).end(),
      () => void (ran = true),
    );
    expect([response.status, response.headers.get("x-mine"), ran]).toEqual([204, "yes", false]);
  });

  it("hands its errors to Koa", async () => {
    const response = await ask(
      (_request, _response, next) => next(Object.assign(new Error("no"), { status: 418, expose: true })),
      () => {},
    );
    expect([response.status, await response.text()]).toEqual([418, "no"]);
  });
});
