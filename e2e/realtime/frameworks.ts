import "reflect-metadata";
import { once } from "node:events";
import { createServer, type Server } from "node:https";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import type { RequestListener, ServerResponse } from "node:http";
import { authenticate as authenticateExpress, authErrorHandler, getIdentity } from "@authmodes/express";
import { authModes, type AuthTypeProvider } from "@authmodes/fastify";
import type { Realtime } from "@authmodes/graphql/realtime";
import { authenticate as authenticateKoa, type AuthState } from "@authmodes/koa";
import { type Auth, AuthModesModule, CurrentIdentity, type Identity } from "@authmodes/nestjs";
import { bodyParser } from "@koa/bodyparser";
import { Body, Controller, Inject, Module, Post, Res } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import express from "express";
import Fastify from "fastify";
import Koa from "koa";
import type nextModule from "next";
import type { Shop } from "./shop.ts";

/** A certificate and its key. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Serves the shop at `/graphql` on a port of 127.0.0.1. Mounts the subscriptions as the guide says. */
export type Serve = (
  shop: Shop,
  realtime: Realtime,
  certificate: Certificate,
  port: number,
) => Promise<Server>;

export const frameworks: Readonly<Record<string, Serve>> = {
  async express(shop, realtime, certificate, port) {
    const app = express();
    app.post("/graphql", authenticateExpress(shop.auth), express.json(), async (request, response) => {
      const { status, body } = await shop.execute(getIdentity(request, shop.auth), request.body);
      response.status(status).type("json").send(body);
    });
    app.use(authErrorHandler());
    return listening(certificate, app, realtime, port);
  },

  async koa(shop, realtime, certificate, port) {
    const app = new Koa<AuthState<Auth<Identity>>>();
    app.use(authenticateKoa(shop.auth));
    app.use(bodyParser());
    app.use(async (ctx) => {
      const { status, body } = await shop.execute(ctx.state.identity, ctx.request.body);
      ctx.status = status;
      ctx.type = "json";
      ctx.body = body;
    });
    return listening(certificate, app.callback(), realtime, port);
  },

  async fastify(shop, realtime, certificate, port) {
    const app = Fastify({ https: certificate }).withTypeProvider<AuthTypeProvider<Auth<Identity>>>();
    await app.register(authModes, { auth: shop.auth });
    app.post("/graphql", async (request, reply) => {
      const { status, body } = await shop.execute(request.identity, request.body);
      return reply.code(status).type("application/json").send(body);
    });
    realtime.attach(app.server);
    await app.listen({ port, host: "127.0.0.1" });
    return app.server;
  },

  async nestjs(shop, realtime, certificate, port) {
    const app = await NestFactory.create(
      {
        module: ShopModule,
        imports: [AuthModesModule.forRoot({ auth: shop.auth })],
        providers: [{ provide: SHOP, useValue: shop }],
      },
      { httpsOptions: certificate, logger: ["error"], abortOnError: false },
    );
    const server: Server = app.getHttpServer();
    realtime.attach(server);
    await app.listen(port, "127.0.0.1");
    return server;
  },

  async next(shop, realtime, certificate, port) {
    return listening(certificate, await requestHandlerOfNext(shop), realtime, port);
  },
};

async function listening(
  certificate: Certificate,
  handler: RequestListener,
  realtime: Realtime,
  port: number,
): Promise<Server> {
  const server = createServer(certificate, handler);
  realtime.attach(server);
  await once(server.listen(port, "127.0.0.1"), "listening");
  return server;
}

const SHOP = Symbol("the shop");

@Controller("graphql")
class GraphqlController {
  readonly #shop: Shop;

  constructor(@Inject(SHOP) shop: Shop) {
    this.#shop = shop;
  }

  @Post()
  async execute(
    @CurrentIdentity() identity: Identity,
    @Body() request: unknown,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const { status, body } = await this.#shop.execute(identity, request);
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  }
}

@Module({ controllers: [GraphqlController] })
class ShopModule {}

let next: Promise<RequestListener> | undefined;

/** Next is prepared once, also if the server starts again. */
function requestHandlerOfNext(shop: Shop): Promise<RequestListener> {
  next ??= (async () => {
    // How the routes, which Next bundles, get at the shop of this process.
    Object.assign(globalThis, { realtimeShop: shop });
    // Its types declare a default export that ES modules do not get from CommonJS.
    const createNext = createRequire(import.meta.url)("next") as typeof nextModule.default;
    const app = createNext({ dev: false, dir: resolve("next") });
    await app.prepare();
    const handle = app.getRequestHandler();
    return (request, response) => void handle(request, response);
  })();
  return next;
}
