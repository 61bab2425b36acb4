import { isPromise } from "@authmodes/core/adapter";
import type { Events } from "./events.ts";

/** Publishes what mutations return. The write is done by then, so that a failure is a line on stderr. */
export class Publisher {
  readonly #events: Events;
  readonly #failing = new Set<string>();

  constructor(events: Events) {
    this.#events = events;
  }

  /** @param answer a value, an error, or a promise of either */
  publish(topic: string, answer: unknown): void {
    if (isPromise(answer)) {
      answer.then(
        (value) => this.publish(topic, value),
        // The element of the answer fails, and says so to the caller.
        () => undefined,
      );
    } else if (answer !== null && answer !== undefined && !(answer instanceof Error)) {
      void this.#send(topic, answer);
    }
  }

  async #send(topic: string, event: unknown): Promise<void> {
    try {
      await this.#events.publish(topic, event);
      if (this.#failing.delete(topic)) console.error(`authmodes: events of ${topic} are published again`);
    } catch (error) {
      if (this.#failing.has(topic)) return;
      this.#failing.add(topic);
      console.error(
        `authmodes: an event of ${topic} was not published (${messageOf(error)}); the next line about ${topic} comes when one is`,
      );
    }
  }
}

/** The message of an error, in one line. */
export function messageOf(error: unknown): string {
  // An error of several addresses has no message of its own.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const message = first instanceof Error ? first.message : String(first);
  return message.slice(0, 300).replaceAll(/\p{Cc}/gu, " ");
}
