import { frameworkNames, frameworks } from "../frameworks/frameworks.ts";
import type { Module } from "../load/module.ts";
import type { CheckedRoute } from "./guards.ts";

/** The routes that a module lists as `routes`, or those of the app that it exports, as far as the app shows them. */
export async function routesOf(module: Module): Promise<readonly CheckedRoute[]> {
  const listed = await module["routes"];
  if (Array.isArray(listed)) return listed.map((route: unknown) => listedRoute(Object(route) as Module));
  const app: unknown = await (module["app"] ?? module["default"]);
  for (const name of frameworkNames) {
    const routes = await frameworks[name].routes?.(app);
    if (routes !== undefined) return routes;
  }
  return [];
}

function listedRoute({ method, path, modes, decision }: Module): CheckedRoute {
  return {
    method: typeof method === "string" ? method : "GET",
    path: typeof path === "string" ? path : "?",
    modes: Array.isArray(modes) ? modes.filter((mode) => typeof mode === "string") : undefined,
    decision: typeof decision === "string" ? decision : undefined,
  };
}
