import { must } from "@authmodes/core/options";
import { fromText } from "./event-text.ts";

/** Carries events from mutations to subscriptions: within a process, or between all instances of a server. */
export interface Events {
  /**
   * Sends an event to all subscribers of a topic. Rejects if it cannot be sent.
   * @param topic the name of a subscription: ASCII without spaces
   * @param event the record as the resolver returned it: plain data, with dates, bigints and bytes
   */
  publish(topic: string, event: unknown): Promise<void>;
  /**
   * Resolves when all events that are published from now on arrive. Its iterator yields a copy of each event, which
   * subscribers share. It throws `EventsLost` if events may be missing. Rejects with `EventsLost` if there is no connection.
   */
  subscribe(topic: string): Promise<AsyncIterableIterator<unknown>>;
  /** Ends all subscriptions, and closes the connection that it opened. */
  close(): Promise<void>;
}

/**
 * Events may be missing, so that the subscription ends. The client should subscribe again and read the current state.
 * `protect` sends it as `ServiceUnavailableException`.
 */
export class EventsLost extends Error {
  override readonly name = "EventsLost";

  constructor(options?: ErrorOptions) {
    super("Events may have been missed: subscribe again, and read the current state", options);
  }
}

/**
 * Texts of a channel start with their topic and a space, and PostgreSQL gets ASCII.
 * @throws TypeError
 */
export function checkTopic(topic: string): void {
  must(
    /^[\x21-\x7e]+$/.test(topic),
    "A topic of events is ASCII without spaces, such as the name of a subscription",
  );
}

/** How many events may wait for one subscriber. */
const maxWaiting = 1000;

/** The subscribers of an instance, by topic. */
export class Subscribers {
  readonly #queues = new Map<string, Set<EventQueue>>();
  #isClosed = false;

  /** @throws Error after `close` */
  checkOpen(): void {
    if (this.#isClosed) throw new Error("These events are closed.");
  }

  /** @throws Error after `close` */
  add(topic: string): AsyncIterableIterator<unknown> {
    this.checkOpen();
    checkTopic(topic);
    const queues = this.#queues.get(topic) ?? new Set();
    this.#queues.set(topic, queues);
    const queue = new EventQueue(() => {
      queues.delete(queue);
      if (queues.size === 0 && this.#queues.get(topic) === queues) this.#queues.delete(topic);
    });
    queues.add(queue);
    return queue;
  }

  /** @throws SyntaxError if the text is not an event */
  deliver(topic: string, text: string): void {
    const queues = this.#queues.get(topic);
    if (queues === undefined) return;
    const event = fromText(text);
    for (const queue of queues) queue.push(event);
  }

  /** Ends all, each after the events that wait for it. */
  end(error?: EventsLost): void {
    for (const queues of this.#queues.values()) for (const queue of queues) queue.end(error);
  }

  close(): void {
    this.#isClosed = true;
    this.end();
  }
}

type Next = IteratorResult<unknown, undefined>;

/** The events that wait for one subscriber, or the subscriber that waits for an event. */
class EventQueue implements AsyncIterableIterator<unknown, undefined> {
  readonly #leave: () => void;
  readonly #events: unknown[] = [];
  readonly #asking: ((next: Next | Promise<Next>) => void)[] = [];
  #error: EventsLost | undefined;
  #isOver = false;

  constructor(leave: () => void) {
    this.#leave = leave;
  }

  push(event: unknown): void {
    const answer = this.#asking.shift();
    if (answer !== undefined) return answer({ done: false, value: event });
    if (this.#events.push(event) <= maxWaiting) return;
    // A subscriber that is too slow must not fill the memory.
    this.#events.length = 0;
    this.end(new EventsLost());
  }

  end(error?: EventsLost): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#leave();
    this.#error = error;
    for (const answer of this.#asking) answer(this.next());
  }

  async next(): Promise<Next> {
    if (this.#events.length > 0) return { done: false, value: this.#events.shift() };
    if (!this.#isOver) return new Promise((resolve) => this.#asking.push(resolve));
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) throw error;
    return { done: true, value: undefined };
  }

  return(): Promise<Next> {
    this.end();
    this.#events.length = 0;
    this.#error = undefined;
    return this.next();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
