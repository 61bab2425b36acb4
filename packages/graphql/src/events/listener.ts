import { randomUUID } from "node:crypto";
import type { Channel } from "./shared.ts";

const waitMs = 5000;
const beatMs = 10_000;

/** The owner of a listener. */
export interface ListenerOwner {
  receive(topic: string, text: string): void;
  isIdle(): boolean;
  /** The listener is over. @param error undefined if it was idle */
  end(error: Error | undefined): void;
}

/**
 * One connection to a channel. It sends a text to itself first, and every 10 seconds: a connection that looks open but brings
 * nothing, as behind a pooler or after a network failure, is lost.
 */
export class Listener {
  /** Resolves when all texts that are sent from now on arrive. */
  readonly started: Promise<void>;
  readonly #channel: Channel;
  readonly #owner: ListenerOwner;
  readonly #token: string = randomUUID();
  #close = (): void => undefined;
  #arrived = (): void => undefined;
  #failed: (error: Error) => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  #hasHeard = false;
  #isOver = false;

  constructor(channel: Channel, owner: ListenerOwner) {
    this.#channel = channel;
    this.#owner = owner;
    this.started = this.#start();
  }

  stop(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
    this.#failed(new Error("the events were closed"));
    this.#close();
    this.#close = () => undefined;
  }

  async #start(): Promise<void> {
    const first = new Promise<void>((resolve, reject) => {
      this.#arrived = resolve;
      this.#failed = reject;
    });
    try {
      await Promise.all([first, inTime(this.#open()), inTime(first)]);
      this.#timer = setInterval(() => this.#beat(), beatMs).unref();
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  async #open(): Promise<void> {
    const close = await this.#channel.listen(
      (text) => this.#receive(text),
      (error) => this.#lose(error),
    );
    // It took too long.
    if (this.#isOver) return close();
    this.#close = close;
    await this.#channel.send(` ${this.#token}`);
  }

  #receive(text: string): void {
    if (this.#isOver) return;
    this.#hasHeard = true;
    const end = text.indexOf(" ");
    const [topic, rest] = [text.slice(0, end), text.slice(end + 1)];
    if (topic === "" && rest === this.#token) this.#arrived();
    if (topic === "") return;
    try {
      this.#owner.receive(topic, rest);
    } catch {
      // Without the parser's message, which quotes the text.
      this.#lose(new Error("a text is not an event"));
    }
  }

  #beat(): void {
    if (!this.#hasHeard) return this.#lose(new Error(`nothing arrived for ${beatMs / 1000} seconds`));
    if (this.#owner.isIdle()) return this.#lose();
    this.#hasHeard = false;
    // If it cannot be sent, nothing arrives.
    this.#channel.send(` ${this.#token}`).catch(() => undefined);
  }

  #lose(error?: Error): void {
    if (this.#isOver) return;
    if (error !== undefined) this.#failed(error);
    this.stop();
    this.#owner.end(error);
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
