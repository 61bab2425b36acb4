import { AuthError } from "@authmodes/core";
import { inTime, StoreError, storeErrorOf, troubleOf } from "./store/error.ts";
import { keptSeconds, type Row, type Store, type Write } from "./store/store.ts";
import { Wakes } from "./store/wakes.ts";

const pollMs = 1000;
/** A caller with an unknown key waits for the next look at the store, of which there is one in this time. */
const pauseMs = 100;
/** Doubled with each failure, up to a minute: the first read of many records takes longer than one of a few changes. */
const readTimeoutMs = 3000;
/** Longer than a file's lock. */
const writeTimeoutMs = 40_000;
const maxAttempts = 50;
/** About ten minutes. */
const readsPerSweep = 600;

/** The readers that cannot read their store, by store: the log has a line for the store, not one for each kind of record. */
const failing = new WeakMap<Store, Set<object>>();

/** What a `Live` calls for each record that is new, changed or gone. */
export type OnRecord<R> = (id: string, record: R | undefined, before: R | undefined) => void;

/**
 * All records of one kind in memory, as a store has them: read once, then kept up to date by its changes, at least every
 * second. While the store cannot be read they hold for `maxStaleSeconds`.
 */
export class Live<R> {
  readonly #changed = new Wakes();
  readonly #store: Store;
  readonly #kind: string;
  readonly #maxStaleMs: number;
  readonly #onRecord: OnRecord<R>;
  readonly #records = new Map<string, R>();
  readonly #expiries = new Map<string, number>();
  #reads = 0;
  #cursor: string | undefined;
  /** When the last read that succeeded was started, by a clock that never steps back. */
  #readAt = -Infinity;
  #startedAt = -Infinity;
  #trouble: string | undefined;
  #failures = 0;
  #reading: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Runs out when what is in memory is too old. */
  #stale: NodeJS.Timeout | undefined;
  #unwatch = () => {};
  #hasNews = false;
  #isClosed = false;

  private constructor(store: Store, kind: string, maxStaleSeconds: number, onRecord: OnRecord<R>) {
    this.#store = store;
    this.#kind = kind;
    this.#maxStaleMs = maxStaleSeconds * 1000;
    this.#onRecord = onRecord;
  }

  /** @throws StoreError if the store cannot be read */
  static async open<R>(
    store: Store,
    kind: string,
    maxStaleSeconds: number,
    onRecord: OnRecord<R>,
  ): Promise<Live<R>> {
    const live = new Live(store, kind, maxStaleSeconds, onRecord);
    await live.sync();
    live.#unwatch = store.watch(() => void live.sync().catch(() => {}));
    live.#plan();
    live.#stale = setTimeout(() => live.#changed.wake(), live.#maxStaleMs).unref();
    return live;
  }

  get records(): ReadonlyMap<string, R> {
    return this.#records;
  }

  /**
   * Checks that what is in memory may be used.
   * @param uptime of `performance.now()`
   * @throws AuthError for a 503
   */
  checkFresh(uptime: number = performance.now()): void {
    if (uptime - this.#readAt >= this.#maxStaleMs) throw this.#unavailable();
  }

  /** Calls the listener when something changed, and when what is in memory may no longer be used. Returns what stops it. */
  onChange(listener: () => void): () => void {
    return this.#changed.watch(listener);
  }

  /** Reads what changed until now: a read that runs already may have missed it. */
  sync(): Promise<void> {
    if (this.#reading === undefined) return this.#read();
    this.#next ??= this.#reading
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.#reading ?? this.#read();
      });
    return this.#next;
  }

  /**
   * The same for a caller with an unknown key, so not more often than every 100 ms.
   * @throws AuthError for a 503: with the store down, nothing tells if a key is wrong or new
   */
  async syncSoon(): Promise<void> {
    const came = performance.now();
    const pause = this.#startedAt + pauseMs - came;
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    // A read that started after this caller came is as good.
    if (this.#readAt >= came) return;
    const reading = this.#startedAt >= came ? this.#reading : undefined;
    await (reading ?? this.sync()).catch(() => {
      throw this.#unavailable();
    });
  }

  /**
   * Writes what a function makes of the records as they are now, and again if another instance was faster: what the function
   * checks still holds when its writes are made.
   * @returns what the function returned beside the writes
   */
  async write<T>(make: () => { readonly writes: readonly Write[]; readonly result: T }): Promise<T> {
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      await this.sync();
      const { writes, result } = make();
      const isDone =
        writes.length === 0 ||
        (await inTime(this.#store.name, () => this.#store.write(writes, this.#cursor), writeTimeoutMs));
      if (!isDone && !(await this.#holds(writes))) continue;
      await this.sync().catch(() => {});
      return result;
    }
    throw new StoreError(this.#store.name, `it changed ${maxAttempts} times during one change; try again`);
  }

  /** Whether a write was made although the store says no: its client sends it again if the answer was lost. */
  async #holds(writes: readonly Write[]): Promise<boolean> {
    await this.sync();
    return writes.every(({ id, data }) => JSON.stringify(this.#records.get(id)) === data);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#stale);
    this.#unwatch();
    failing.get(this.#store)?.delete(this);
  }

  #read(): Promise<void> {
    this.#reading = this.#ask().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #ask(): Promise<void> {
    const { name } = this.#store;
    const startedAt = performance.now();
    this.#startedAt = startedAt;
    const timeout =
      this.#cursor === undefined ? 60_000 : Math.min(readTimeoutMs * 2 ** this.#failures, 60_000);
    try {
      const ask = () => this.#store.changes(this.#kind, this.#cursor);
      const { rows, cursor, isWhole } = await inTime(name, ask, timeout);
      this.#apply(rows, isWhole);
      this.#cursor = cursor;
    } catch (error) {
      this.#failures++;
      this.#report(troubleOf(error));
      throw storeErrorOf(name, error);
    }
    this.#readAt = startedAt;
    this.#failures = 0;
    this.#stale?.refresh();
    this.#report();
    if (this.#hasNews) this.#changed.wake();
    this.#hasNews = false;
  }

  #apply(rows: readonly Row[], isWhole: boolean): void {
    if (isWhole) {
      const ids = new Set(rows.map(({ id }) => id));
      for (const id of this.#records.keys()) if (!ids.has(id)) this.#set(id, undefined);
    }
    for (const { id, data, expiresAt } of rows) this.#set(id, JSON.parse(data) as R, expiresAt);
    if (++this.#reads % readsPerSweep === 0) this.#sweep();
  }

  /** Forgets expired records, as the store does. */
  #sweep(): void {
    const oldest = Date.now() / 1000 - keptSeconds;
    for (const [id, expiresAt] of this.#expiries) {
      if (expiresAt <= oldest) this.#set(id, undefined);
    }
  }

  #set(id: string, record: R | undefined, expiresAt: number | null = null): void {
    // A record can be written again without an expiry.
    if (expiresAt === null) this.#expiries.delete(id);
    else this.#expiries.set(id, expiresAt);
    const before = this.#records.get(id);
    if (record === undefined) this.#records.delete(id);
    else this.#records.set(id, record);
    this.#onRecord(id, record, before);
    this.#hasNews = true;
  }

  #plan(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      void this.sync()
        .catch(() => {})
        .then(() => this.#plan());
    }, pollMs).unref();
  }

  /** One line when the store fails, and one when it is back for all of its readers. */
  #report(trouble?: string): void {
    this.#trouble = trouble;
    if (this.#cursor === undefined || this.#isClosed) return;
    const readers = failing.get(this.#store) ?? new Set();
    failing.set(this.#store, readers);
    const before = readers.size;
    if (trouble === undefined) readers.delete(this);
    else readers.add(this);
    if (before > 0 === readers.size > 0) return;
    const { name } = this.#store;
    console.error(
      trouble === undefined
        ? `authmodes: the ${name} can be read again`
        : `authmodes: the ${name} cannot be read (${trouble}); what was read before holds for ${this.#maxStaleMs / 1000} seconds`,
    );
  }

  #unavailable(): AuthError {
    const trouble = this.#trouble ?? `it was not asked for ${this.#maxStaleMs / 1000} seconds`;
    const detail = `the ${this.#store.name} cannot be read: ${trouble}`;
    return new AuthError("unavailable", "key_store_down", { detail, retryAfter: 5 });
  }
}
