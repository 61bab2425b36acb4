import { randomUUID } from "node:crypto";

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

/** The owner of a listener. */
export interface ListenerOwner {
  /** @throws SyntaxError if the text is not an event */
  deliver(topic: string, text: string): void;
  end(error: Error, hasStarted: boolean): void;
}

const waitMs = 5000;
const beatMs = 10_000;

/**
 * One connection to a channel. It sends a text to itself first, and every 10 seconds: a connection that looks open but brings
 * nothing, as behind a pooler or after a network failure, is lost.
 */
export class Listener {
  /** Resolves when all texts that are sent from now on arrive. Rejects after 5 seconds. */
  readonly started: Promise<void>;
  readonly #channel: Channel;
  readonly #owner: ListenerOwner;
  readonly #beat: string = ` ${randomUUID()}`;
  #onFirst = (): void => undefined;
  #onEnd: (error: Error) => void = () => undefined;
  #close = (): void => undefined;
  #timer: NodeJS.Timeout | undefined;
  #hasHeard = false;
  #hasStarted = false;
  #isOver = false;

  constructor(channel: Channel, owner: ListenerOwner) {
    this.#channel = channel;
    this.#owner = owner;
    this.started = this.#start();
    this.started.catch((error: Error) => this.end(error));
  }

  end(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#timer);
    this.#close();
    this.#onEnd(error);
    this.#owner.end(error, this.#hasStarted);
  }

  async #start(): Promise<void> {
    const first = new Promise<void>((resolve, reject) => {
      this.#onFirst = resolve;
      this.#onEnd = reject;
    });
    await inTime(Promise.all([first, this.#open()]));
    if (this.#isOver) throw new Error("the connection was closed");
    this.#hasStarted = true;
    this.#timer = setInterval(() => {
      if (!this.#hasHeard) return this.end(new Error(`nothing arrived for ${beatMs / 1000} seconds`));
      this.#hasHeard = false;
      // If it cannot be sent, nothing arrives.
      this.#channel.send(this.#beat).catch(() => undefined);
    }, beatMs).unref();
  }

  async #open(): Promise<void> {
    const close = await this.#channel.listen(
      (text) => this.#receive(text),
      (error) => this.end(error),
    );
    // It took too long.
    if (this.#isOver) return close();
    this.#close = close;
    await this.#channel.send(this.#beat);
  }

  #receive(text: string): void {
    if (this.#isOver) return;
    this.#hasHeard = true;
    if (text === this.#beat) return this.#onFirst();
    const [topic] = text.split(" ", 1);
    // The beat of another instance.
    if (topic === undefined || topic === "") return;
    try {
      this.#owner.deliver(topic, text.slice(topic.length + 1));
    } catch {
      // Without the parser's message, which quotes the text.
      this.end(new Error("a text is not an event"));
    }
  }
}

/** @throws Error if the work takes longer than 5 seconds */
export async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${waitMs / 1000} seconds`)), waitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
