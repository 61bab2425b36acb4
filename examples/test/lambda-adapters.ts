import * as onExpress from "@authmodes/express";
import * as onFastify from "@authmodes/fastify";
import * as onFetch from "@authmodes/core/fetch";
import * as onKoa from "@authmodes/koa";
import type { Auth } from "@authmodes/core";
import fastifyAwsLambda from "@fastify/aws-lambda";
import { configure as codegenie } from "@codegenie/serverless-express";
import { configure as vendia } from "@vendia/serverless-express";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import { handle } from "hono/aws-lambda";
import Koa from "koa";
import serverlessHttp from "serverless-http";

// The smallest app of each framework in each adapter for AWS Lambda: it answers the mode and the body that it read.

export interface LambdaAnswer {
  readonly statusCode: number;
  readonly body: string;
  readonly isBase64Encoded?: boolean;
}

export type LambdaHandler = (event: object) => Promise<LambdaAnswer>;

export interface LambdaAdapter {
  readonly name: string;
  readonly create: (auth: Auth) => LambdaHandler;
}

/** What an app answers: the mode, and its body in base64. */
export function answerOf(mode: string, body: Uint8Array): string {
  return JSON.stringify({ mode, body: Buffer.from(body).toString("base64") });
}

function expressApp(auth: Auth): express.Express {
  const app = express();
  app.use(onExpress.authenticate(auth));
  app.use(express.raw({ type: "*/*" }), (request, response) => {
    const body: unknown = request.body;
    const { mode } = onExpress.getIdentity(request, auth);
    response.type("json").send(answerOf(mode, Buffer.isBuffer(body) ? body : Buffer.alloc(0)));
  });
  app.use(onExpress.authErrorHandler());
  return app;
}

function koaApp(auth: Auth): Koa {
  const app = new Koa();
  app.use(onKoa.authenticate(auth));
  app.use(async (ctx) => {
    const chunks: Buffer[] = [];
    for await (const chunk of ctx.req) chunks.push(chunk as Buffer);
    ctx.type = "json";
    ctx.body = answerOf(onKoa.getIdentity(ctx, auth).mode, Buffer.concat(chunks));
  });
  return app;
}

function fastifyApp(auth: Auth) {
  const app = fastify();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.register(onFastify.authModes, { auth });
  app.all("/*", (request, reply) => {
    const { body } = request;
    const { mode } = onFastify.getIdentity(request, auth);
    return reply
      .type("application/json")
      .send(answerOf(mode, Buffer.isBuffer(body) ? body : Buffer.alloc(0)));
  });
  return app;
}

function honoApp(auth: Auth): Hono {
  return new Hono()
    .use(async (c, next) => {
      await onFetch.authenticate(auth, c.req.raw);
      await next();
    })
    .all("*", async (c) => {
      const { mode } = onFetch.getIdentity(c.req.raw, auth);
      return c.body(answerOf(mode, new Uint8Array(await c.req.arrayBuffer())), 200, {
        "content-type": "application/json",
      });
    })
    .onError((error) => onFetch.refusal(error) ?? new Response("failed", { status: 500 }));
}

const context = { callbackWaitsForEmptyEventLoop: false };
const handlerOf = (run: (event: object) => unknown): LambdaHandler => {
  return async (event) => (await run(event)) as LambdaAnswer;
};

export const lambdaAdapters: readonly LambdaAdapter[] = [
  {
    name: "Express, serverless-http",
    create(auth) {
      const run = serverlessHttp(expressApp(auth));
      return handlerOf((event) => run(event, context));
    },
  },
  {
    name: "Express, @codegenie/serverless-express",
    create(auth) {
      const run = codegenie({ app: expressApp(auth) });
      return handlerOf((event) => run(event, context, () => {}));
    },
  },
  {
    name: "Express, @vendia/serverless-express",
    create(auth) {
      const run = vendia({ app: expressApp(auth) });
      return handlerOf((event) => run(event, context, () => {}));
    },
  },
  {
    name: "Koa, serverless-http",
    create(auth) {
      const run = serverlessHttp(koaApp(auth));
      return handlerOf((event) => run(event, context));
    },
  },
  {
    name: "Fastify, @fastify/aws-lambda",
    create(auth) {
      const run = fastifyAwsLambda(fastifyApp(auth), { albMultiValueHeaders: true });
      return handlerOf((event) => run(event, context));
    },
  },
  {
    name: "Hono, hono/aws-lambda",
    create(auth) {
      const run = handle(honoApp(auth));
      return handlerOf((event) => run(event as never));
    },
  },
];
