const window = 60_000;

/** Limits the number of uses in any minute. Times are milliseconds since 1970. */
export class Budget {
  readonly #size: number;
  /** The times of the latest uses, oldest first. */
  readonly #uses: number[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  /** Takes a use, if one is left. */
  take(now: number): boolean {
    if (this.wait(now) > 0) return false;
    this.#uses.push(now);
    if (this.#uses.length > this.#size) this.#uses.shift();
    return true;
  }

  /** The time until a use is left. Setting the clock back frees the uses after its new time. */
  wait(now: number): number {
    const [oldest] = this.#uses;
    if (oldest === undefined || this.#uses.length < this.#size) return 0;
    return Math.max(0, window - Math.abs(now - oldest));
  }
}
