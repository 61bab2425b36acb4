import type { Plan } from "../project/plan.ts";
import { fastifyRoutes } from "./fastify-routes.ts";
import type { Framework } from "./framework.ts";
import { failedCode, ownServer, pathOf, recordsCode } from "./own-server.ts";

export const fastify: Framework = {
  dependency: "fastify",
  packages: ["fastify"],
  types: [],
  ...ownServer({
    appCode,
    guardLines: [
      'import { authModes } from "@authmodes/fastify";',
      'import { auth } from "./auth.js";',
      "app.register(authModes, { auth }); // in the scope of the routes to guard",
    ],
    server: {
      start: `app.listen({ port, host: "127.0.0.1" }).then((url) => console.log(url), ${failedCode});`,
      close: "app.close().then(() => process.exit())",
      httpServer: "app.server",
    },
  }),
  routes: fastifyRoutes,
};

function appCode(plan: Plan): string {
  const path = pathOf(plan);
  return `import { authModes, createAllow, getAccess, getIdentity } from "@authmodes/fastify";
import { matches } from "@authmodes/rules";
import Fastify from "fastify";
import { auth } from "./auth.js";

const allow = createAllow(auth);

${recordsCode(plan)}
export const app = Fastify();
await app.register(authModes, { auth });
app.get("/whoami", async (request) => {
  const { mode, id } = getIdentity(request);
  return { mode, id };
});
app.get("/${path}", { preHandler: allow("list", "${plan.model}") }, async (request) => {
  const { filter, mask } = getAccess(request);
  return ${path}.filter(matches(filter)).map(mask);
});
`;
}
