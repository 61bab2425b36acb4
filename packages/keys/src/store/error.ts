/**
 * A store cannot be used. The message names the store; `trouble` says what is wrong without the name, for a text that names
 * the store already. A store of your own can throw it, for example if the messages of its client could hold a password.
 * @example
 * const store = "SQLite at /srv/keys.db";
 * try {
 *   throw new StoreError(store, "the disk is full");
 * } catch (error) {
 *   if (!(error instanceof StoreError)) throw error;
 *   console.error(error.message); // The SQLite at /srv/keys.db cannot be used: the disk is full
 *   console.error(error.trouble); // the disk is full
 * }
 */
export class StoreError extends Error {
  override readonly name = "StoreError";
  /** What is wrong, without the store's name. */
  readonly trouble: string;

  /**
   * @param store the name of the store, without secrets
   * @param trouble what is wrong, in lower case and without a full stop at the end
   * @param options.advice what to do, in sentences: the message ends with it, and `trouble` is without it
   */
  constructor(store: string, trouble: string, options: ErrorOptions & { readonly advice?: string } = {}) {
    const { advice, ...rest } = options;
    super(`The ${store} cannot be used: ${trouble}${advice === undefined ? "" : `. ${advice}`}`, rest);
    this.trouble = trouble;
  }
}

/** What is wrong with a store, whatever it threw. */
export function troubleOf(thrown: unknown): string {
  if (thrown instanceof StoreError) return thrown.trouble;
  // An error of several addresses has no message of its own.
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return troubleOf(thrown.errors[0]);
  if (thrown instanceof Error) return thrown.message.replace(/\.$/, "") || thrown.name;
  return typeof thrown === "string" ? thrown : "it failed with something that is not an Error";
}

/** @returns what was thrown if it is a `StoreError`, else one about it */
export function storeErrorOf(store: string, thrown: unknown): StoreError {
  if (thrown instanceof StoreError) return thrown;
  const advice = "Check that its server runs, and that the host, port, user and password are right.";
  return new StoreError(store, troubleOf(thrown), { cause: thrown, advice });
}

/**
 * Asks a store, and bounds the wait. The timer of core's `within` would let a command end that waits for its store.
 * In quarters: if this process was too busy to read the answer, one quarter is over and the answer has the others. Otherwise
 * a busy process would take a good store for one that is down.
 * @throws StoreError if the store fails or takes longer
 */
export async function inTime<T>(store: string, ask: () => Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const wait = (quarters: number): void => {
      if (quarters === 0) reject(new Error(`it did not answer within ${ms / 1000} seconds`));
      else timer = setTimeout(() => wait(quarters - 1), ms / 4);
    };
    wait(4);
  });
  try {
    return await Promise.race([ask(), late]);
  } catch (error) {
    throw storeErrorOf(store, error);
  } finally {
    clearTimeout(timer);
  }
}

/** The code of an error of the system or of Node: `ENOENT`. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
