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
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Router,
} from "express";
import express4 from "express4";
import { afterAll, describe, it } from "vitest";
import {
  type Auth,
  authenticate,
  authErrorHandler,
  createAllow,
  getAccess,
  getIdentity,
  keepRawBody,
} from "./index.ts";

type Framework = typeof express;
type GuardNotes = NonNullable<AuditServer["guardNotes"]>;

const frameworks: readonly (readonly [string, Framework])[] = [
  ["Express 5", express],
  ["Express 4", express4],
];

const limit = "20mb";

/** Authentication first: parsers find the body unread. */
function authenticatesFirst(framework: Framework, audited: AuditApp): Promise<AuditServer> {
  const app = audience(framework);
  const read = framework.raw({ type: () => true, limit });
  const answer = answering(audited.auth, (request) =>
    Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
  );
  return listen(app, serveRoutes(app, framework, audited, [read, answer]));
}

/** Parsers first, which keep the bytes. */
function parsesFirst(framework: Framework, audited: AuditApp): Promise<AuditServer> {
  const bodies = new WeakMap<Request, Buffer>();
  const options = {
    limit,
    verify(request: Request, response: unknown, bytes: Buffer) {
      bodies.set(request, bytes);
      keepRawBody.verify(request, response, bytes);
    },
  };
  const app = audience(framework);
  app.use(framework.json(options), framework.urlencoded({ extended: false, ...options }));
  app.use(framework.raw({ type: () => true, ...options }));
  const answer = answering(audited.auth, (request) => bodies.get(request) ?? Buffer.alloc(0));
  return listen(app, serveRoutes(app, framework, audited, [answer]));
}

function audience(framework: Framework): Express {
  return framework().use((_request, response, next) => {
    response.set("Access-Control-Allow-Origin", "*");
    next();
  });
}

function answering(auth: Auth, bodyOf: (request: Request) => Buffer): RequestHandler {
  return (request, response) => {
    response.json(auditAnswer(getIdentity(request, auth), bodyOf(request)));
  };
}

function serveRoutes(
  app: Express,
  framework: Framework,
  { auth, routes }: AuditApp,
  handlers: readonly RequestHandler[],
): GuardNotes {
  const served = new Map(
    routes.map((route) => [
      route.path,
      [...guardsOf(route), ...(allowOf(framework, auth, route) ?? handlers)],
    ]),
  );
  const router = (): Router => {
    const router = framework.Router();
    for (const [path, all] of served) router.all(new RegExp(`^${path}(?:/.*)?$`), ...all);
    return router;
  };
  app.use("/mounted", router()).use(router()).use(authErrorHandler());
  const otherErrors: ErrorRequestHandler = (error, _request, response, _next) => {
    response.status(error.status ?? 500).send(String(error));
  };
  app.use(otherErrors);
  return (path) => served.get(path)?.flatMap((handler) => guardNoteOf(handler) ?? []) ?? [];
}

function guardsOf({ guards }: AuditRoute): readonly RequestHandler[] {
  return guards.map(({ auth, needs }) => authenticate(auth, needs));
}

function allowOf(
  framework: Framework,
  auth: Auth,
  { allow }: AuditRoute,
): readonly RequestHandler[] | undefined {
  if (allow === undefined) return undefined;
  const { operation, model, answer, load, ...options } = allow;
  return [
    framework.json(),
    createAllow(auth)(operation, model, {
      ...options,
      ...(load && { load: ({ url }, context) => load(url, context) }),
    }),
    (request, response) => void response.json(answer(getAccess(request), request.url)),
  ];
}

async function listen(app: Express, guardNotes: GuardNotes): Promise<AuditServer> {
  const server = createServer(app);
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

describe.each(frameworks)("%s", (_name, framework) => {
  describe("with authentication before parsers", () => {
    runAll(audits({ serve: (app) => authenticatesFirst(framework, app) }));
  });

  describe("with authentication behind parsers that keep the bytes", () => {
    const suite = audits({
      serve: (app) => parsesFirst(framework, app),
      exceptions: {
        "9fe3": { status: 401, because: "parsers hand on inflated bytes, and what was signed is gone" },
      },
    });
    runAll({ ...suite, audits: suite.audits.filter(({ topic }) => topic === "iam") });
  });
});
