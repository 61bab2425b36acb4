import type { Plan } from "../project/plan.ts";
import type { Framework } from "./framework.ts";
import { koaRoutes } from "./koa-routes.ts";
import { ownServer, pathOf, recordsCode } from "./own-server.ts";

export const koa: Framework = {
  dependency: "koa",
  packages: ["koa", "@koa/router"],
  types: ["@types/koa"],
  ...ownServer({
    appCode,
    guardLines: [
      'import { authenticate } from "@authmodes/koa";',
      'import { auth } from "./auth.js";',
      "app.use(authenticate(auth)); // before the routes and the body parsers",
    ],
  }),
  routes: koaRoutes,
};

function appCode(plan: Plan): string {
  const path = pathOf(plan);
  return `import { authenticate, createAllow, getAccess, getIdentity } from "@authmodes/koa";
import { matches } from "@authmodes/rules";
import { Router } from "@koa/router";
import Koa from "koa";
import { auth } from "./auth.js";

const allow = createAllow(auth);

${recordsCode(plan)}
const router = new Router();
router.get("/whoami", (ctx) => {
  const { mode, id } = getIdentity(ctx);
  ctx.body = { mode, id };
});
router.get("/${path}", allow("list", "${plan.model}"), (ctx) => {
  const { filter, mask } = getAccess(ctx);
  ctx.body = ${path}.filter(matches(filter)).map(mask);
});

export const app = new Koa();
app.use(authenticate(auth)).use(router.routes());
`;
}
