import {
  type CheckedRoute,
  type Guards,
  guardsOf,
  methodsOf,
  pathsOf,
  routeOf,
  sampleOf,
} from "../check/guards.ts";

/** A layer of @koa/router: a route, or, without methods, a middleware of those that it matches. */
interface Layer {
  readonly path: unknown;
  readonly methods: readonly string[];
  readonly stack: readonly object[];
  match(path: string): boolean;
}

/** The routes of an app of Koa in routers of @koa/router; undefined for anything else. */
export function koaRoutes(app: unknown): readonly CheckedRoute[] | undefined {
  const { middleware } = Object(app) as { readonly middleware?: unknown };
  if (!Array.isArray(middleware)) return undefined;
  const all = middleware as readonly object[];
  return all.flatMap((one, index) => {
    const { router } = one as { readonly router?: { readonly stack?: unknown } };
    const stack = router?.stack;
    return Array.isArray(stack) ? routerRoutes(stack as readonly Layer[], guardsOf(all.slice(0, index))) : [];
  });
}

function routerRoutes(stack: readonly Layer[], before: Guards): readonly CheckedRoute[] {
  return stack.flatMap((layer, index) =>
    pathsOf(layer.path).flatMap((path) => {
      const sample = sampleOf(path);
      const passed = stack.slice(0, index).filter((one) => one.methods.length === 0 && one.match(sample));
      const guards = [...before, ...guardsOf([...passed, layer].flatMap((one) => one.stack))];
      return methodsOf(layer.methods).map((method) => routeOf(method, path, guards));
    }),
  );
}
