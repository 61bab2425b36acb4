import { type Clock, type ConnectionWatch, type IdentityBase, watchConnection } from "@authmodes/core";
import { EventsLost } from "../events/events.ts";
import { FieldRefusal } from "../field-refusal.ts";

// Streams of events, written as iterators, since a generator that waits for an event cannot be ended.

/** The last event of a stream that a guard ended. Its resolver throws the reason, which the client receives. */
export class Ended {
  readonly reason: Error;

  constructor(reason: Error) {
    this.reason = reason;
  }
}

export function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** Maps each event with `pick`, and drops undefined. */
export function filtered<T>(
  events: AsyncIterable<unknown>,
  pick: (event: unknown) => Promise<T | undefined>,
): AsyncIterableIterator<T> {
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
 * The same events until the credentials expire or are revoked, even while no event comes, or until the source throws a
 * `FieldRefusal` or `EventsLost`. The last event is then `Ended`.
 */
export class EndingStream<T> implements AsyncIterableIterator<T | Ended> {
  readonly #source: AsyncIterator<T>;
  readonly #watch: ConnectionWatch;
  readonly #ended: Promise<Ended>;
  /** Those that wait for an event or the end. Promise.race with the end would keep all events in memory until then. */
  readonly #waiting = new Set<(ended: Ended) => void>();
  #isOver = false;

  constructor(events: AsyncIterable<T>, identity: IdentityBase, clock: Clock) {
    this.#source = events[Symbol.asyncIterator]();
    let end: (ended: Ended) => void = () => undefined;
    this.#ended = new Promise((resolve) => (end = resolve));
    void this.#ended.then((ended) => {
      for (const wake of this.#waiting) wake(ended);
    });
    try {
      this.#watch = watchConnection(identity, (reason) => end(new Ended(reason)), clock);
    } catch (error) {
      void endOf(this.#source);
      throw error;
    }
  }

  async next(): Promise<IteratorResult<T | Ended, undefined>> {
    if (this.#isOver) return over;
    const result = await this.#nextOrEnd();
    if (!(result instanceof Ended)) {
      if (result.done === true) return this.return();
      // The credentials may have expired while the event was on its way.
      if (await this.#watch.mayStillSend()) return result;
    }
    // The client closed the stream meanwhile.
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

  /** Only a `FieldRefusal` and `EventsLost` become a result for the client. Any other error ends the stream. */
  async #next(): Promise<IteratorResult<T, unknown> | Ended> {
    try {
      return await this.#source.next();
    } catch (error) {
      if (error instanceof FieldRefusal || error instanceof EventsLost) return new Ended(error);
      void this.return();
      throw error;
    }
  }

  return(): Promise<typeof over> {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#watch.stop();
      // Not awaited, since a generator that waits for an event returns only after that event.
      void endOf(this.#source);
    }
    return Promise.resolve(over);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Ends a source. Never rejects. */
export async function endOf(source: AsyncIterator<unknown>): Promise<void> {
  try {
    await source.return?.();
  } catch {
    // The stream is over in any case.
  }
}
