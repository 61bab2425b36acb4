import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type AuditApp,
  auditAnswer,
  audits,
  type AuditServer,
  type AuditSuite,
} from "@authmodes/testing/audits";
import { bodyParser } from "@koa/bodyparser";
import { Router } from "@koa/router";
import Koa, { type Middleware } from "koa";
import { afterAll, describe, it } from "vitest";
import { type Auth, authenticate, getIdentity } from "./index.ts";

const limit = "20mb";

const parser = bodyParser({ jsonLimit: limit, formLimit: limit });

/** Authentication first: parsers find the body as if nobody had read it. */
function authenticatesFirst(audited: AuditApp): Promise<AuditServer> {
  const app = audience();
  app.use(routes(audited, parser).routes());
  return listen(app);
}

/** Parsers first, which leave the bytes as a text. */
function parsesFirst(audited: AuditApp): Promise<AuditServer> {
  const app = audience();
  app.use(parser);
  app.use(routes(audited).routes());
  return listen(app);
}

function audience(): Koa {
  const app = new Koa();
  app.silent = true; // or it prints that a client left
  app.use(async (ctx, next) => {
    ctx.set("Access-Control-Allow-Origin", "*");
    await next();
  });
  return app;
}

const answering =
  (auth: Auth): Middleware =>
  async (ctx) => {
    ctx.body = auditAnswer(getIdentity(ctx, auth), await bodyOf(ctx));
  };

/** What the parser does not read, such as multipart, is there to be read. */
async function bodyOf({ req, request }: Koa.Context): Promise<Uint8Array> {
  if (request.rawBody !== undefined) return Buffer.from(request.rawBody);
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function routes({ auth, routes }: AuditApp, ...parsers: readonly Middleware[]): Router {
  const router = new Router();
  for (const { path, guards } of routes) {
    const here = [path, `${path}/{*rest}`];
    router.all(
      here,
      ...guards.map(({ auth, needs }) => authenticate(auth, needs)),
      ...parsers,
      answering(auth),
    );
  }
  return new Router().use("/mounted", router.routes()).use(router.routes());
}

async function listen(app: Koa): Promise<AuditServer> {
  const server = createServer(app.callback());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function runAll({ audits, close }: AuditSuite): void {
  afterAll(close);
  // oxlint-disable-next-line vitest/expect-expect -- the audits assert
  for (const { id, name, run } of audits) it(`${id} ${name}`, run);
}

describe("with authentication before parsers", () => {
  runAll(audits({ serve: authenticatesFirst }));
});

describe("with authentication behind parsers that leave the bytes", () => {
  const suite = audits({
    serve: parsesFirst,
    exceptions: {
      "9fe3": { status: 401, because: "parsers hand on inflated bytes, and what was signed is gone" },
    },
  });
  runAll({ ...suite, audits: suite.audits.filter(({ topic }) => topic === "iam") });
});
