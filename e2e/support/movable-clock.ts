/** The time of this machine, and a way to be later. */
export class MovableClock {
  #ahead = 0;

  readonly now = (): number => Date.now() + this.#ahead;

  advance(seconds: number): void {
    this.#ahead += seconds * 1000;
  }
}
