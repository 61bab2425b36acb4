import { type Auth, type AuthEvent, type IdentityBase, watchConnection } from "@authmodes/core";
import type { Decided, Events } from "./api.ts";
import { Refusal, reply } from "./reply.ts";
import type { SchemaStore } from "./schema-file.ts";

const maxKept = 100;
const maxReaders = 20;
const maxQueued = 1000;
/** Milliseconds. */
const lookEvery = 1000;
const pingEvery = 15_000;

type Send = (text: string) => void;

/** The decisions of the server as they happen, and the news that the file changed, as server-sent events. */
export class Feed {
  readonly #store: SchemaStore;
  readonly #kept: Decided[] = [];
  readonly #readers = new Set<Send>();
  #watch: NodeJS.Timeout | undefined;
  /** Of the file whose hash the readers were told; undefined: one of them may know an older file. */
  #stamp: string | undefined;
  #pinged = 0;

  /** @param isOwn tells requests to the studio itself, of which only refusals are worth telling */
  constructor(auth: Auth, store: SchemaStore, isOwn: (path: string) => boolean) {
    this.#store = store;
    auth.onEvent(
      (event) => {
        if (event.type === "refused" || !isOwn(event.path)) this.#tell(event);
      },
      { logs: false },
    );
  }

  /**
   * @param reader the stream ends with their credentials; undefined: the studio asks for none
   * @throws Refusal where too many read already
   */
  stream(reader: IdentityBase | undefined): Response {
    if (this.#readers.size >= maxReaders) {
      throw new Refusal(503, "too_many_readers", "Too many pages of the studio are open.");
    }
    let stop: () => void = () => undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        const encoder = new TextEncoder();
        const close = (): void => {
          stop();
          controller.close();
        };
        const send: Send = (text) => {
          controller.enqueue(encoder.encode(text));
          // Nobody reads any more: a page that comes back is told the last decisions.
          if ((controller.desiredSize ?? 0) < -maxQueued) close();
        };
        const watch = reader && watchConnection(reader, close);
        stop = () => {
          watch?.stop();
          this.#leave(send);
        };
        send(eventText("recent", this.#kept));
        this.#join(send);
      },
      cancel: () => stop(),
    });
    return reply(200, body, { "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" });
  }

  #tell({ cause: _cause, ...event }: AuthEvent): void {
    this.#kept.push(event);
    if (this.#kept.length > maxKept) this.#kept.shift();
    this.#send(eventText("decided", event));
  }

  #send(text: string): void {
    for (const send of this.#readers) send(text);
  }

  #join(send: Send): void {
    this.#readers.add(send);
    // The file may have changed since this page loaded it: the next look tells its hash.
    this.#stamp = undefined;
    this.#watch ??= setInterval(() => void this.#look().catch(() => undefined), lookEvery).unref();
  }

  #leave(send: Send): void {
    this.#readers.delete(send);
    if (this.#readers.size > 0) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  async #look(): Promise<void> {
    const stamp = await this.#store.stamp();
    if (stamp !== this.#stamp) {
      const { hash } = await this.#store.read();
      this.#stamp = stamp;
      this.#send(eventText("file", { hash }));
    }
    // Proxies close connections on which nothing comes.
    this.#pinged += lookEvery;
    if (this.#pinged < pingEvery) return;
    this.#pinged = 0;
    this.#send(":\n\n");
  }
}

function eventText<N extends keyof Events>(name: N, data: Events[N]): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
