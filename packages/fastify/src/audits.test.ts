import { guardNoteOf } from "@authmodes/core/inspect";
import {
  type AuditAllow,
  type AuditApp,
  auditAnswer,
  type AuditRoute,
  audits,
  type AuditServer,
  type AuditSuite,
} from "@authmodes/testing/audits";
import Fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { afterAll, describe, it } from "vitest";
import { authenticate, authModes, createAllow, getAccess, getIdentity } from "./index.ts";

type AddRoutes = (app: FastifyInstance, audited: AuditApp) => void;

/** Each route has its guards as hooks of its own. */
const guardsOfRoutes: AddRoutes = (app, { auth, routes }) => {
  for (const route of routes) {
    serve(
      app,
      route,
      auth,
      route.guards.map(({ auth, needs }) => authenticate(auth, needs)),
    );
  }
};

/** Each route is in a scope that the plugin guards, several guards in scopes within each other. */
const guardsOfScopes: AddRoutes = (app, { auth, routes }) => {
  for (const route of routes) {
    const within = (scope: FastifyInstance, left: AuditRoute["guards"]): void => {
      const [guard, ...others] = left;
      if (guard === undefined) return serve(scope, route, auth, []);
      scope.register(async (inner) => {
        inner.register(authModes, guard);
        within(inner, others);
      });
    };
    within(app, route.guards);
  }
};

function serve(
  app: FastifyInstance,
  route: AuditRoute,
  auth: AuditApp["auth"],
  onRequest: ReturnType<typeof authenticate>[],
): void {
  const { path, allow } = route;
  const byRule = allow && allowOf(allow, auth);
  for (const url of [path, `${path}/*`]) {
    app.all(url, { onRequest, ...(byRule && { preHandler: byRule }) }, async (request) => {
      if (allow !== undefined) return allow.answer(getAccess(request), request.url);
      return auditAnswer(getIdentity(request, auth), bytesOf(request));
    });
  }
}

function allowOf(
  { operation, model, answer: _answer, load, ...options }: AuditAllow,
  auth: AuditApp["auth"],
) {
  return createAllow(auth)(operation, model, {
    ...options,
    ...(load && { load: ({ url }, context) => load(url, context) }),
    input: (request) => JSON.parse(bytesOf(request).toString() || "null"),
  });
}

function bytesOf({ body }: FastifyRequest): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

function serving(addRoutes: AddRoutes): (audited: AuditApp) => Promise<AuditServer> {
  return async (audited) => {
    const app = Fastify({ bodyLimit: 20 * 1024 * 1024, forceCloseConnections: true });
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    app.addHook("onRequest", async (_request, reply) => {
      reply.header("Access-Control-Allow-Origin", "*");
    });
    const hooks = new Map<string, readonly object[]>();
    app.addHook("onRoute", ({ url, onRequest, preHandler }) => {
      hooks.set(
        url,
        [onRequest, preHandler].flat().filter((hook) => hook !== undefined),
      );
    });
    await app.register(authModes);
    for (const prefix of ["", "/mounted"]) {
      app.register(async (scope) => addRoutes(scope, audited), { prefix });
    }
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    const guardNotes = (path: string) => hooks.get(path)?.flatMap((hook) => guardNoteOf(hook) ?? []) ?? [];
    return { url, guardNotes, close: () => app.close() };
  };
}

function runAll({ audits, close }: AuditSuite): void {
  afterAll(close);
  // oxlint-disable-next-line vitest/expect-expect -- the audits assert
  for (const { id, name, run } of audits) it(`${id} ${name}`, run);
}

describe("with authenticate() as a hook of routes", () => {
  runAll(audits({ serve: serving(guardsOfRoutes) }));
});

describe("with authModes in scopes", () => {
  const suite = audits({ serve: serving(guardsOfScopes) });
  // Fastify keeps the hooks of a scope apart from those of its routes.
  runAll({ ...suite, audits: suite.audits.filter(({ id }) => id !== "0f5e") });
});
