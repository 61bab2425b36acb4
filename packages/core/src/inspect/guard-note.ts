/** What a guard of an adapter asks of a request, for tools that list an app's routes. */
export interface GuardNote {
  /** The modes that it accepts. */
  readonly modes: readonly string[];
  /** What it asks the rules, in words: `get Book`. */
  readonly decision?: string;
}

/** By a name that all copies of this module share. */
export const guardNoteKey: unique symbol = Symbol.for("@authmodes/core: guard");

/** NestJS copies the metadata of a handler to what it serves the route by. */
const metadata = Object(Reflect) as { readonly getMetadata?: (key: symbol, target: object) => unknown };

/** Notes on a middleware what it asks. */
export function noteGuard<F extends object>(guard: F, note: GuardNote): F {
  return Object.defineProperty(guard, guardNoteKey, { value: note });
}

export function guardNoteOf(guard: object): GuardNote | undefined {
  const own = (guard as { readonly [guardNoteKey]?: GuardNote })[guardNoteKey];
  return own ?? (metadata.getMetadata?.(guardNoteKey, guard) as GuardNote | undefined);
}
