import { isPromise } from "@authmodes/core/adapter";

/** The watchers of a store, which share one connection. It exists while there are any. */
export class Wakes {
  readonly #start: (wake: () => void) => () => void;
  readonly #watchers = new Set<() => unknown>();
  #stop: (() => void) | undefined;

  /** @param start listens, and returns what stops that */
  constructor(start: (wake: () => void) => () => void = () => () => {}) {
    this.#start = start;
  }

  watch(wake: () => void): () => void {
    // A function of its own, also if two watchers pass the same.
    const watcher = (): unknown => wake();
    this.#watchers.add(watcher);
    this.#stop ??= this.#start(() => this.wake());
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.close();
    };
  }

  wake(): void {
    for (const watcher of this.#watchers) call(watcher);
  }

  close(): void {
    this.#watchers.clear();
    this.#stop?.();
    this.#stop = undefined;
  }
}

/** A function of the app may fail. The others are called all the same, and the store is not taken for one that is down. */
function call(watcher: () => unknown): void {
  try {
    const called = watcher();
    if (isPromise(called)) called.then(undefined, report);
  } catch (error) {
    report(error);
  }
}

/** Without the message, which may quote a credential. */
function report(error: unknown): void {
  const name = error instanceof Error ? error.name : "something that is not an Error";
  console.error(`authmodes: a function given to onChange() failed with ${name}`);
}
