import "reflect-metadata";
import type { AddressInfo } from "node:net";
import { app as nextApp } from "@authmodes/app-next";
import { type App, listen, type RunningShop, type Shop, startShop } from "@authmodes/app-shared";
import { createAuthFetch, type HeaderSource, outbound } from "@authmodes/core/outbound";
import {
  apiKey,
  authenticate as authenticateExpress,
  authErrorHandler,
  createAuth,
  getIdentity,
} from "@authmodes/express";
import { authenticate as authenticateKoa, iam } from "@authmodes/koa";
import { AuthModesModule, CurrentIdentity, type Identity, userPool } from "@authmodes/nestjs";
import { Controller, Get } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import express from "express";
import Koa from "koa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// A user enters Next, which calls NestJS as that user; NestJS calls Koa with a signature, Koa calls Express with an API
// key, Express calls Next with a token for its authorizer. All of them are servers of their own on real ports.

let shop: RunningShop;
const opened: { close(): Promise<unknown> }[] = [];

/** The answer of a server: the caller that it saw, and the answer of the next server. */
type Seen = Readonly<Record<string, unknown>>;

interface Next {
  readonly source: HeaderSource;
  readonly url: string;
}

async function seenBy(name: string, { mode, id }: Pick<Identity, "mode" | "id">, next: Next): Promise<Seen> {
  const { origin } = new URL(next.url);
  const response = await createAuthFetch(next.source, { origins: [origin] })(next.url);
  return {
    server: name,
    saw: mode,
    id,
    next: { status: response.status, ...((await response.json()) as Seen) },
  };
}

/** Takes the place of the shop's supplier: NestJS, with Koa and Express behind it. */
const chain: App = {
  name: "nestjs",
  async serve(settings) {
    const expressServer = await listen(serveExpress(settings), 0);
    const koaServer = await listen(serveKoa(settings, expressServer.url), 0);
    opened.push(expressServer, koaServer);
    return serveNest(settings, koaServer.url);
  },
};

function serveExpress({ findApiKey }: Shop): express.Express {
  const auth = createAuth([apiKey({ keys: findApiKey })]);
  const app = express();
  app.use(authenticateExpress(auth));
  app.get("/whoami", async (request, response) => {
    const { url, ready } = shop;
    const source = outbound.lambda({ token: ready.credentials.lambda.token });
    response.json(await seenBy("express", getIdentity(request, auth), { source, url: `${url}/whoami` }));
  });
  return app.use(authErrorHandler());
}

function serveKoa({ region, findAccessKey }: Shop, next: string): ReturnType<Koa["callback"]> {
  const auth = createAuth([iam({ region, credentials: findAccessKey })]);
  const app = new Koa().use(authenticateKoa(auth)).use(async (ctx) => {
    const source = outbound.apiKey({ key: shop.ready.credentials.apiKey });
    ctx.body = await seenBy("koa", ctx.state.identity, { source, url: `${next}/whoami` });
  });
  return app.callback();
}

async function serveNest({ region, userPoolId, userPoolClientId, jwksUri }: Shop, next: string) {
  const auth = createAuth([userPool({ userPoolId, clientId: userPoolClientId, jwksUri })]);

  class ChainController {
    whoami(identity: Identity): Promise<Seen> {
      const source = outbound.iam({ region, credentials: shop.ready.credentials.machine });
      return seenBy("nestjs", identity, { source, url: `${next}/whoami` });
    }
  }
  // As decorators do it, which this file's compiler does not know.
  const { prototype } = ChainController;
  Get("whoami")(prototype, "whoami", Object.getOwnPropertyDescriptor(prototype, "whoami") ?? {});
  CurrentIdentity()(prototype, "whoami", 0);
  Controller()(ChainController);
  const chainModule = {
    module: class ChainModule {
      readonly name = "chain";
    },
    imports: [AuthModesModule.forRoot({ auth })],
    controllers: [ChainController],
  };

  const app = await NestFactory.create(chainModule, {
    logger: false,
    abortOnError: false,
    forceCloseConnections: true,
  });
  await app.listen(0, "127.0.0.1");
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => app.close() };
}

beforeAll(async () => {
  shop = await startShop(nextApp, { supplier: chain });
}, 120_000);
afterAll(async () => {
  await shop.close();
  await Promise.all(opened.map((server) => server.close()));
});

describe("a chain of servers", () => {
  it("says at each link whom it saw", async () => {
    const { libby } = shop.ready.credentials;
    const response = await fetch(`${shop.url}/suppliers/forward`, {
      headers: { authorization: `Bearer ${libby.accessToken}` },
    });
    const users = shop.identityProvider.kit.userPool;
    expect(await response.json()).toEqual({
      status: 200,
      body: {
        server: "nestjs",
        saw: "userPool",
        id: users.sub("libby"),
        next: {
          status: 200,
          server: "koa",
          saw: "iam",
          id: expect.stringContaining("Admin") as string,
          next: {
            status: 200,
            server: "express",
            saw: "apiKey",
            id: expect.any(String) as string,
            next: expect.objectContaining({ status: 200, mode: "lambda" }) as object,
          },
        },
      },
    });
  });

  it("ends where a credential does not fit", async () => {
    const { libby } = shop.ready.credentials;
    const forged = `${libby.accessToken.slice(0, -6)}AAAAAA`;
    const refused = await fetch(`${shop.url}/suppliers/forward`, { headers: { authorization: forged } });
    expect(refused.status).toBe(401);
    // The pool's id tokens are good for Next, and not for NestJS, which wants access tokens.
    const response = await fetch(`${shop.url}/suppliers/forward`, {
      headers: { authorization: libby.idToken },
    });
    expect(await response.json()).toMatchObject({ status: 401, body: { code: "credentials_refused" } });
  });
});
