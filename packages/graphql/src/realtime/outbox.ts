import { setImmediate } from "node:timers/promises";
import type { WebSocket } from "ws";
import type { ServerMessage } from "./messages.ts";

/** What may wait for a slow client, besides one event of each subscription. */
const maxBufferedBytes = 1024 * 1024;
/** How long a client may leave more than that unread, in milliseconds of real time. */
const longestStall = 10_000;

/** Sends messages, and ends the socket of a client that does not read them. */
export class Outbox {
  readonly #socket: WebSocket;
  readonly #waiting: (() => void)[] = [];
  #stall: ReturnType<typeof setTimeout> | undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** @throws TypeError if the message is no JSON, as with a BigInt */
  send(message: ServerMessage): void {
    const text = JSON.stringify(message);
    const socket = this.#socket;
    if (socket.readyState !== socket.OPEN) return;
    // An error closes the socket, which is heard elsewhere.
    socket.send(text, () => this.#flushed());
    if (socket.bufferedAmount <= maxBufferedBytes || this.#stall !== undefined) return;
    // Each of its messages has an answer, so none is read for now.
    socket.pause();
    this.#stall = setTimeout(() => socket.terminate(), longestStall).unref();
  }

  /** Waits between two events: the other sockets have their turn, and a slow client catches up. */
  async paced(): Promise<void> {
    await setImmediate();
    if (this.#stall !== undefined) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Called when the socket has closed. */
  close(): void {
    clearTimeout(this.#stall);
    this.#stall = undefined;
    for (const go of this.#waiting.splice(0)) go();
  }

  #flushed(): void {
    if (this.#stall === undefined || this.#socket.bufferedAmount > maxBufferedBytes) return;
    this.#socket.resume();
    this.close();
  }
}
