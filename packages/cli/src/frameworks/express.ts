import { expressRoutes } from "./express-routes.ts";
import type { Framework } from "./framework.ts";
import { ownServer } from "./own-server.ts";

export const express: Framework = {
  dependency: "express",
  packages: ["express"],
  types: ["@types/express"],
  ...ownServer({
    adapter: "express",
    guards: "authenticate, authErrorHandler",
    guardLines: [
      "app.use(authenticate(auth)); // before the routes and the body parsers",
      "app.use(authErrorHandler()); // after the routes",
    ],
    imports: ['import express from "express";'],
    appCode: (records, model) => `export const app = express();
app.use(authenticate(auth));
app.get("/whoami", (request, response) => {
  const { mode, id } = getIdentity(request);
  response.json({ mode, id });
});
app.get("/${records}", allow("list", "${model}"), (request, response) => {
  const { filter, mask } = getAccess(request);
  response.json(${records}.filter(matches(filter)).map(mask));
});
app.use(authErrorHandler());
`,
  }),
  routes: expressRoutes,
};
