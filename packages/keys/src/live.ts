import { AuthError } from "@authmodes/core";
import { causeOf, keptSeconds, type Row, type Store, StoreError, type Write } from "./store/store.ts";
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
export type OnChange<R> = (id: string, record: R | undefined, before: R | undefined) => void;

/**
 * All records of one kind in memory, as a store has them: read once, then kept up to date by its changes, at least every
 * second. While the store cannot be read they hold for `maxStaleSeconds`.
 */
export class Live<R> {
  readonly #changed = new Wakes();
  readonly #store: Store;
  readonly #kind: string;
  readonly #maxStaleMs: number;
  readonly #onChange: OnChange<R>;
  readonly #records = new Map<string, R>();
  readonly #expiries = new Map<string, number>();
  #reads = 0;
  #cursor: string | undefined;
  /** When the last read that succeeded was started, by a clock that never steps back. */
  #readAt = -Infinity;
  #startedAt = -Infinity;
  #trouble: unknown;
  #failures = 0;
  #reading: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Runs out when what is in memory is too old. */
  #stale: NodeJS.Timeout | undefined;
  #unwatch = () => {};
  #hasNews = false;
  #isClosed = false;

  private constructor(store: Store, kind: string, maxStaleSeconds: number, onChange: OnChange<R>) {
    this.#store = store;
    this.#kind = kind;
    this.#maxStaleMs = maxStaleSeconds * 1000;
    this.#onChange = onChange;
  }

  /** @throws StoreError if the store cannot be read */
  static async open<R>(
    store: Store,
    kind: string,
    maxStaleSeconds: number,
    onChange: OnChange<R>,
  ): Promise<Live<R>> {
    const live = new Live(store, kind, maxStaleSeconds, onChange);
    await live.sync().catch((error: unknown) => {
      throw error instanceof StoreError ? error : unreachable(store.name, error);
    });
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
        (await inTime(this.#store.write(writes, this.#cursor), writeTimeoutMs, this.#store.name));
      if (!isDone && !(await this.#holds(writes))) continue;
      await this.sync().catch(() => {});
      return result;
    }
    throw new StoreError(`The ${this.#store.name} changed ${maxAttempts} times during one change; try again`);
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
    const startedAt = performance.now();
    this.#startedAt = startedAt;
    const timeout =
      this.#cursor === undefined ? 60_000 : Math.min(readTimeoutMs * 2 ** this.#failures, 60_000);
    const reading = inTime(this.#store.changes(this.#kind, this.#cursor), timeout, this.#store.name)
      .then(({ rows, cursor, isWhole }) => {
        this.#apply(rows, isWhole);
        this.#cursor = cursor;
        this.#readAt = startedAt;
        this.#failures = 0;
        this.#stale?.refresh();
        this.#report(undefined);
        if (this.#hasNews) this.#changed.wake();
        this.#hasNews = false;
      })
      .catch((error: unknown) => {
        this.#failures++;
        this.#report(error);
        throw error;
      })
      .finally(() => {
        if (this.#reading === reading) this.#reading = undefined;
      });
    this.#reading = reading;
    return reading;
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
    this.#onChange(id, record, before);
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
  #report(error: unknown): void {
    this.#trouble = error;
    if (this.#cursor === undefined || this.#isClosed) return;
    const readers = failing.get(this.#store) ?? new Set();
    failing.set(this.#store, readers);
    const before = readers.size;
    if (error === undefined) readers.delete(this);
    else readers.add(this);
    if (before > 0 === readers.size > 0) return;
    const { name } = this.#store;
    console.error(
      error === undefined
        ? `authmodes: the ${name} can be read again`
        : `authmodes: the ${name} cannot be read (${causeOf(name, error)}); what was read before holds ` +
            `for ${this.#maxStaleMs / 1000} seconds`,
    );
  }

  #unavailable(): AuthError {
    const { name } = this.#store;
    const detail = `the ${name} cannot be read: ${causeOf(name, this.#trouble)}`;
    return new AuthError("unavailable", "key_store_down", { detail, retryAfter: 5 });
  }
}

/**
 * Bounds what a store does. The timer of core's `within` would let a command end that waits for its store.
 * In quarters: if this process was too busy to read the answer, one quarter is over and the answer has the others. Otherwise
 * a busy process would take a good store for one that is down.
 * @throws Error if the work takes longer
 */
export async function inTime<T>(work: Promise<T>, ms: number, name: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const wait = (quarters: number): void => {
      if (quarters === 0) reject(new Error(`the ${name} did not answer within ${ms / 1000} seconds`));
      else timer = setTimeout(() => wait(quarters - 1), ms / 4);
    };
    wait(4);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Names the store, without its credentials: a server that does not start may write no other line. */
function unreachable(name: string, error: unknown): StoreError {
  const advice = "Check that its server runs, and that the host, port, user and password are right.";
  return new StoreError(`The ${name} cannot be used: ${causeOf(name, error)}. ${advice}`, { cause: error });
}
