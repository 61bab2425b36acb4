/**
 * A cache of bounded weight, in two generations: when the younger is full it becomes the older, and the older is dropped
 * as a whole. An entry that is used is copied to the younger. Deleting the oldest entries one by one would be slow: a `Map`
 * skips the holes that they leave each time it searches for the next oldest.
 * @example
 * import { Cache } from "@authmodes/core/adapter";
 *
 * const plans = new Cache<string>(10_000);
 * plans.set("alice", "free");
 * console.log(plans.get("alice")); // free
 */
export class Cache<V extends {}> {
  readonly #maxWeight: number;
  readonly #weigh: (value: V) => number;
  #younger = new Map<string, V>();
  #older = new Map<string, V>();
  /** Of the younger. */
  #weight = 0;

  /**
   * @param maxWeight of both generations together; an entry that is in both counts twice
   * @param weigh the weight of a value, which never changes; default 1
   */
  constructor(maxWeight: number, weigh: (value: V) => number = () => 1) {
    this.#maxWeight = maxWeight / 2;
    this.#weigh = weigh;
  }

  get(key: string): V | undefined {
    const value = this.#younger.get(key);
    if (value !== undefined) return value;
    const old = this.#older.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  /** A value that is heavier than half the cache is not kept. */
  set(key: string, value: V): void {
    const weight = this.#weigh(value);
    if (weight > this.#maxWeight) return this.delete(key);
    const replaced = this.#younger.get(key);
    this.#weight += weight - (replaced === undefined ? 0 : this.#weigh(replaced));
    if (this.#weight > this.#maxWeight) {
      this.#older = this.#younger;
      this.#younger = new Map();
      this.#weight = weight;
    }
    this.#younger.set(key, value);
  }

  delete(key: string): void {
    const value = this.#younger.get(key);
    if (value !== undefined) this.#weight -= this.#weigh(value);
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
