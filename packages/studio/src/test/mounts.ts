import "reflect-metadata";
import { mkdtemp, mkdir, writeFile } from "node:fs/promises";
import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Auth } from "@authmodes/core";
import { getRequestListener } from "@hono/node-server";
import { getConnInfo } from "@hono/node-server/conninfo";
import { Controller, Get, Module } from "@nestjs/common";
import { APP_GUARD, NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import express from "express";
import { Hono } from "hono";
import Koa from "koa";
import { studioOf } from "../create.ts";
import { Link } from "../link.ts";
import { checkOptions, type StudioOptions } from "../options.ts";
import { PageFiles } from "../page-files.ts";

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A studio on a server, and how to ask it. */
export interface Mounted {
  readonly url: string;
  /** The file that it shows. */
  readonly file: string;
  /** Path and query that open it. */
  readonly link: string | undefined;
  ask(path: string, asked?: Asked): Promise<Answered>;
  close(): Promise<void>;
}

/** A studio as a browser asks it after the link was opened. */
export interface Opened extends Mounted {
  /** The `Cookie` header; empty if no link opens it. */
  readonly cookie: string;
}

export async function openLink(mounted: Mounted): Promise<Opened> {
  const { link } = mounted;
  if (link === undefined) return { ...mounted, cookie: "" };
  const { headers } = await mounted.ask(link);
  const [cookie = ""] = (headers.get("set-cookie") ?? "").split(";");
  return {
    ...mounted,
    cookie,
    ask: (path, asked = {}) => mounted.ask(path, { ...asked, headers: { cookie, ...asked.headers } }),
  };
}

export type Mount = (options: MountOptions) => Promise<Mounted>;
export type MountOptions = Omit<StudioOptions, "schemaFile" | "auth"> & {
  readonly auth: Auth;
  readonly text?: string;
};

const index = '<!doctype html><title>Studio</title><script type="module" src="./assets/index-1.js"></script>';

/** A page like the built one, so that these tests need no build. */
async function prepare({ text, ...options }: MountOptions) {
  const folder = await mkdtemp(join(tmpdir(), "studio-"));
  await mkdir(join(folder, "page/assets"), { recursive: true });
  await writeFile(join(folder, "page/index.html"), index);
  await writeFile(join(folder, "page/assets/index-1.js"), "globalThis.ran = true;");
  await writeFile(join(folder, "page/assets/index-1.js.br"), "brotli");
  await writeFile(join(folder, "page/assets/index-1.js.gz"), "gzip");
  await writeFile(join(folder, "secret.html"), "not of the page");
  const file = join(folder, "schema.graphql");
  if (text !== undefined) await writeFile(file, text);
  const handler = studioOf(
    checkOptions({ on: true, ...options, schemaFile: file }),
    new PageFiles(join(folder, "page")),
    (basePath) => new Link(basePath),
  );
  return { file, link: handler.link, handler };
}

export const onExpress: Mount = async (options) => {
  const { handler, ...prepared } = await prepare(options);
  const app = express();
  app.use("/_studio", handler.node);
  app.use((_request, response) => void response.status(404).send("the app"));
  return { ...prepared, ...(await listening(createServer(app))) };
};

/** Mounted without a path, behind a parser, which is what apps do that use one everywhere. */
const behindParser: Mount = async (options) => {
  const { handler, ...prepared } = await prepare(options);
  const app = express();
  app.use(express.json({ limit: "10mb" }));
  app.use(handler.node);
  app.use((_request, response) => void response.status(404).send("the app"));
  return { ...prepared, ...(await listening(createServer(app))) };
};

const onKoa: Mount = async (options) => {
  const { handler, ...prepared } = await prepare(options);
  const app = new Koa();
  app.use(async (ctx, next) => {
    if (/^\/_studio(\/|$)/.test(ctx.path)) {
      ctx.respond = false;
      handler.node(ctx.req, ctx.res);
    } else {
      await next();
    }
  });
  return { ...prepared, ...(await listening(createServer(app.callback()))) };
};

@Controller("books")
class BooksController {
  @Get()
  list() {
    return [];
  }
}

/** Its guard rejects every request to the app. The studio works, and opens nothing else. */
@Module({
  controllers: [BooksController],
  providers: [{ provide: APP_GUARD, useValue: { canActivate: () => false } }],
})
class ClosedModule {}

function onNest(makeAdapter: () => ExpressAdapter | FastifyAdapter): Mount {
  return async (options) => {
    const { handler, ...prepared } = await prepare(options);
    const app = await NestFactory.create(ClosedModule, makeAdapter(), {
      logger: false,
      abortOnError: false,
      forceCloseConnections: true,
    });
    app.use(handler.node);
    await app.listen(0, "127.0.0.1");
    const { port } = app.getHttpServer().address() as AddressInfo;
    return { ...prepared, ...at(port), close: () => app.close() };
  };
}

export const onNestAndExpress: Mount = onNest(() => new ExpressAdapter());
export const onNestAndFastify: Mount = onNest(() => new FastifyAdapter());

const onHono: Mount = async (options) => {
  const { handler, ...prepared } = await prepare(options);
  const app = new Hono();
  app.all("/_studio/*", (c) => handler.fetch(c.req.raw, getConnInfo(c).remote.address));
  return { ...prepared, ...(await listening(createServer(getRequestListener(app.fetch)))) };
};

export const byFetch: Mount = (options) => mountByFetch(options, () => "127.0.0.1");

export const nodeMounts: readonly (readonly [string, Mount])[] = [
  ["on Express", onExpress],
  ["on Express behind a parser", behindParser],
  ["on Koa", onKoa],
  ["on NestJS and Express", onNestAndExpress],
  ["on NestJS and Fastify", onNestAndFastify],
];

export const mounts: readonly (readonly [string, Mount])[] = [
  ...nodeMounts,
  ["on Hono", onHono],
  ["by fetch", byFetch],
];

/** @param tellPeer the address of the caller */
export const mountByFetch = async (
  options: Parameters<Mount>[0],
  tellPeer: () => string | undefined,
): Promise<Mounted> => {
  const { handler, ...prepared } = await prepare(options);
  return {
    ...prepared,
    url: "http://localhost:4000",
    async ask(path, { method = "GET", headers = {}, body } = {}) {
      const request = new Request(`http://localhost:4000${path}`, {
        method,
        headers,
        ...(body !== undefined && { body }),
      });
      const answer = await handler.fetch(request, tellPeer());
      return { status: answer.status, headers: answer.headers, text: await answer.text() };
    },
    close: () => Promise.resolve(),
  };
};

async function listening(server: Server): Promise<Pick<Mounted, "url" | "ask" | "close">> {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...at(port),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function at(port: number): Pick<Mounted, "url" | "ask"> {
  return { url: `http://127.0.0.1:${port}`, ask: (path, asked) => ask(port, path, asked) };
}

/** `fetch` would not send any host or path that it is told to. */
function ask(
  port: number,
  path: string,
  { method = "GET", headers = {}, body }: Asked = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("end", () => {
        const received = new Headers();
        for (let i = 0; i < response.rawHeaders.length; i += 2) {
          received.append(response.rawHeaders[i] ?? "", response.rawHeaders[i + 1] ?? "");
        }
        resolve({ status: response.statusCode ?? 0, headers: received, text });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}
