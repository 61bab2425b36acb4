/** What was thrown, as an error. */
export function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** What the work returns, or the error that it throws. */
export function attempt<T>(work: () => T): T | Error {
  try {
    return work();
  } catch (error) {
    return errorOf(error);
  }
}
