import { useSyncExternalStore } from "react";

/** The place in the page, as the address says after `#/`: links and the back button work. */
export type Route =
  | { readonly view: PlainView; readonly query?: string }
  | { readonly view: "type"; readonly type: string; readonly field?: string | undefined };

export const viewNames = {
  modes: "Modes",
  why: "Why",
  live: "Decisions",
  text: "Schema text",
  changes: "Review changes",
} as const;
type PlainView = keyof typeof viewNames;

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => globalThis.location.hash);
  return routeOf(hash);
}

/** @param replaces the entry of the history, so that the back button skips it */
export function go(route: Route, replaces = false): void {
  if (replaces) globalThis.location.replace(hashOf(route));
  else globalThis.location.hash = hashOf(route);
}

export function hashOf(route: Route): string {
  if (route.view === "type")
    return `#/type/${route.type}${route.field === undefined ? "" : `/${route.field}`}`;
  const { view, query = "" } = route;
  return `#/${view}${query === "" ? "" : `?${query}`}`;
}

export function routeOf(hash: string): Route {
  const [path = "", ...rest] = hash.replace(/^#\//, "").split("?");
  const [view = "", type, field] = path.split("/");
  if (view === "type" && type !== undefined) return { view, type, field };
  return { view: isPlain(view) ? view : "modes", query: rest.join("?") };
}

function isPlain(view: string): view is PlainView {
  return Object.hasOwn(viewNames, view);
}

/** "Book.title", "Why" */
export function nameOf(route: Route): string {
  if (route.view !== "type") return viewNames[route.view];
  return route.field === undefined ? route.type : `${route.type}.${route.field}`;
}

function subscribe(changed: () => void): () => void {
  globalThis.addEventListener("hashchange", changed);
  return () => globalThis.removeEventListener("hashchange", changed);
}
