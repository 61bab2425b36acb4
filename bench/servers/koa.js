import Koa from "koa";
import { audience, createBenchAuth, issuer, kind, publicKey, serving } from "./setting.js";

const app = new Koa();
app.silent = true;

if (kind === "authmodes") {
  const adapter = await import("@authmodes/koa");
  app.use(adapter.authenticate(createBenchAuth(adapter)));
} else if (kind === "koa-jwt") {
  const { default: jwt } = await import("koa-jwt");
  app.use(jwt({ secret: publicKey, algorithms: ["RS256"], issuer, audience }));
} else if (kind === "empty middleware") {
  // Koa's own price of a middleware.
  app.use(async (_ctx, next) => next());
}
app.use((ctx) => {
  ctx.body = { ok: true };
});

const server = app.listen(0, "127.0.0.1", () => serving(server));
