import type { Framework } from "./framework.ts";
import { koaRoutes } from "./koa-routes.ts";
import { ownServer } from "./own-server.ts";

export const koa: Framework = {
  dependency: "koa",
  packages: ["koa", "@koa/router"],
  types: ["@types/koa"],
  ...ownServer({
    adapter: "koa",
    guards: "authenticate",
    guardLines: ["app.use(authenticate(auth)); // before the routes and the body parsers"],
    imports: ['import { Router } from "@koa/router";', 'import Koa from "koa";'],
    appCode: (records, model) => `const router = new Router();
router.get("/whoami", (ctx) => {
  const { mode, id } = getIdentity(ctx);
  ctx.body = { mode, id };
});
router.get("/${records}", allow("list", "${model}"), (ctx) => {
  const { filter, mask } = getAccess(ctx);
  ctx.body = ${records}.filter(matches(filter)).map(mask);
});

export const app = new Koa();
app.use(authenticate(auth)).use(router.routes());
`,
  }),
  routes: koaRoutes,
};
