import {
  cors,
  countBytes,
  describeIdentity,
  errorReply,
  HttpError,
  type HttpReply,
  maxBodyBytes,
  type Middleware,
  type Shop,
  type ShopModel,
} from "@authmodes/app-shared";
import {
  type Allow,
  type Auth,
  authModes,
  type AuthTypeProvider,
  corsHeaders,
  createAllow,
  getAccess,
  getView,
  type Identity,
  protectedResource,
} from "@authmodes/fastify";
import { createAuthFetch, outbound } from "@authmodes/fastify/outbound";
import Fastify, { type FastifyInstance, type FastifyReply, type onRequestHookHandler } from "fastify";
import { createShopAuth, identifying } from "./auth.ts";

type ById = { readonly Params: { readonly id: string } };

/** The bookstore on Fastify. */
export function createServer(shop: Shop, auth: Auth<Identity> = createShopAuth(shop)): FastifyInstance {
  const fail = (error: Error, reply: FastifyReply) =>
    send(reply, errorReply(asHttpError(error), shop.errorFormat));
  const app = Fastify({
    bodyLimit: maxBodyBytes,
    frameworkErrors: (_error, _request, reply) =>
      fail(new HttpError(400, "The path cannot be decoded"), reply),
  });
  app.addHook("onRequest", connect(shop.page)); // of the demo
  app.addHook("onRequest", connect(shop.log(auth))); // of the demo
  app.addHook("onRequest", connect(cors(corsHeaders(auth))));
  // Tells MCP clients how to sign in.
  if (shop.errorFormat !== "appsync") app.addHook("onRequest", connect(protectedResource(auth).node));
  // A body that is not JSON counts as no input.
  app.addContentTypeParser("*", (_request, payload, done) => {
    payload.resume();
    done(null);
  });
  app.setErrorHandler((error: Error, _request, reply) => fail(error, reply));
  app.setNotFoundHandler((_request, reply) => fail(new HttpError(404, "There is no such route"), reply));

  app.get("/health", async () => ({ ok: true }));

  app.register(async (scope) => {
    scope.register(authModes, { auth });
    scope.get("/public/ping", async ({ identity }) => ({ mode: identity.mode }));
  });

  app.register(async (scope) => {
    scope.register(authModes, { auth: auth.only("userPool"), needs: { groups: ["Librarians"] } });
    scope.get<{ Params: { mode: string } }>("/suppliers/:mode", async (request) => {
      const { mode } = request.params;
      const { origin, urlFor, sourceFor } = shop.supplier;
      const source = mode === "forward" ? outbound.forward(getView(request)) : sourceFor(mode);
      const callSupplier = createAuthFetch(source, { origins: [origin] }); // no other origin gets the credentials
      const answer = await callSupplier(urlFor(mode));
      return { status: answer.status, body: await answer.json() };
    });
  });

  // Requests without credentials are rejected from here on.
  const known = auth.only(...identifying);
  app.register(async (scope) => {
    await scope.register(authModes, { auth: known });
    scope.register(serveWhoami);
    scope.post("/graphql", async (request, reply) =>
      send(reply, await shop.graphql(known, getView(request), request.body)),
    );
    scope.all("/mcp", async (request, reply) =>
      send(reply, await shop.mcp(known, getView(request), request.body)),
    );
    const allow = createAllow(known);
    for (const model of shop.models) serveModel(scope, model, allow);
  });
  return app;
}

/** Counts the bytes of each body itself: none is parsed. */
async function serveWhoami(scope: FastifyInstance): Promise<void> {
  const app = scope.withTypeProvider<AuthTypeProvider<Auth<Identity>>>();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
  for (const path of ["/whoami", "/whoami/*"]) {
    app.all(path, async ({ identity, raw }) => ({
      ...describeIdentity(identity),
      bytes: await countBytes(raw),
    }));
  }
}

/**
 * The routes of a model. `allow` asks its rules in schema.graphql, such as `type Order @auth(rules: [{ allow: owner }])`:
 * a handler runs only if they allow the request.
 */
function serveModel(app: FastifyInstance, { name, path, records }: ShopModel, allow: Allow): void {
  const one = `${path}/:id`;
  const load = ({ params }: { readonly params: ById["Params"] }) => records.get(params.id);

  app.get(path, { preHandler: allow("list", name) }, async (request) => {
    const { filter, mask } = getAccess(request);
    const { items, cursor } = await records.list(filter, request.url);
    return { items: items.map(mask), cursor };
  });

  app.post(path, { preHandler: allow("create", name) }, async (request, reply) => {
    const { input, mask } = getAccess(request);
    return reply.code(201).send(mask(await records.create(input)));
  });

  app.get<ById>(one, { preHandler: allow("get", name, { load }) }, async (request) => {
    const { record, mask } = getAccess(request);
    return mask(record);
  });

  app.patch<ById>(one, { preHandler: allow("update", name, { load }) }, async (request) => {
    const { input, filter, mask } = getAccess(request);
    return mask(await records.update(request.params.id, input, filter));
  });

  app.delete<ById>(one, { preHandler: allow("delete", name, { load }) }, async (request, reply) => {
    await records.remove(request.params.id, getAccess(request).filter);
    return reply.code(204).send();
  });
}

function send(reply: FastifyReply, { status, headers, body }: HttpReply): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}

/** Fastify's errors about a body are for the client. */
function asHttpError(error: Error & { readonly statusCode?: number }): Error {
  const { statusCode = 500, message } = error;
  return statusCode < 500 ? new HttpError(statusCode, message) : error;
}

/** Adapts a Connect middleware. If it answers itself, the request ends there. */
function connect(middleware: Middleware): onRequestHookHandler {
  return ({ raw }, reply, done) => {
    middleware(raw, reply.raw, (error) => done(error instanceof Error ? error : undefined));
  };
}
