import {
  type AuditApp,
  auditAnswer,
  audits,
  type AuditServer,
  type AuditSuite,
} from "@authmodes/testing/audits";
import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, describe, it } from "vitest";
import { authenticate, authModes, getIdentity } from "./index.ts";

type AddRoutes = (app: FastifyInstance, audited: AuditApp) => void;

/** Each route has its guards as hooks of its own. */
const guardsOfRoutes: AddRoutes = (app, { auth, routes }) => {
  for (const { path, guards } of routes) {
    serve(
      app,
      path,
      auth,
      guards.map(({ auth, needs }) => authenticate(auth, needs)),
    );
  }
};

/** Each route is in a scope that the plugin guards, several guards in scopes within each other. */
const guardsOfScopes: AddRoutes = (app, { auth, routes }) => {
  for (const { path, guards } of routes) {
    const within = (scope: FastifyInstance, left: typeof guards): void => {
      const [guard, ...others] = left;
      if (guard === undefined) return serve(scope, path, auth, []);
      scope.register(async (inner) => {
        inner.register(authModes, guard);
        within(inner, others);
      });
    };
    within(app, guards);
  }
};

function serve(
  app: FastifyInstance,
  path: string,
  auth: AuditApp["auth"],
  onRequest: ReturnType<typeof authenticate>[],
): void {
  for (const url of [path, `${path}/*`]) {
    app.all(url, { onRequest }, async (request) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      return auditAnswer(getIdentity(request, auth), body);
    });
  }
}

function serving(addRoutes: AddRoutes): (audited: AuditApp) => Promise<AuditServer> {
  return async (audited) => {
    const app = Fastify({ bodyLimit: 20 * 1024 * 1024, forceCloseConnections: true });
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    app.addHook("onRequest", async (_request, reply) => {
      reply.header("Access-Control-Allow-Origin", "*");
    });
    await app.register(authModes);
    for (const prefix of ["", "/mounted"]) {
      app.register(async (scope) => addRoutes(scope, audited), { prefix });
    }
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    return { url, close: () => app.close() };
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
  runAll(audits({ serve: serving(guardsOfScopes) }));
});
