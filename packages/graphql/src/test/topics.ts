import type { Resolvers } from "./resolvers.ts";

/** A source of events, which remembers who listens. */
export class Topic {
  readonly #listeners = new Set<(event: unknown) => void>();
  #fail: ((error: Error) => void)[] = [];
  readonly #queues = new Set<unknown[]>();
  /** How many streams were opened so far. */
  opened = 0;

  /** How many events wait for a subscriber. */
  get waiting(): number {
    return [...this.#queues].reduce((sum, queue) => sum + queue.length, 0);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  publish(event: unknown): void {
    for (const listener of this.#listeners) listener(event);
  }

  fail(error: Error): void {
    for (const fail of this.#fail) fail(error);
  }

  readonly subscribe = (): AsyncIterableIterator<unknown> => {
    const waiting: unknown[] = [];
    let next: ((result: IteratorResult<unknown>) => void) | undefined;
    let reject: (error: Error) => void = () => undefined;
    const listener = (event: unknown): void => {
      if (next === undefined) waiting.push(event);
      else next({ done: false, value: event });
      next = undefined;
    };
    this.opened++;
    this.#queues.add(waiting);
    this.#listeners.add(listener);
    this.#fail.push((error) => reject(error));
    return {
      next: () => {
        if (waiting.length > 0) return Promise.resolve({ done: false, value: waiting.shift() });
        return new Promise((resolve, fail) => {
          next = resolve;
          reject = fail;
        });
      },
      return: () => {
        this.#listeners.delete(listener);
        this.#queues.delete(waiting);
        next?.({ done: true, value: undefined });
        return Promise.resolve({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  };
}

/** The subscriptions of the shop, each with its source. */
export class Topics {
  readonly orders: Topic = new Topic();
  readonly reviews: Topic = new Topic();
  readonly employees: Topic = new Topic();

  get resolvers(): Resolvers {
    return {
      Subscription: {
        onCreateOrder: { subscribe: this.orders.subscribe },
        onCreateReview: { subscribe: this.reviews.subscribe },
        onUpdateEmployee: { subscribe: this.employees.subscribe },
      },
    };
  }
}
