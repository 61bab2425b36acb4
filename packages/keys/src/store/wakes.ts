/** The watchers of a store, which share one connection. It exists while there are any. */
export class Wakes {
  readonly #start: (wake: () => void) => () => void;
  readonly #watchers = new Set<() => void>();
  #stop: (() => void) | undefined;

  /** @param start listens, and returns what stops that */
  constructor(start: (wake: () => void) => () => void = () => () => {}) {
    this.#start = start;
  }

  watch(wake: () => void): () => void {
    // A function of its own, also if two watchers pass the same.
    const watcher = () => wake();
    this.#watchers.add(watcher);
    this.#stop ??= this.#start(() => this.wake());
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.close();
    };
  }

  wake(): void {
    for (const watcher of this.#watchers) watcher();
  }

  close(): void {
    this.#watchers.clear();
    this.#stop?.();
    this.#stop = undefined;
  }
}
