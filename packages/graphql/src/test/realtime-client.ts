import { once } from "node:events";
import { WebSocket } from "ws";

// What clients of the realtime endpoint send and read, each message by hand.

export type Frame = Readonly<Record<string, unknown>> & { readonly type: string };

/** A WebSocket whose messages are read one after the other. */
export class Client {
  readonly socket: WebSocket;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #frames: Frame[] = [];
  #wake: () => void = () => undefined;
  #isClosed = false;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (text: Buffer) => {
      this.#frames.push(JSON.parse(text.toString()) as Frame);
      this.#wake();
    });
    this.closed = new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.once("close", (code, reason) => {
        this.#isClosed = true;
        this.#wake();
        resolve({ code, reason: reason.toString() });
      });
    });
    this.closed.catch(() => undefined);
  }

  async opened(): Promise<this> {
    if (this.socket.readyState === WebSocket.CONNECTING) await once(this.socket, "open");
    return this;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** The next message. @throws if the socket closes before */
  async next(): Promise<Frame> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined) return frame;
      if (this.#isClosed) throw new Error("the socket closed");
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** The next message, unless it is another one for the socket alone. */
  async nextOf(id: string): Promise<Frame> {
    for (;;) {
      const frame = await this.next();
      if (frame["id"] === id) return frame;
    }
  }

  /** The messages that are left once the socket has closed, without signs of life. */
  async rest(): Promise<readonly Frame[]> {
    await this.closed;
    return this.#frames.splice(0).filter(({ type }) => type !== "ka");
  }

  /** Sends `connection_init`, and reads the answer and the first sign of life. */
  async init(): Promise<Frame> {
    await this.opened();
    this.send({ type: "connection_init" });
    const answer = await this.next();
    if (answer.type === "connection_ack") await this.next();
    return answer;
  }
}

export function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

export const onReview = "subscription {\n  onCreateReview {\n    id\n    text\n  }\n}\n";
export const unauthorized: Frame = {
  type: "connection_error",
  payload: {
    errors: [
      {
        errorType: "UnauthorizedException",
        message: "You are not authorized to make this call.",
        errorCode: 401,
      },
    ],
  },
};
