import { useSyncExternalStore } from "react";

/** Where one is, as the address says behind `#/`: so that links and the way back work. */
export type Route =
  | { readonly view: "modes" | "why" | "live" | "text" | "changes" }
  | { readonly view: "type"; readonly type: string; readonly field: string | undefined };

const plain = ["modes", "why", "live", "text", "changes"] as const;

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => globalThis.location.hash);
  return routeOf(hash);
}

export function go(route: Route): void {
  globalThis.location.hash = hashOf(route);
}

export function hashOf(route: Route): string {
  if (route.view !== "type") return `#/${route.view}`;
  return `#/type/${route.type}${route.field === undefined ? "" : `/${route.field}`}`;
}

export function routeOf(hash: string): Route {
  const [view = "", type, field] = hash.replace(/^#\//, "").split("/");
  if (view === "type" && type !== undefined) return { view, type, field };
  return { view: plain.find((name) => name === view) ?? "modes" };
}

function subscribe(changed: () => void): () => void {
  globalThis.addEventListener("hashchange", changed);
  return () => globalThis.removeEventListener("hashchange", changed);
}
