import "reflect-metadata";
import { createServer, request as httpRequest, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { createAuth, iam, nodeView } from "@authmodes/core";
import { identityPoolCredentials } from "@authmodes/core/outbound";
import { getRequestListener } from "@hono/node-server";
import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { IdentityPool } from "./create.ts";
import { createWorld, poolId, Scene, userPoolName, type World } from "./test/pool.ts";

// The pool on real servers of each framework, called by a real client: core's own.

interface Mounted {
  readonly port: number;
  close(): unknown;
}

type Mount = (pool: IdentityPool) => Promise<Mounted>;

async function listening(listener: RequestListener): Promise<Mounted> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

@Module({})
class EmptyModule {}

function onNest(makeAdapter: () => ExpressAdapter | FastifyAdapter): Mount {
  return async (pool) => {
    const app = await NestFactory.create(EmptyModule, makeAdapter(), {
      logger: false,
      forceCloseConnections: true,
    });
    app.use("/identity", pool.node);
    await app.listen(0, "127.0.0.1");
    return { port: (app.getHttpServer().address() as AddressInfo).port, close: () => app.close() };
  };
}

const mounts: readonly (readonly [string, Mount])[] = [
  ["node:http", (pool) => listening((request, response) => pool.node(request, response))],
  ["Express", (pool) => listening(express().use("/identity", pool.node))],
  [
    "Express behind a parser of JSON",
    (pool) => listening(express().use(express.json()).use("/identity", pool.node)),
  ],
  [
    "Koa",
    (pool) => {
      const app = new Koa();
      app.use((ctx, next) => {
        if (!/^\/identity\/?$/.test(ctx.path)) return next();
        ctx.respond = false;
        pool.node(ctx.req, ctx.res);
        return undefined;
      });
      return listening(app.callback());
    },
  ],
  [
    "Fastify",
    async (pool) => {
      const app = fastify({ forceCloseConnections: true });
      app.addHook("onRequest", (request, reply, done) => {
        if (!/^\/identity\/?$/.test(request.url)) return done();
        reply.hijack();
        pool.node(request.raw, reply.raw);
      });
      await app.listen({ port: 0, host: "127.0.0.1" });
      return { port: (app.server.address() as AddressInfo).port, close: () => app.close() };
    },
  ],
  ["NestJS on Express", onNest(() => new ExpressAdapter())],
  ["NestJS on Fastify", onNest(() => new FastifyAdapter())],
  [
    "Hono",
    (pool) => {
      const app = new Hono({ strict: false }).all("/identity", (c) => pool.handler(c.req.raw));
      return listening(getRequestListener(app.fetch));
    },
  ],
];

let world: World;
beforeAll(async () => {
  world = await createWorld();
});

describe.each(mounts)("mounted on %s", (_, mount) => {
  async function start() {
    // The client compares the expiry with the real time.
    const now = Date.now();
    world.kit.clock.set(now);
    const scene = new Scene(world);
    const mounted = await mount(scene.pool);
    onTestFinished(() => void mounted.close());
    return { scene, ...mounted, endpoint: `http://127.0.0.1:${mounted.port}/identity` };
  }

  it("gives a guest and a user their credentials", async () => {
    const { scene, endpoint } = await start();
    let logins: Record<string, string> | undefined;
    const credentials = identityPoolCredentials({ identityPoolId: poolId, endpoint, logins: () => logins });
    const called = async () => {
      const { accessKeyId, secretAccessKey, sessionToken = "", identityId } = await credentials();
      const key = {
        AccessKeyId: accessKeyId,
        SecretKey: secretAccessKey,
        SessionToken: sessionToken,
        Expiration: 0,
      };
      return { identityId, caller: await scene.caller(key) };
    };
    const guest = await called();
    expect(guest.caller).toMatchObject({ id: guest.identityId, cognitoIdentityAuthType: "unauthenticated" });
    logins = { [userPoolName]: await world.kit.userPool.token({ use: "id" }) };
    const user = await called();
    expect(user.caller).toMatchObject({ id: user.identityId, cognitoIdentityAuthType: "authenticated" });
    expect(user.identityId).not.toBe(guest.identityId);
  });

  it("answers below the path with a slash, which the AWS SDKs append", async () => {
    const { endpoint } = await start();
    const credentials = identityPoolCredentials({ identityPoolId: poolId, endpoint: `${endpoint}/` });
    expect((await credentials()).identityId).toMatch(/^us-east-1:/);
  });

  it("answers preflights and rejections", async () => {
    const { endpoint } = await start();
    const preflight = await fetch(endpoint, {
      method: "OPTIONS",
      headers: { origin: "https://app.example", "access-control-request-method": "POST" },
    });
    expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
    const headers = {
      "x-amz-target": "AWSCognitoIdentityService.GetId",
      "content-type": "application/x-amz-json-1.1",
    };
    const answer = await fetch(endpoint, { method: "POST", headers, body: "{" });
    expect([answer.status, answer.headers.get("x-amzn-errortype")]).toEqual([
      400,
      "InvalidParameterException:",
    ]);
    const large = await fetch(endpoint, { method: "POST", headers, body: "x".repeat(1024 * 1024) }).then(
      ({ status }) => status,
      () => "closed",
    );
    expect([413, "closed"]).toContain(large);
  });
});

it("reads a body that arrives in pieces, and stops at 64 KiB without a length", async () => {
  const { pool } = new Scene(world);
  const mounted = await listening((request, response) => pool.node(request, response));
  onTestFinished(() => void mounted.close());
  const send = (pieces: readonly string[]) =>
    new Promise<number>((resolve, reject) => {
      const request = httpRequest(
        {
          port: mounted.port,
          method: "POST",
          headers: { "x-amz-target": "AWSCognitoIdentityService.GetId", "transfer-encoding": "chunked" },
        },
        (response) => resolve(response.resume().statusCode ?? 0),
      );
      request.on("error", reject);
      for (const piece of pieces) request.write(piece);
      request.end();
    });
  expect(await send(['{"IdentityPoolId":', `"${poolId}"`, "}"])).toBe(200);
  expect(await send(['{"pad":"', ...Array.from({ length: 70 }, () => "x".repeat(1024)), '"}'])).toBe(413);
});

it("passes a body that a parser consumed to the app's error handling", async () => {
  const { pool } = new Scene(world);
  const app = express()
    .use(express.json({ type: "*/*" }))
    .use("/identity", pool.node);
  const failed: string[] = [];
  app.use((error: Error, _request: unknown, response: express.Response, _next: unknown) => {
    failed.push(String(Reflect.get(error, "reason")));
    response.sendStatus(500);
  });
  const mounted = await listening(app);
  onTestFinished(() => void mounted.close());
  const answer = await fetch(`http://127.0.0.1:${mounted.port}/identity`, {
    method: "POST",
    headers: {
      "x-amz-target": "AWSCognitoIdentityService.GetId",
      "content-type": "application/x-amz-json-1.1",
    },
    body: JSON.stringify({ IdentityPoolId: poolId }),
  });
  expect([answer.status, failed]).toEqual([500, ["body_consumed"]]);
});

it("is verified beside long-term keys and on node:http", async () => {
  world.kit.clock.set(Date.now());
  const { pool, kit } = new Scene(world);
  const auth = createAuth(
    [
      iam({
        region: "us-east-1",
        credentials: (id, context) => kit.accessKeys.find(id) ?? pool(id, context),
      }),
    ],
    { clock: kit.clock.now },
  );
  const mounted = await listening((request, response) => {
    auth.authenticate(nodeView(request)).then(
      ({ id }) => response.end(id),
      (error: unknown) => response.writeHead(401).end(String(error)),
    );
  });
  onTestFinished(() => void mounted.close());
  const url = `http://127.0.0.1:${mounted.port}/books`;
  const guest = await new Scene(world).guest();
  const {
    AccessKeyId: accessKeyId,
    SecretKey: secretAccessKey,
    SessionToken: sessionToken,
  } = guest.Credentials;
  for (const [credentials, id] of [
    [{ accessKeyId, secretAccessKey, sessionToken }, guest.IdentityId],
    [kit.accessKeys.machine, "arn:aws:sts::123456789012:assumed-role/Admin/machine"],
  ] as const) {
    const headers = await kit.headersFor("iam", { url, credentials });
    expect(await (await fetch(url, { headers })).text()).toBe(id);
  }
});
