import { fastifyRoutes } from "./fastify-routes.ts";
import type { Framework } from "./framework.ts";
import { failedCode, ownServer } from "./own-server.ts";

export const fastify: Framework = {
  dependency: "fastify",
  packages: ["fastify"],
  ...ownServer({
    adapter: "fastify",
    guards: "authModes",
    guardLines: ["app.register(authModes, { auth }); // in the scope of the routes to guard"],
    imports: ['import Fastify from "fastify";'],
    appCode: (records, model) => `export const app = Fastify();
await app.register(authModes, { auth });
app.get("/whoami", async (request) => {
  const { mode, id } = getIdentity(request);
  return { mode, id };
});
app.get("/${records}", { preHandler: allow("list", "${model}") }, async (request) => {
  const { filter, mask } = getAccess(request);
  return ${records}.filter(matches(filter)).map(mask);
});
`,
    server: {
      start: `app.listen({ port, host: "127.0.0.1" }).then((url) => console.log(url), ${failedCode});`,
      close: "app.close().then(() => process.exit())",
      httpServer: "app.server",
    },
  }),
  routes: fastifyRoutes,
};
