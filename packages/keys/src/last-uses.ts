import { inTime } from "./store/error.ts";
import type { Store } from "./store/store.ts";

const kind = "last-use";
const flushMs = 60_000;
const atOnce = 500;
/** Nothing waits longer for a store that hangs: neither a list nor a server that shuts down. */
const waitMs = 10_000;

/** When keys were last used. A request notes it in memory; a write each minute stores it. A crash loses one minute. */
export class LastUses {
  readonly #store: Store;
  /** Seconds since 1970. */
  readonly #noted = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(store: Store) {
    this.#store = store;
    this.#timer = setInterval(() => void this.#flush().catch(() => {}), flushMs).unref();
  }

  note(id: string, now: number): void {
    this.#noted.set(id, now);
  }

  /** Seconds since 1970 by the ids of keys. */
  async read(): Promise<ReadonlyMap<string, number>> {
    const { rows } = await inTime(this.#store.name, () => this.#store.changes(kind), waitMs);
    const uses = new Map(rows.map(({ id, data }) => [id, Number(data)]));
    for (const [id, at] of this.#noted) uses.set(id, Math.max(uses.get(id) ?? 0, at));
    return uses;
  }

  /** Writes what was noted. It may replace a later use of another instance, by less than a minute. */
  async #flush(): Promise<void> {
    const noted = [...this.#noted];
    for (let from = 0; from < noted.length; from += atOnce) {
      const part = noted.slice(from, from + atOnce);
      const writes = part.map(([id, at]) => ({ kind, id, data: String(at) }));
      await inTime(this.#store.name, () => this.#store.write(writes), waitMs);
      for (const [id, at] of part) if (this.#noted.get(id) === at) this.#noted.delete(id);
    }
  }

  /** Writes for the last time. If the store is down, the last minute is lost. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#flush().catch(() => {});
  }
}
