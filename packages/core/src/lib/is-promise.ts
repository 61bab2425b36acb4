import type { MaybePromise } from "../types.ts";

/**
 * Whether a value is a promise, by its `then`: promises of other libraries, and of another realm as under Jest, are not
 * instances of this `Promise`, and a promise of a caller must not pass for a caller.
 * @example
 * import { isPromise } from "@authmodes/core/adapter";
 *
 * console.log(isPromise(Promise.resolve(1)), isPromise(1)); // true false
 */
export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as Partial<PromiseLike<T>> | null | undefined)?.then === "function";
}

/** Calls `next` with a value: synchronously, or once its promise is fulfilled. */
export function after<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return isPromise(value) ? Promise.resolve(value).then(next) : next(value);
}
