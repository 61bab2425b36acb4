import type { Plan } from "../project/plan.ts";
import { expressRoutes } from "./express-routes.ts";
import type { Framework } from "./framework.ts";
import { ownServer, pathOf, recordsCode } from "./own-server.ts";

export const express: Framework = {
  dependency: "express",
  packages: ["express"],
  types: ["@types/express"],
  ...ownServer({
    appCode,
    guardLines: [
      'import { authenticate, authErrorHandler } from "@authmodes/express";',
      'import { auth } from "./auth.js";',
      "app.use(authenticate(auth)); // before the routes and the body parsers",
      "app.use(authErrorHandler()); // after the routes",
    ],
  }),
  routes: expressRoutes,
};

function appCode(plan: Plan): string {
  const path = pathOf(plan);
  return `import { authenticate, authErrorHandler, createAllow, getAccess, getIdentity } from "@authmodes/express";
import { matches } from "@authmodes/rules";
import express from "express";
import { auth } from "./auth.js";

const allow = createAllow(auth);

${recordsCode(plan)}
export const app = express();
app.use(authenticate(auth));
app.get("/whoami", (request, response) => {
  const { mode, id } = getIdentity(request);
  response.json({ mode, id });
});
app.get("/${path}", allow("list", "${plan.model}"), (request, response) => {
  const { filter, mask } = getAccess(request);
  response.json(${path}.filter(matches(filter)).map(mask));
});
app.use(authErrorHandler());
`;
}
