/**
 * Told by its `then`: promises of other libraries, and of another realm as under Jest, are no instances of this Promise,
 * and would be taken for the callers that they stand for.
 */
export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  const canHaveMembers = (typeof value === "object" && value !== null) || typeof value === "function";
  return canHaveMembers && "then" in value && typeof value.then === "function";
}
