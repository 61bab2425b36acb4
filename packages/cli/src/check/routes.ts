import { guardNoteOf } from "@authmodes/core/explain";
import type { ServedRoute } from "@authmodes/rules";
import type { Module } from "../load/module.ts";

/** A route of the app and what guards it. */
export interface CheckedRoute {
  readonly method: string;
  readonly path: string;
  /** The modes that it accepts; undefined where nobody asks who calls. */
  readonly modes: readonly string[] | undefined;
  /** What the rules are asked, where they are. */
  readonly decision: string | undefined;
}

/**
 * The routes of an app, as far as they can be told without calling it: those that a module lists as `routes`, and those
 * of an Express app that it exports as `app`.
 */
export async function routesOf(module: Module): Promise<readonly CheckedRoute[]> {
  const listed = await module["routes"];
  if (Array.isArray(listed)) return listed.map((route: unknown) => listedRoute(Object(route) as Module));
  const app: unknown = await (module["app"] ?? module["default"]);
  const stack = stackOf(app);
  return stack === undefined ? [] : stackRoutes(stack, "", []);
}

function listedRoute({ method, path, modes, decision }: Module): CheckedRoute {
  return {
    method: typeof method === "string" ? method : "GET",
    path: typeof path === "string" ? path : "?",
    modes: Array.isArray(modes) ? modes.filter((mode) => typeof mode === "string") : undefined,
    decision: typeof decision === "string" ? decision : undefined,
  };
}

type Guards = readonly { readonly modes: readonly string[]; readonly decision?: string }[];

/** A layer of Express's router: a route, a router, or a middleware. */
interface Layer {
  readonly handle: object;
  readonly route?: { readonly path: unknown; readonly methods: object; readonly stack: readonly Layer[] };
  /** Of Express 5: where it is mounted. */
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
    ...passed.filter((layer) => layer.match?.(path)).flatMap(({ handle }) => guardNoteOf(handle) ?? []),
  ];
  for (const layer of stack) {
    const { route, handle } = layer;
    const inner = route === undefined ? stackOf(handle) : undefined;
    if (route !== undefined) {
      for (const path of texts(route.path)) {
        const own = route.stack.flatMap((one) => guardNoteOf(one.handle) ?? []);
        const guards = [...guardsAt(sampleOf(path)), ...own];
        for (const method of methodsOf(route.methods)) routes.push(routeOf(method, prefix + path, guards));
      }
    } else if (inner !== undefined) {
      for (const mount of texts(layer.rawPath ?? "")) {
        const path = mount === "/" ? "" : mount;
        routes.push(...stackRoutes(inner, prefix + path, guardsAt(sampleOf(path === "" ? "/" : path))));
      }
    } else {
      passed.push(layer);
    }
  }
  return routes;
}

function texts(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).map((path: unknown) =>
    path instanceof RegExp ? path.source : String(path),
  );
}

function methodsOf(methods: object): readonly string[] {
  const names = Object.keys(methods);
  return names.includes("_all") ? ["ALL"] : names.map((name) => name.toUpperCase());
}

/** A path that the pattern matches. */
function sampleOf(path: string): string {
  return path.replaceAll(/[{}]/g, "").replaceAll(/[:*]\w+/g, "x");
}

function routeOf(method: string, path: string, guards: Guards): CheckedRoute {
  const [first, ...rest] = guards;
  const modes = rest.reduce(
    (left, { modes }) => left.filter((mode) => modes.includes(mode)),
    first?.modes ?? [],
  );
  const decision = guards.findLast((guard) => guard.decision !== undefined)?.decision;
  return { method, path, modes: first === undefined ? undefined : modes, decision };
}

/** As the rules' own check wants them: whoever has to prove who calls is decided about by the handler. */
export function servedRoutes(routes: readonly CheckedRoute[]): readonly ServedRoute[] {
  return routes.map(({ method, path, modes, decision }) => ({
    method,
    path,
    decision: decision ?? (modes === undefined ? undefined : "handler"),
  }));
}
