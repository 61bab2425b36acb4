import express from "express";
import { audience, createBenchAuth, issuer, kind, serving } from "./setting.js";

const app = express();
app.disable("x-powered-by");

if (kind === "authmodes") {
  const adapter = await import("@authmodes/express");
  app.use(adapter.authenticate(createBenchAuth(adapter)));
  app.get("/", answer);
  app.use(adapter.authErrorHandler());
} else if (kind === "express-oauth2-jwt-bearer") {
  const { auth } = (await import("express-oauth2-jwt-bearer")).default;
  app.use(auth({ issuerBaseURL: issuer, audience, tokenSigningAlg: "RS256" }));
  app.get("/", answer);
  app.use((error, _request, response, _next) =>
    response
      .status(error.status ?? 500)
      .set(error.headers ?? {})
      .json({ code: error.code }),
  );
} else {
  // Express's own price of a middleware.
  if (kind === "empty middleware") app.use((_request, _response, next) => next());
  app.get("/", answer);
}

function answer(_request, response) {
  response.json({ ok: true });
}

const server = app.listen(0, "127.0.0.1", () => serving(server));
