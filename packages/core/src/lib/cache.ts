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
