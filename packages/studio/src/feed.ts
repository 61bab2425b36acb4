import { type IdentityBase, watchConnection } from "@authmodes/core";
import type { Events, SchemaFile } from "./api.ts";
import { Decisions } from "./decisions.ts";
import type { Settings } from "./options.ts";
import { Refusal, reply } from "./reply.ts";
import type { SchemaStore } from "./schema-file.ts";
import type { ServerState } from "./state.ts";

const maxReaders = 20;
const maxQueued = 1000;
/** Milliseconds. */
const lookEvery = 1000;
const pingEvery = 15_000;

type Send = (text: string) => void;

/** Sends decisions as they happen, and changes of the file and of the rules in force, as server-sent events. */
export class Feed {
  readonly decisions: Decisions = new Decisions();
  readonly #store: SchemaStore;
  readonly #state: ServerState;
  readonly #readers = new Set<Send>();
  #watch: NodeJS.Timeout | undefined;
  #file: { readonly stamp: string; readonly file: SchemaFile } | undefined;
  /** The last events that all readers were sent; cleared when a page connects, which may know an older state. */
  #sent = new Map<keyof Events, string>();
  #pinged = 0;

  constructor({ auth, basePath }: Settings, store: SchemaStore, state: ServerState) {
    this.#store = store;
    this.#state = state;
    const prefix = `${auth.publicUrl?.prefix ?? ""}${basePath}`;
    // Of the requests of the studio itself only rejections are of interest.
    const isOwn = (path: string): boolean => path === prefix || path.startsWith(`${prefix}/`);
    auth.onEvent(
      (event) => {
        if (event.type === "refused" || !isOwn(event.path))
          this.#send(eventText("decided", this.decisions.keep(event)));
      },
      { logs: false },
    );
  }

  /**
   * @param reader the stream ends when their credentials expire; undefined if the link opened the studio
   * @throws {Refusal} if too many pages are open
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
          // The page no longer reads. When it reconnects, it is sent the last decisions.
          if ((controller.desiredSize ?? 0) < -maxQueued) close();
        };
        const watch = reader && watchConnection(reader, close);
        stop = () => {
          watch?.stop();
          this.#leave(send);
        };
        send(eventText("recent", this.decisions.events));
        this.#join(send);
      },
      cancel: () => stop(),
    });
    return reply(200, body, { "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" });
  }

  #send(text: string): void {
    for (const send of this.#readers) send(text);
  }

  #join(send: Send): void {
    this.#readers.add(send);
    this.#sent.clear();
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
    if (stamp !== this.#file?.stamp) this.#file = { stamp, file: await this.#store.read() };
    const { file } = this.#file;
    this.#sendChange("file", { hash: file.hash });
    const force = await this.#state.force(file);
    if (force !== undefined) this.#sendChange("force", force);
    // Proxies close connections that stay silent.
    this.#pinged += lookEvery;
    if (this.#pinged < pingEvery) return;
    this.#pinged = 0;
    this.#send(":\n\n");
  }

  #sendChange<N extends keyof Events>(name: N, data: Events[N]): void {
    const text = eventText(name, data);
    if (this.#sent.get(name) === text) return;
    this.#sent.set(name, text);
    this.#send(text);
  }
}

function eventText<N extends keyof Events>(name: N, data: Events[N]): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
