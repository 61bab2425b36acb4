import {
  cors,
  countBytes,
  describeIdentity,
  errorReply,
  HttpError,
  type HttpReply,
  maxBodyBytes,
  type Shop,
  type ShopModel,
} from "@authmodes/app-shared";
import {
  type Allow,
  type Auth,
  authenticate,
  authErrorHandler,
  corsHeaders,
  createAllow,
  getAccess,
  getIdentity,
  getView,
  type Identity,
  protectedResource,
} from "@authmodes/express";
import { createAuthFetch, outbound } from "@authmodes/express/outbound";
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from "express";
import { createShopAuth, identifying } from "./auth.ts";

/** The bookstore on Express. */
export function createServer(shop: Shop, auth: Auth<Identity> = createShopAuth(shop)): Express {
  const app = express().disable("x-powered-by").disable("etag");
  app.use(shop.page, shop.log(auth)); // of the demo
  app.use(cors(corsHeaders(auth)));
  // Tells MCP clients how to sign in.
  if (shop.errorFormat !== "appsync") app.use(protectedResource(auth).node);

  app.get("/health", (_request, response) => {
    response.json({ ok: true });
  });

  app.use("/public", authenticate(auth));
  app.get("/public/ping", (request, response) => {
    response.json({ mode: getIdentity(request).mode });
  });

  app.use("/suppliers", authenticate(auth.only("userPool"), { groups: ["Librarians"] }));
  app.get("/suppliers/:mode", async (request, response) => {
    const { mode } = request.params;
    const { origin, urlFor, sourceFor } = shop.supplier;
    const source = mode === "forward" ? outbound.forward(getView(request)) : sourceFor(mode);
    const callSupplier = createAuthFetch(source, { origins: [origin] }); // no other origin gets the credentials
    const answer = await callSupplier(urlFor(mode));
    response.json({ status: answer.status, body: await answer.json() });
  });

  // Requests without credentials are rejected from here on.
  const known = auth.only(...identifying);
  const paths = ["/whoami", "/graphql", "/mcp", ...shop.models.map((model) => model.path)];
  app.use(paths, authenticate(known));

  app.use("/whoami", async (request, response) => {
    response.json({ ...describeIdentity(getIdentity(request)), bytes: await countBytes(request) });
  });

  app.post("/graphql", express.json({ limit: maxBodyBytes }), async (request, response) => {
    send(response, await shop.graphql(known, getView(request), request.body));
  });

  app.all("/mcp", express.json({ limit: maxBodyBytes }), async (request, response) => {
    send(response, await shop.mcp(known, getView(request), request.body));
  });

  const allow = createAllow(known);
  for (const model of shop.models) serveModel(app, model, allow);

  app.use((_request, _response, next) => next(new HttpError(404, "There is no such route")));
  app.use(authErrorHandler(), errorHandler(shop));
  return app;
}

/**
 * The routes of a model. `allow` asks its rules in schema.graphql, such as `type Order @auth(rules: [{ allow: owner }])`:
 * a handler runs only if they allow the request.
 */
function serveModel(app: Express, { name, path, records }: ShopModel, allow: Allow): void {
  const json = express.json({ limit: maxBodyBytes });
  const one = `${path}/:id`;
  const idOf = (request: Request) => String(request.params["id"]);
  const load = (request: Request) => records.get(idOf(request));

  app.get(path, allow("list", name), async (request, response) => {
    const { filter, mask } = getAccess(request);
    const { items, cursor } = await records.list(filter, request.url);
    response.json({ items: items.map(mask), cursor });
  });

  app.post(path, json, allow("create", name), async (request, response) => {
    const { input, mask } = getAccess(request);
    response.status(201).json(mask(await records.create(input)));
  });

  app.get(one, allow("get", name, { load }), (request, response) => {
    const { record, mask } = getAccess(request);
    response.json(mask(record));
  });

  app.patch(one, json, allow("update", name, { load }), async (request, response) => {
    const { input, filter, mask } = getAccess(request);
    response.json(mask(await records.update(idOf(request), input, filter)));
  });

  app.delete(one, allow("delete", name, { load }), async (request, response) => {
    await records.remove(idOf(request), getAccess(request).filter);
    response.status(204).end();
  });
}

/** Answers errors that are not about credentials. */
function errorHandler({ errorFormat }: Shop): ErrorRequestHandler {
  return (error, _request, response, next) => {
    if (response.headersSent) return next(error);
    send(response, errorReply(error, errorFormat));
  };
}

function send(response: Response, { status, headers, body }: HttpReply): void {
  response.status(status).set(headers).send(body);
}
