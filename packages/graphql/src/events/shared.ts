import { type Events, EventsLost, Subscribers } from "./events.ts";
import { toText } from "./event-text.ts";
import { inTime, Listener } from "./listener.ts";
import { messageOf } from "./publisher.ts";

/** What a server that instances share does with texts. */
export interface Channel {
  /** Names the server in logs: `Redis`. */
  readonly name: string;
  send(text: string): Promise<unknown>;
  /**
   * Opens a connection that receives all texts.
   * @param lost called if the connection ends, at any time
   * @returns closes the connection
   */
  listen(receive: (text: string) => void, lost: (error: Error) => void): Promise<() => void>;
}

/** A server that failed is asked again after this time. */
const pauseMs = 1000;

/**
 * Events over a channel that several instances share. There is a connection while there are subscribers. If it is lost, all of
 * them end, since events may be missing, and the next subscriber opens another.
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
    await inTime(this.#channel.send(`${topic} ${toText(event)}`));
  }

  async subscribe(topic: string): Promise<AsyncIterableIterator<unknown>> {
    this.#subscribers.checkOpen();
    const listener = (this.#listener ??= this.#listen());
    try {
      await listener.started;
    } catch (cause) {
      throw new EventsLost({ cause });
    }
    const queue = this.#subscribers.add(topic);
    // The connection may have ended since.
    if (this.#listener === listener) return queue;
    await queue.return?.();
    throw new EventsLost();
  }

  async close(): Promise<void> {
    this.#subscribers.close();
    this.#listener?.stop();
    this.#listener = undefined;
  }

  #listen(): Listener {
    const listener = new Listener(this.#channel, {
      receive: (topic, text) => this.#subscribers.deliver(topic, text),
      isIdle: () => this.#subscribers.count === 0,
      end: (error) => {
        if (this.#listener === listener) this.#end(error);
      },
    });
    listener.started.then(
      () => this.#report(undefined),
      (error: unknown) => {
        if (this.#listener !== listener) return;
        this.#report(error);
        setTimeout(() => {
          if (this.#listener === listener) this.#listener = undefined;
        }, pauseMs).unref();
      },
    );
    return listener;
  }

  #end(error: Error | undefined): void {
    this.#listener = undefined;
    if (error === undefined) return;
    this.#report(error);
    this.#subscribers.end(new EventsLost({ cause: error }));
  }

  /** One line when the server fails, and one when it is back. */
  #report(error: unknown): void {
    const isDown = error !== undefined;
    if (isDown === this.#isDown) return;
    this.#isDown = isDown;
    const { name } = this.#channel;
    const ended = `${this.#subscribers.count} subscriptions of this instance end`;
    console.error(
      isDown
        ? `authmodes: events of ${name} do not arrive (${messageOf(error)}); ${ended}`
        : `authmodes: events of ${name} arrive again`,
    );
  }
}
