import { subscribe } from "node:diagnostics_channel";
import type { FastifyInstance, RouteOptions } from "fastify";
import { type CheckedRoute, guardsOf, methodsOf, routeOf } from "../check/guards.ts";

interface AddedRoute {
  readonly scope: FastifyInstance;
  readonly path: string;
  readonly options: RouteOptions;
}

const apps = new WeakMap<object, { readonly app: FastifyInstance; readonly routes: AddedRoute[] }>();

// Fastify tells hooks of the routes that are added after them, so the first hook of each app has to be ours.
subscribe("fastify.initialization", (message) => {
  const { fastify: app } = message as { readonly fastify: FastifyInstance };
  const routes: AddedRoute[] = [];
  apps.set(app, { app, routes });
  app.addHook("onRoute", function (options) {
    routes.push({ scope: this, path: options.url, options });
  });
});

const hookNames = ["onRequest", "preParsing", "preValidation", "preHandler"] as const;
type Hooks = Readonly<Record<(typeof hookNames)[number], readonly object[]>>;

/** The routes of an app of Fastify 5, which is started and closed for it; undefined for anything else. */
export async function fastifyRoutes(app: unknown): Promise<readonly CheckedRoute[] | undefined> {
  const added = apps.get(Object(app));
  if (added === undefined) return undefined;
  await added.app.ready();
  const routes = added.routes.flatMap(({ scope, path, options }) => {
    const inherited = hooksOf(scope);
    const hooks = hookNames.flatMap((name) => [...inherited[name], ...[options[name] ?? []].flat()]);
    const guards = guardsOf([...hooks, options.handler]);
    return methodsOf([options.method].flat()).map((method) => routeOf(method, path, guards));
  });
  await added.app.close();
  return routes.filter((route) => route.method !== "HEAD" || !routes.some((other) => isHeadOf(route, other)));
}

/** The hooks of a scope, those of the scopes above it included. They are complete once the app is ready. */
function hooksOf(scope: FastifyInstance): Hooks {
  const key = Object.getOwnPropertySymbols(scope).find(({ description }) => description === "fastify.hooks");
  if (key === undefined) throw new TypeError("this version of Fastify does not show the hooks of its routes");
  return Object(scope)[key] as Hooks;
}

/** Fastify adds a HEAD route to each GET route, and serves the root of a prefix with and without a slash. */
function isHeadOf(head: CheckedRoute, get: CheckedRoute): boolean {
  const [one, other] = [head, get].map((route) => ({ ...route, path: route.path.replace(/\/$/, "") }));
  return JSON.stringify({ ...one, method: "GET" }) === JSON.stringify(other);
}
