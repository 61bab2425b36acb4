import type { IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { audits, type AuditApp, type AuditServer, type AuditSuite } from "@authmodes/testing/audits";
import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";
import { afterAll, describe, it } from "vitest";
import { auditedModule, listen, notesOnExpress, notesOnFastify } from "./test/audited-app.ts";

const limit = 20 * 1024 * 1024;
const options = { logger: false, bodyParser: false, forceCloseConnections: true } as const;

/** Every body is parsed, to bytes. */
async function onExpress(audited: AuditApp): Promise<AuditServer> {
  const module = auditedModule(audited, (request: { readonly body?: unknown }) => bytesOf(request.body));
  const app = await NestFactory.create<NestExpressApplication>(module, options);
  app.useBodyParser("json", { type: isForRules });
  app.useBodyParser("raw", { type: (request) => !isForRules(request), limit });
  return listen(allowingOrigins(app), notesOnExpress(app));
}

/** Nest's own parsers read JSON and forms; the rest is still to be read. */
async function onExpressWithNestsParsers(audited: AuditApp): Promise<AuditServer> {
  const module = auditedModule(audited, async (request: IncomingMessage & { rawBody?: Buffer }) => {
    return request.rawBody ?? buffer(request);
  });
  const app = await NestFactory.create<NestExpressApplication>(module, {
    ...options,
    bodyParser: true,
    rawBody: true,
  });
  return listen(allowingOrigins(app), notesOnExpress(app));
}

async function onFastify(audited: AuditApp): Promise<AuditServer> {
  const module = auditedModule(audited, (request: { readonly body?: unknown }) => bytesOf(request.body));
  const adapter = new FastifyAdapter({ bodyLimit: limit });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, options);
  const fastify = adapter.getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser("*", { parseAs: "buffer" }, (request, body, done) => {
    done(null, isForRules(request) ? JSON.parse(String(body)) : body);
  });
  const notes = notesOnFastify(fastify);
  return listen(allowingOrigins(app), notes);
}

/** The inputs of routes with rules are JSON. */
function isForRules({ url = "" }: { readonly url?: string | undefined }): boolean {
  return url.includes("/notes/");
}

function bytesOf(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

function allowingOrigins<A extends NestExpressApplication | NestFastifyApplication>(app: A): A {
  app.use(
    (_request: unknown, response: { setHeader(name: string, value: string): void }, next: () => void) => {
      response.setHeader("Access-Control-Allow-Origin", "*");
      next();
    },
  );
  return app;
}

function runAll({ audits, close }: AuditSuite): void {
  afterAll(close);
  // Decorators have no names of options to misspell, and no app starts with @Allow() on a route that is not verified.
  const applicable = audits.filter(({ id }) => id !== "8d4c" && id !== "3fe7");
  // oxlint-disable-next-line vitest/expect-expect -- the audits assert
  for (const { id, name, run } of applicable) it(`${id} ${name}`, run);
}

describe("on Express", () => {
  runAll(audits({ serve: onExpress }));
});

describe("on Express, behind Nest's own parsers", () => {
  const suite = audits({ serve: onExpressWithNestsParsers });
  runAll({ ...suite, audits: suite.audits.filter(({ topic }) => topic === "iam") });
});

describe("on Fastify", () => {
  runAll(audits({ serve: onFastify }));
});
