import type { RequestListener } from "node:http";
import { type Auth, createAuth, oidc, type ProtectedResource, protectedResource } from "@authmodes/core";
import { authenticate, refusal } from "@authmodes/core/fetch";
import { authenticate as onExpress, authErrorHandler } from "@authmodes/express";
import { authModes } from "@authmodes/fastify";
import { authenticate as onKoa } from "@authmodes/koa";
import { AuthModesModule } from "@authmodes/nestjs";
import { createNextAuth } from "@authmodes/next";
import { getRequestListener } from "@hono/node-server";
import { discoverOAuthProtectedResourceMetadata as byV2 } from "@modelcontextprotocol/client";
import { discoverOAuthProtectedResourceMetadata as byV1 } from "@modelcontextprotocol/sdk/client/auth.js";
import { Controller, Post } from "@nestjs/common";
import { type AbstractHttpAdapter, NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import { NextRequest } from "next/server.js";
import { describe, expect, it, onTestFinished } from "vitest";
import { listen } from "./test/shops.ts";

// The mounts of docs/guides/mcp.md: the document is public, all else needs credentials.

type Mount = (auth: Auth, metadata: ProtectedResource) => Promise<string>;

async function serve(listener: RequestListener): Promise<string> {
  const { url, close } = await listen(listener);
  onTestFinished(() => close());
  return url;
}

@Controller()
class McpController {
  @Post("mcp")
  mcp(): string {
    return "{}";
  }
}

function onNest(makeAdapter: () => AbstractHttpAdapter): Mount {
  return async (auth, metadata) => {
    const module = { ...AuthModesModule.forRoot({ auth }), controllers: [McpController] };
    const app = await NestFactory.create(module, makeAdapter(), { logger: false });
    app.use(metadata.node);
    await app.listen(0, "127.0.0.1");
    onTestFinished(() => app.close());
    return app.getUrl();
  };
}

const mounts: Readonly<Record<string, Mount>> = {
  Express: (auth, metadata) => serve(express().use(metadata.node, onExpress(auth), authErrorHandler())),
  Koa: (auth, metadata) => {
    const app = new Koa();
    app.use((ctx, next) => {
      if (!metadata.paths.includes(ctx.path)) return next();
      ctx.respond = false;
      return metadata.node(ctx.req, ctx.res);
    });
    return serve(app.use(onKoa(auth)).callback());
  },
  Fastify: async (auth, metadata) => {
    const app = Fastify();
    app.addHook("onRequest", (request, reply, done) => metadata.node(request.raw, reply.raw, done));
    await app.register(authModes, { auth });
    app.post("/mcp", () => ({}));
    await app.listen({ port: 0, host: "127.0.0.1" });
    onTestFinished(() => app.close());
    return app.listeningOrigin;
  },
  "NestJS on Express": onNest(() => new ExpressAdapter()),
  "NestJS on Fastify": onNest(() => new FastifyAdapter()),
  Hono: (auth, metadata) => {
    const app = new Hono();
    app.onError((error, c) => refusal(error, c.req.raw) ?? c.text("The server failed", 500));
    app.on(["GET", "OPTIONS"], [...metadata.paths], (c) => metadata.handler(c.req.raw));
    app.use(async (c, next) => {
      await authenticate(auth, c.req.raw);
      await next();
    });
    return serve(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  },
  Next: (auth, metadata) => {
    const POST = createNextAuth(auth).withAuth(() => Promise.resolve(Response.json({})));
    const answer = (request: Request) =>
      new URL(request.url).pathname.startsWith("/.well-known/oauth-protected-resource")
        ? metadata.handler(request)
        : POST(new NextRequest(request.url, { method: "POST" }), { params: Promise.resolve({}) });
    return serve(getRequestListener(answer, { overrideGlobalObjects: false }));
  },
};

const issuer = "https://id.example.com";

describe.each(Object.entries(mounts))("the metadata on %s", (_, mount) => {
  it.each(["", "/mcp", "/public/mcp"])("of a resource at '%s' is found by clients", async (path) => {
    const resource = `https://api.example.com${path}`;
    const auth = createAuth([oidc({ issuer, audience: resource })], { resource });
    auth.onEvent(() => {});
    const url = await mount(auth, protectedResource(auth, { scopes: ["books:read"] }));

    const refused = await fetch(`${url}/mcp`, { method: "POST" });
    const wellKnown = `/.well-known/oauth-protected-resource${path}`;
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([
      401,
      `Bearer resource_metadata="https://api.example.com${wellKnown}"`,
    ]);

    const document = { resource, authorization_servers: [issuer], scopes_supported: ["books:read"] };
    for (const discover of [byV1, byV2]) {
      expect(await discover(`${url}${path}`)).toMatchObject(document);
    }
    for (const place of [wellKnown, "/.well-known/oauth-protected-resource"]) {
      const answer = await fetch(url + place, { headers: { authorization: "Bearer wrong" } });
      expect(await answer.json()).toMatchObject(document);
    }
    const preflight = await fetch(url + wellKnown, {
      method: "OPTIONS",
      headers: {
        origin: "https://app.example",
        "access-control-request-method": "GET",
        "access-control-request-headers": "mcp-protocol-version",
      },
    });
    expect([preflight.status, preflight.headers.get("access-control-allow-headers")]).toEqual([204, "*"]);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
  });
});
