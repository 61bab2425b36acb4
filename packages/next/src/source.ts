import type { Auth, IdentityBase } from "@authmodes/core";
import { checkAuth } from "@authmodes/core/adapter";

/** An auth, or a function that makes it: Next loads the modules of an app also while it builds, when secrets may be missing. */
export type AuthSource<I extends IdentityBase> = Auth<I> | (() => Auth<I>);

/** An auth that is made when it is first needed. */
export class LazyAuth<I extends IdentityBase> {
  readonly get: () => Auth<I>;
  readonly #isMade: boolean;

  /** @throws TypeError if it is neither an auth nor a function; later, if the function returns no auth */
  constructor(source: AuthSource<I>) {
    this.#isMade = typeof source !== "function";
    this.get = typeof source === "function" ? once(() => checked(source())) : () => source;
    if (typeof source !== "function") checked(source);
  }

  /** A value made from the auth: immediately if the auth exists, so that mistakes show when the app starts. */
  derive<T>(make: (auth: Auth<I>) => T): () => T {
    const made = once(() => make(this.get()));
    if (this.#isMade) made();
    return made;
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function checked<I extends IdentityBase>(auth: Auth<I>): Auth<I> {
  checkAuth("createNextAuth(auth): auth, or what its function returns,", auth);
  return auth;
}
