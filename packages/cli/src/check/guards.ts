import { type GuardNote, guardNoteOf } from "@authmodes/core/inspect";

/** A route of the app and what guards it. */
export interface CheckedRoute {
  readonly method: string;
  readonly path: string;
  /** The modes that it accepts; undefined if it does not authenticate. */
  readonly modes: readonly string[] | undefined;
  /** The question to the rules, if they are asked. */
  readonly decision: string | undefined;
}

/** Whether it authenticates or asks the rules. */
export function isGuarded({ modes, decision }: CheckedRoute): boolean {
  return modes !== undefined || decision !== undefined;
}

/** The guards before a route, in the order in which they run. */
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

/** A path that matches a pattern. */
export function sampleOf(path: string): string {
  return path.replaceAll(/[{}]/g, "").replaceAll(/[:*]\w+/g, "x");
}

/** The paths of one pattern or of several. */
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
