import type { MaybePromise } from "../types.ts";

/**
 * Told by its `then`: promises of other libraries, and of another realm as under Jest, are no instances of this Promise,
 * and would be taken for the callers that they stand for.
 */
export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  const canHaveMembers = (typeof value === "object" && value !== null) || typeof value === "function";
  return canHaveMembers && "then" in value && typeof value.then === "function";
}

/** Continues with a value: synchronously, or once its promise is fulfilled. */
export function after<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return isPromise(value) ? Promise.resolve(value).then(next) : next(value);
}
