interface Entry<V> {
  readonly value: V;
  readonly weight: number;
}

/**
 * A cache of bounded weight, in two generations: when the younger is full it becomes the older, and the older is dropped
 * as a whole. An entry that is used moves to the younger. Deleting the oldest entries one by one would be slow: a `Map`
 * skips the holes that they leave each time it searches for the next oldest.
 * @example
 * import { Cache } from "@authmodes/core/adapter";
 *
 * const plans = new Cache<string>(10_000);
 * plans.set("alice", "free");
 * console.log(plans.get("alice")); // free
 */
export class Cache<V> {
  readonly #maxWeight: number;
  #younger = new Map<string, Entry<V>>();
  #older = new Map<string, Entry<V>>();
  /** Of the younger. */
  #weight = 0;

  /** @param maxWeight of both generations together; an entry's default weight is 1 */
  constructor(maxWeight: number) {
    this.#maxWeight = maxWeight / 2;
  }

  get(key: string): V | undefined {
    const entry = this.#younger.get(key);
    if (entry !== undefined) return entry.value;
    const old = this.#older.get(key);
    if (old !== undefined) this.set(key, old.value, old.weight);
    return old?.value;
  }

  /** An entry that is heavier than half the cache is not kept. */
  set(key: string, value: V, weight = 1): void {
    this.delete(key);
    if (weight > this.#maxWeight) return;
    if (this.#weight + weight > this.#maxWeight) {
      this.#older = this.#younger;
      this.#younger = new Map();
      this.#weight = 0;
    }
    this.#younger.set(key, { value, weight });
    this.#weight += weight;
  }

  delete(key: string): void {
    this.#weight -= this.#younger.get(key)?.weight ?? 0;
    this.#younger.delete(key);
    this.#older.delete(key);
  }
}

const maxMemos = 100;
/** In characters. */
const maxMemoLength = 512;

/**
 * Caches the results of a parser for short texts, which clients send again and again. Errors are not cached. The cache is
 * cleared when it is full: callers can fill it, but only slow it down to the cost of parsing.
 */
export function memoized<T>(parse: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const parsed = parse(text);
    if (known.size >= maxMemos) known.clear();
    if (text.length <= maxMemoLength) known.set(text, parsed);
    return parsed;
  };
}
