import type { ServedRoute } from "@authmodes/rules";
import type { Module } from "../load/module.ts";
import { expressRoutes } from "./express-routes.ts";
import type { CheckedRoute } from "./guards.ts";
import { koaRoutes } from "./koa-routes.ts";

/**
 * The routes of an app, as far as they can be told without calling it: those that a module lists as `routes`, and those
 * of an app of Express, Koa, or NestJS on Express that it exports as `app`.
 */
export async function routesOf(module: Module): Promise<readonly CheckedRoute[]> {
  const listed = await module["routes"];
  if (Array.isArray(listed)) return listed.map((route: unknown) => listedRoute(Object(route) as Module));
  const app: unknown = await (module["app"] ?? module["default"]);
  return koaRoutes(app) ?? expressRoutes(platformOf(app)) ?? [];
}

/** What a NestJS app stands on; another app stands for itself. */
function platformOf(app: unknown): unknown {
  const nest = Object(app) as { getHttpAdapter?(): { getInstance(): unknown } };
  return typeof nest.getHttpAdapter === "function" ? nest.getHttpAdapter().getInstance() : app;
}

function listedRoute({ method, path, modes, decision }: Module): CheckedRoute {
  return {
    method: typeof method === "string" ? method : "GET",
    path: typeof path === "string" ? path : "?",
    modes: Array.isArray(modes) ? modes.filter((mode) => typeof mode === "string") : undefined,
    decision: typeof decision === "string" ? decision : undefined,
  };
}

/** As the rules' own check wants them: whoever has to prove who calls is decided about by the handler. */
export function servedRoutes(routes: readonly CheckedRoute[]): readonly ServedRoute[] {
  return routes.map(({ method, path, modes, decision }) => ({
    method,
    path,
    decision: decision ?? (modes === undefined ? undefined : "handler"),
  }));
}
