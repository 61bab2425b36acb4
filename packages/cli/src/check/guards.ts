import { type GuardNote, guardNoteOf } from "@authmodes/core/inspect";

/** A route of the app and what guards it. */
export interface CheckedRoute {
  readonly method: string;
  readonly path: string;
  /** The modes that it accepts; undefined if it does not ask who calls. */
  readonly modes: readonly string[] | undefined;
  /** What the rules are asked, if they are. */
  readonly decision: string | undefined;
}

/** Whether it asks who calls, or the rules. */
export function isGuarded({ modes, decision }: CheckedRoute): boolean {
  return modes !== undefined || decision !== undefined;
}

/** What is asked on the way to a route, the first first. */
export type Guards = readonly GuardNote[];

export function guardsOf(middlewares: readonly object[]): Guards {
  return middlewares.flatMap((middleware) => guardNoteOf(middleware) ?? []);
}

export function routeOf(method: string, path: string, guards: Guards): CheckedRoute {
  const [first, ...rest] = guards;
  const modes = rest.reduce(
    (left, { modes }) => left.filter((mode) => modes.includes(mode)),
    first?.modes ?? [],
  );
  const decision = guards.findLast((guard) => guard.decision !== undefined)?.decision;
  return { method, path, modes: first === undefined ? undefined : modes, decision };
}

/** A path that the pattern matches. */
export function sampleOf(path: string): string {
  return path.replaceAll(/[{}]/g, "").replaceAll(/[:*]\w+/g, "x");
}

/** Of a pattern, or of several. */
export function pathsOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).map((path: unknown) =>
    path instanceof RegExp ? path.source : String(path),
  );
}

const common = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** The methods of a route: `ALL` if it serves the common ones. A route for GET serves HEAD too. */
export function methodsOf(methods: readonly string[]): readonly string[] {
  if (common.every((method) => methods.includes(method))) return ["ALL"];
  return methods.filter((method) => method !== "HEAD" || !methods.includes("GET"));
}
