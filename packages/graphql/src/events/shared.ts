import { toText } from "./event-text.ts";
import { checkTopic, type Events, EventsLost, Subscribers } from "./events.ts";
import { type Channel, inTime, Listener } from "./listener.ts";
import { messageOf } from "./publisher.ts";

/** A server that failed is asked again after this time. */
const pauseMs = 1000;

/**
 * Events over a channel that several instances share. The first subscriber opens the connection. If it is lost, all
 * subscribers end, since events may be missing, and the next one opens another.
 */
export class SharedEvents implements Events {
  readonly #channel: Channel;
  readonly #subscribers = new Subscribers();
  #listener: Listener | undefined;
  #isDown = false;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  async publish(topic: string, event: unknown): Promise<void> {
    checkTopic(topic);
    await inTime(this.#channel.send(`${topic} ${toText(event)}`));
  }

  async subscribe(topic: string): Promise<AsyncIterableIterator<unknown>> {
    this.#subscribers.checkOpen();
    checkTopic(topic);
    const listener = (this.#listener ??= this.#listen());
    try {
      await listener.started;
    } catch (cause) {
      throw new EventsLost({ cause });
    }
    // It may have been lost since.
    if (this.#listener !== listener) throw new EventsLost();
    return this.#subscribers.add(topic);
  }

  async close(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    this.#subscribers.close();
    listener?.end(new Error("the events were closed"));
  }

  #listen(): Listener {
    const listener = new Listener(this.#channel, {
      deliver: (topic, text) => this.#subscribers.deliver(topic, text),
      end: (error, hasStarted) => {
        if (this.#listener !== listener) return;
        this.#report(error);
        const forget = () => void (this.#listener = undefined);
        if (!hasStarted) return void setTimeout(forget, pauseMs).unref();
        forget();
        this.#subscribers.end(new EventsLost({ cause: error }));
      },
    });
    listener.started.then(
      () => this.#report(undefined),
      () => undefined,
    );
    return listener;
  }

  /** One line when the server fails, and one when it is back. */
  #report(error: unknown): void {
    const isDown = error !== undefined;
    if (isDown === this.#isDown) return;
    this.#isDown = isDown;
    const { name } = this.#channel;
    console.error(
      isDown
        ? `authmodes: events of ${name} do not arrive (${messageOf(error)}); subscriptions end, and new ones are rejected`
        : `authmodes: events of ${name} arrive again`,
    );
  }
}
