import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { guardNoteOf } from "@authmodes/core/inspect";
import {
  type AuditApp,
  auditAnswer,
  type AuditRoute,
  audits,
  type AuditServer,
  type AuditSuite,
} from "@authmodes/testing/audits";
import { bodyParser } from "@koa/bodyparser";
import { Router } from "@koa/router";
import Koa, { type Middleware } from "koa";
import { afterAll, describe, it } from "vitest";
import { type Auth, authenticate, createAllow, getAccess, getIdentity, type IdentityBase } from "./index.ts";

const limit = "20mb";

type State = { identity: IdentityBase };
type RouteMiddleware = Middleware<State, { readonly params: Readonly<Record<string, string>> }>;
type GuardNotes = NonNullable<AuditServer["guardNotes"]>;

const parser = bodyParser({ jsonLimit: limit, formLimit: limit });

/** Authentication first: parsers find the body unread. */
function authenticatesFirst(audited: AuditApp): Promise<AuditServer> {
  const app = audience();
  return listen(app, serveRoutes(app, audited, parser));
}

/** Parsers first, which leave the bytes as a text. */
function parsesFirst(audited: AuditApp): Promise<AuditServer> {
  const app = audience();
  app.use(parser);
  return listen(app, serveRoutes(app, audited));
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

function serveRoutes(app: Koa, { auth, routes }: AuditApp, ...parsers: readonly Middleware[]): GuardNotes {
  const served = new Map(
    routes.map((route) => {
      const guards: RouteMiddleware[] = route.guards.map(({ auth, needs }) => authenticate(auth, needs));
      return [route.path, [...guards, ...parsers, ...(allowOf(auth, route) ?? [answering(auth)])]];
    }),
  );
  const router = new Router<State>();
  for (const [path, all] of served) router.all([path, `${path}/{*rest}`], ...all);
  app.use(new Router().use("/mounted", router.routes()).use(router.routes()).routes());
  return (path) => served.get(path)?.flatMap((middleware) => guardNoteOf(middleware) ?? []) ?? [];
}

function allowOf(auth: Auth, { allow }: AuditRoute): RouteMiddleware[] | undefined {
  if (allow === undefined) return undefined;
  const { operation, model, answer, load, ...options } = allow;
  const byRule = createAllow(auth)(operation, model, {
    ...options,
    ...(load && { load: ({ url }, context) => load(url, context) }),
  });
  return [byRule, (ctx) => void (ctx.body = answer(getAccess(ctx), ctx.url))];
}

async function listen(app: Koa, guardNotes: GuardNotes): Promise<AuditServer> {
  const server = createServer(app.callback());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    guardNotes,
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
