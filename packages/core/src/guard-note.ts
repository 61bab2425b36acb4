/** What a guard of an adapter asks of a request, for tools that list an app's routes. */
export interface GuardNote {
  /** The modes that it accepts. */
  readonly modes: readonly string[];
  /** What it asks the rules, in words: `get Book`. */
  readonly decision?: string;
}

/** By a name that all copies of this module share. */
const key = Symbol.for("@authmodes/core: guard");

/** Notes on a middleware what it asks. */
export function noteGuard<F extends object>(guard: F, note: GuardNote): F {
  return Object.defineProperty(guard, key, { value: note });
}

export function guardNoteOf(guard: object): GuardNote | undefined {
  return (guard as { readonly [key]?: GuardNote })[key];
}
