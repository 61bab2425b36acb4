import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { AbstractHttpAdapter } from "@nestjs/core";
import { NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import { NextRequest } from "next/server.js";
import type * as express from "../express.ts";
import type * as fastify from "../fastify.ts";
import type * as hono from "../hono.ts";
import type * as koa from "../koa.ts";
import type * as nestjs from "../nestjs.ts";
import type * as next from "../next.ts";

/** What the examples serve. Next's serves a path by a file, and its POST answers both the caller and what stock said. */
export type Path = "/whoami" | "/books" | "/stock";

/** An example that runs. */
export interface Shop {
  ask(path: Path, headers: Readonly<Record<string, string>>): Promise<Response>;
  close(): unknown;
}

type Started<Exports> = (exports: Exports) => Promise<Shop>;

export const startExpress: Started<typeof express> = ({ default: app }) => shopOf(app);

export const startKoa: Started<typeof koa> = ({ default: app }) => shopOf(app.callback());

export const startFastify: Started<typeof fastify> = async ({ default: app }) => {
  await app.ready();
  return shopOf((request, response) => app.routing(request, response));
};

export const startHono: Started<typeof hono> = ({ default: app }) =>
  shopOf(getRequestListener(app.fetch, { overrideGlobalObjects: false })); // Next reads them too

export const startNest: Started<typeof nestjs> = (exports) => startNestOn(exports, new ExpressAdapter());

export async function startNestOn(
  { default: module }: typeof nestjs,
  adapter: AbstractHttpAdapter,
): Promise<Shop> {
  const app = await NestFactory.create(module, adapter, { logger: false });
  await app.listen(0, "127.0.0.1");
  return shopAt(await app.getUrl(), () => app.close());
}

export const startNext: Started<typeof next> = async ({ GET, POST }) => ({
  ask: (path, headers) => {
    const [method, handler] = path === "/books" ? ["GET", GET] : ["POST", POST];
    const request = new NextRequest("http://shop.example/books", { method, headers });
    return handler(request, { params: Promise.resolve({}) });
  },
  close: () => {},
});

async function shopOf(listener: RequestListener): Promise<Shop> {
  const server = await listen(listener);
  return shopAt(server.url, () => server.close());
}

const realFetch = globalThis.fetch;

function shopAt(url: string, close: () => unknown): Shop {
  return { ask: (path, headers) => realFetch(url + path, { headers }), close };
}

export interface Listening {
  readonly url: string;
  close(): void;
}

export async function listen(listener: RequestListener): Promise<Listening> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
