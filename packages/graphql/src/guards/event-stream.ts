import { type Clock, type ConnectionWatch, type IdentityBase, watchConnection } from "@authmodes/core";
import { FieldRefusal } from "../field-refusal.ts";

// Streams of events. Written as iterators, not as generators: a generator that waits for an event cannot be ended.

type Stream<T> = AsyncIterableIterator<T>;

/** The last event of a stream that was ended by a guard: its resolver throws the reason, which the client reads. */
export class Ended {
  readonly reason: Error;

  constructor(reason: Error) {
    this.reason = reason;
  }
}

export function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** What `pick` makes of each event; undefined is left out. */
export function filtered<T>(
  events: AsyncIterable<unknown>,
  pick: (event: unknown) => Promise<T | undefined>,
): Stream<T> {
  const source = events[Symbol.asyncIterator]();
  return {
    async next() {
      for (;;) {
        const result = await source.next();
        if (result.done === true) return { done: true, value: undefined };
        const value = await pick(result.value);
        if (value !== undefined) return { done: false, value };
      }
    },
    async return() {
      await source.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

const over = { done: true, value: undefined } as const;

/**
 * The same events until the credentials are no longer good, even if no event comes, or the source throws a refusal. The
 * last one is `Ended`.
 */
export class EndingStream<T> implements Stream<T | Ended> {
  readonly #source: AsyncIterator<T>;
  readonly #watch: ConnectionWatch;
  readonly #ended: Promise<Ended>;
  /** Each waits for an event or the end. A race with a promise of the end would keep all events until then. */
  readonly #waiting = new Set<(ended: Ended) => void>();
  #isOver = false;

  constructor(events: AsyncIterable<T>, identity: IdentityBase, clock: Clock) {
    this.#source = events[Symbol.asyncIterator]();
    let end: (ended: Ended) => void = () => undefined;
    this.#ended = new Promise((resolve) => (end = resolve));
    void this.#ended.then((ended) => {
      for (const wake of this.#waiting) wake(ended);
    });
    this.#watch = watchConnection(identity, (reason) => end(new Ended(reason)), clock);
  }

  async next(): Promise<IteratorResult<T | Ended, undefined>> {
    if (this.#isOver) return over;
    const result = await this.#nextOrEnd();
    if (!(result instanceof Ended)) {
      if (result.done === true) return this.return();
      // What arrives at the last moment is not sent either.
      if (await this.#watch.mayStillSend()) return result;
    }
    // Closed by the client meanwhile.
    if (this.#isOver) return over;
    void this.return();
    return { done: false, value: await (result instanceof Ended ? result : this.#ended) };
  }

  #nextOrEnd(): Promise<IteratorResult<T, unknown> | Ended> {
    return new Promise((resolve, reject) => {
      const done = (): void => void this.#waiting.delete(resolve);
      this.#waiting.add(resolve);
      this.#next().then(resolve, reject).finally(done);
    });
  }

  /** Of what rejects, only our own refusals are sent to the client as a result. Anything else ends the stream too. */
  async #next(): Promise<IteratorResult<T, unknown> | Ended> {
    try {
      return await this.#source.next();
    } catch (error) {
      if (error instanceof FieldRefusal) return new Ended(error);
      void this.return();
      throw error;
    }
  }

  return(): Promise<typeof over> {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#watch.stop();
      // Not waited for: a generator that waits for an event answers after that event.
      void endOf(this.#source);
    }
    return Promise.resolve(over);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

async function endOf(source: AsyncIterator<unknown>): Promise<void> {
  try {
    await source.return?.();
  } catch {
    // It has ended all the same, and nothing listens any more.
  }
}
