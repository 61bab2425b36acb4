interface Entry<V> {
  readonly value: V;
  readonly weight: number;
}

/**
 * A cache of bounded weight, in two generations: when the younger is full it becomes the older, and the older is dropped
 * as a whole. What is used moves to the younger. Removing the oldest entries one by one would leave holes in the map, which
 * the search for the next oldest has to skip.
 */
export class Cache<V> {
  readonly #maxWeight: number;
  #younger = new Map<string, Entry<V>>();
  #older = new Map<string, Entry<V>>();
  /** Of the younger. */
  #weight = 0;

  /** @param maxWeight of both generations together; entries without a weight of their own weigh 1 */
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

  /** What is heavier than half the cache is not kept. */
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
 * A parser that remembers the results of short texts, for parts of requests that clients send again and again. What it
 * throws is not remembered. Starts again when full: callers can fill it, and the cost is then that of parsing.
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
