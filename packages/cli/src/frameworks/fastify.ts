import type { Plan } from "../project/plan.ts";
import { fastifyRoutes } from "./fastify-routes.ts";
import type { Framework } from "./framework.ts";
import { ownServer, pathOf, recordsCode } from "./own-server.ts";

export const fastify: Framework = {
  dependency: "fastify",
  packages: ["fastify"],
  ...ownServer(appCode),
  files: (plan) => [
    { path: `app.${plan.extension}`, text: appCode(plan) },
    { path: `server.${plan.extension}`, text: serverCode(plan) },
  ],
  routes: fastifyRoutes,
};

function appCode(plan: Plan): string {
  const path = pathOf(plan);
  return `import { authModes, createAllow, getAccess, getIdentity } from "@authmodes/fastify";
import { matches } from "@authmodes/rules";
import Fastify from "fastify";
import { auth } from "./auth.${plan.extension}";

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

function serverCode({ extension }: Plan): string {
  return `import { app } from "./app.${extension}";

const port = Number(process.env["PORT"] ?? 4000);
console.log(await app.listen({ port, host: "127.0.0.1" }));

/** Accepts no connection any more, and lets the requests in flight finish, for ten seconds at most. */
function stop() {
  app.close().then(() => process.exit());
  setTimeout(() => app.server.closeAllConnections(), 10_000).unref();
}
process.once("SIGINT", stop).once("SIGTERM", stop);
`;
}
