// One Express server in a process of its own: which one, and the provider's URL, come as arguments.
import { readFileSync } from "node:fs";
import express from "express";

const [kind, providerUrl] = process.argv.slice(2);
const audience = "https://api.example.com";
const app = express();
app.disable("x-powered-by");

if (kind === "authmodes") {
  const { authenticate, authErrorHandler, createAuth, oidc } = await import("@authmodes/express");
  const auth = createAuth([
    oidc({
      issuer: providerUrl,
      audience,
      clientId: null,
      keySet: { cooldownSeconds: 1, timeoutSeconds: 1 },
    }),
  ]);
  auth.onEvent(() => {});
  app.use(authenticate(auth));
  app.get("/", answer);
  app.use(authErrorHandler());
} else if (kind === "express-oauth2-jwt-bearer") {
  const { auth } = (await import("express-oauth2-jwt-bearer")).default;
  app.use(auth({ issuerBaseURL: providerUrl, audience, tokenSigningAlg: "RS256" }));
  app.get("/", answer);
  app.use((error, _request, response, _next) =>
    response
      .status(error.status ?? 500)
      .set(error.headers ?? {})
      .json({ code: error.code }),
  );
} else {
  app.get("/", answer);
}

function answer(_request, response) {
  response.json({ ok: true });
}

const server = app.listen(0, "127.0.0.1", () => process.send?.({ port: server.address().port }));
process.on("message", (message) => {
  if (message === "memory")
    process.send?.({
      rss: Number(/VmRSS:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0),
    });
});
