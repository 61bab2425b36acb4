import Fastify from "fastify";
import { audience, createBenchAuth, issuer, kind, publicKey, serving } from "./setting.js";

const app = Fastify();

if (kind === "authmodes") {
  const adapter = await import("@authmodes/fastify");
  await app.register(adapter.authModes, { auth: createBenchAuth(adapter) });
} else if (kind === "@fastify/jwt") {
  const { default: jwt } = await import("@fastify/jwt");
  const verify = { algorithms: ["RS256"], allowedIss: issuer, allowedAud: audience };
  await app.register(jwt, { secret: { public: publicKey }, verify });
  app.addHook("onRequest", (request) => request.jwtVerify());
} else if (kind === "empty hook") {
  // Fastify's own price of a hook.
  app.addHook("onRequest", (_request, _reply, done) => done());
}
app.get("/", async () => ({ ok: true }));

await app.listen({ host: "127.0.0.1", port: 0 });
serving(app.server);
