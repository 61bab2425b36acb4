import type { Clock } from "@authmodes/core";

// Streams of events. Written as iterators, not as generators: a generator that waits for an event cannot be ended.

type Stream<T> = AsyncIterableIterator<T>;

/** The events that `pick` makes something of. */
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

/** Timers wait at most this many milliseconds. */
const longestTimer = 2 ** 31 - 1;

/**
 * The same events until a time, when the stream ends even if no event comes.
 * @param end seconds since 1970; null: without end
 */
export function until<T>(events: AsyncIterable<T>, end: number | null, clock: Clock): AsyncIterable<T> {
  if (end === null) return events;
  const source = events[Symbol.asyncIterator]();
  const over = { done: true, value: undefined } as const;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop: (() => void) | undefined;
  const ended = new Promise<void>((resolve) => (stop = resolve));

  const left = (): number => end * 1000 - clock();
  const wait = (): void => {
    if (left() <= 0) stop?.();
    else timer = setTimeout(wait, Math.min(left(), longestTimer));
  };
  const close = (): Promise<typeof over> => {
    clearTimeout(timer);
    stop?.();
    // Not waited for: a generator that waits for an event answers after that event.
    void endOf(source);
    return Promise.resolve(over);
  };
  wait();
  const stream: Stream<T> = {
    async next() {
      if (left() <= 0) return close();
      const result = await Promise.race([source.next(), ended]);
      // What arrives at the last moment is not sent either.
      if (result === undefined || left() <= 0) return close();
      if (result.done === true) clearTimeout(timer);
      return result;
    },
    return: close,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  return stream;
}

async function endOf(source: AsyncIterator<unknown>): Promise<void> {
  try {
    await source.return?.();
  } catch {
    // It has ended all the same, and nobody listens any more.
  }
}
