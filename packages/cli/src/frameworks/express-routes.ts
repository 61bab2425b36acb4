import { type CheckedRoute, type Guards, guardsOf, pathsOf, routeOf, sampleOf } from "../check/guards.ts";

/** The routes of an app or a router of Express 4 and 5; undefined for anything else. */
export function expressRoutes(app: unknown): readonly CheckedRoute[] | undefined {
  const stack = stackOf(app);
  return stack && stackRoutes(stack, "", []);
}

/** A layer of Express's router: a route, a router, or a middleware. */
interface Layer {
  readonly handle: object;
  readonly route?: { readonly path: unknown; readonly methods: object; readonly stack: readonly Layer[] };
  /** The path that it is mounted on, in Express 5. */
  readonly rawPath?: unknown;
  match?(path: string): unknown;
}

/** Express 5 has `router`, Express 4 `_router`; its getter `router` throws there. */
function stackOf(app: unknown): readonly Layer[] | undefined {
  if (typeof app !== "function" && (typeof app !== "object" || app === null)) return undefined;
  const { _router: old } = app as { readonly _router?: { readonly stack?: unknown } };
  const router = old ?? ("router" in app ? (app.router as { readonly stack?: unknown }) : undefined);
  const stack = router?.stack ?? ("stack" in app ? app.stack : undefined);
  return Array.isArray(stack) ? (stack as readonly Layer[]) : undefined;
}

function stackRoutes(stack: readonly Layer[], prefix: string, inherited: Guards): readonly CheckedRoute[] {
  const routes: CheckedRoute[] = [];
  const passed: Layer[] = [];
  const guardsAt = (path: string): Guards => [
    ...inherited,
    ...guardsOf(passed.filter((layer) => layer.match?.(path)).map(({ handle }) => handle)),
  ];
  for (const layer of stack) {
    const { route, handle } = layer;
    const inner = route === undefined ? stackOf(handle) : undefined;
    if (route !== undefined) {
      for (const path of pathsOf(route.path)) {
        const own = guardsOf(route.stack.map((one) => one.handle));
        const guards = [...guardsAt(sampleOf(path)), ...own];
        for (const method of methodsOf(route.methods)) routes.push(routeOf(method, prefix + path, guards));
      }
    } else if (inner !== undefined) {
      for (const mount of pathsOf(layer.rawPath ?? "")) {
        const path = mount === "/" ? "" : mount;
        routes.push(...stackRoutes(inner, prefix + path, guardsAt(sampleOf(path === "" ? "/" : path))));
      }
    } else {
      passed.push(layer);
    }
  }
  return routes;
}

function methodsOf(methods: object): readonly string[] {
  const names = Object.keys(methods);
  return names.includes("_all") ? ["ALL"] : names.map((name) => name.toUpperCase());
}
