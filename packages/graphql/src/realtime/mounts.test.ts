import "reflect-metadata";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve as serveHono } from "@hono/node-server";
import { type INestApplication, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import { WsAdapter } from "@nestjs/platform-ws";
import { SubscribeMessage, WebSocketGateway } from "@nestjs/websockets";
import { createTestKit } from "@authmodes/testing";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import { expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { base64url, Client, onReview } from "../test/realtime-client.ts";
import { Topics } from "../test/topics.ts";
import { data } from "../test/shop-data.ts";
import { shop } from "../test/shop.ts";
import { createRealtime, type Realtime } from "./index.ts";

// Subscriptions on real servers of each framework, beside WebSockets of the app's own.

@WebSocketGateway({ path: "/chat" })
class ChatGateway {
  @SubscribeMessage("hello")
  hello(): object {
    return { event: "hello", data: "world" };
  }
}

@Module({ providers: [ChatGateway] })
class ChatModule {}

type Mount = (realtime: Realtime) => Promise<Server>;

async function onNest(realtime: Realtime, app: INestApplication): Promise<Server> {
  app.useWebSocketAdapter(new WsAdapter(app));
  const server = app.getHttpServer() as Server;
  realtime.attach(server);
  await app.listen(0, "127.0.0.1");
  onTestFinished(() => app.close());
  return server;
}

async function started(realtime: Realtime, server: Server): Promise<Server> {
  realtime.attach(server);
  if (!server.listening) await new Promise<void>((resolve) => server.once("listening", resolve));
  onTestFinished(() => void server.close());
  return server;
}

const mounts: readonly (readonly [string, Mount])[] = [
  ["Express", (realtime) => started(realtime, express().listen(0, "127.0.0.1"))],
  ["Koa", (realtime) => started(realtime, new Koa().listen(0, "127.0.0.1"))],
  [
    "Fastify",
    async (realtime) => {
      const app = fastify({ forceCloseConnections: true });
      realtime.attach(app.server);
      await app.listen({ port: 0, host: "127.0.0.1" });
      onTestFinished(() => app.close());
      return app.server;
    },
  ],
  [
    "Hono",
    (realtime) =>
      started(realtime, serveHono({ fetch: new Hono().fetch, port: 0, hostname: "127.0.0.1" }) as Server),
  ],
  [
    "Nest on Express, beside a gateway",
    async (realtime) =>
      onNest(realtime, await NestFactory.create(ChatModule, new ExpressAdapter(), { logger: false })),
  ],
  [
    "Nest on Fastify, beside a gateway",
    async (realtime) =>
      onNest(realtime, await NestFactory.create(ChatModule, new FastifyAdapter(), { logger: false })),
  ],
];

it.each(mounts)("%s", async (name, mount) => {
  const kit = await createTestKit();
  const topics = new Topics();
  const realtime = createRealtime({
    auth: kit.auth(),
    schema: shop({}, topics.resolvers),
    context: (identity) => ({ identity }),
  });
  const server = await mount(realtime);
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const headers = { host, "x-api-key": kit.apiKeys.valid.key };
  for (const path of ["/graphql", "/graphql/realtime"]) {
    const protocols = ["graphql-ws", `header-${base64url(headers)}`];
    const client = new Client(new WebSocket(`ws://${host}${path}`, protocols));
    expect((await client.init()).type).toBe("connection_ack");
    const payload = { data: JSON.stringify({ query: onReview }), extensions: { authorization: headers } };
    client.send({ id: "1", type: "start", payload });
    expect((await client.next()).type).toBe("start_ack");
    topics.reviews.publish({ onCreateReview: data.reviews[0] });
    expect(await client.next()).toMatchObject({ payload: { data: { onCreateReview: { id: "r1" } } } });
  }
  if (name.startsWith("Nest")) {
    const chat = new WebSocket(`ws://${host}/chat`);
    const answer = new Promise((resolve) => chat.once("message", (text: Buffer) => resolve(text.toString())));
    chat.once("open", () => chat.send(JSON.stringify({ event: "hello" })));
    expect(await answer).toBe('{"event":"hello","data":"world"}');
    chat.terminate();
  }
  await realtime.close();
});
