import { cors, countBytes, describeIdentity, errorReply, HttpError, type Shop } from "@authmodes/bookstore";
import { authenticate, authErrorHandler, corsHeaders, getIdentity, getView } from "@authmodes/express";
import express, { type ErrorRequestHandler, type Express } from "express";
import { createShopAuth } from "./auth.ts";

/** The bookstore on Express. */
export function createServer(shop: Shop): Express {
  const auth = createShopAuth(shop);
  const app = express().disable("x-powered-by").disable("etag");
  app.use(shop.page, shop.log(auth), cors(corsHeaders(auth)));

  app.get("/health", (_request, response) => {
    response.json({ ok: true });
  });

  app.use("/public", authenticate(auth));
  app.get("/public/ping", (request, response) => {
    response.json({ mode: getIdentity(request).mode });
  });

  app.use("/suppliers", authenticate(auth.only("userPool"), { groups: ["Librarians"] }));
  app.get("/suppliers/:mode", async (request, response) => {
    response.json(await shop.askSupplier(request.params.mode, getView(request)));
  });

  // From here on somebody has to be known.
  app.use(["/whoami", "/books"], authenticate(auth.only("apiKey", "iam", "userPool", "oidc", "lambda")));

  app.use("/whoami", async (request, response) => {
    response.json({ ...describeIdentity(getIdentity(request)), bytes: await countBytes(request) });
  });

  app.get("/books", async (request, response) => {
    response.json(await shop.books.list(getIdentity(request), request.url));
  });

  app.get("/books/:id", async (request, response) => {
    response.json(await shop.books.get(getIdentity(request), request.params.id));
  });

  app.use((_request, _response, next) => next(new HttpError(404, "There is no such route")));
  app.use(authErrorHandler(), errorHandler(shop));
  return app;
}

/** What is wrong with a request besides its credentials. */
function errorHandler({ errorFormat }: Shop): ErrorRequestHandler {
  return (error, _request, response, next) => {
    if (response.headersSent) return next(error);
    const { status, headers, body } = errorReply(error, errorFormat);
    response.status(status).set(headers).send(body);
  };
}
