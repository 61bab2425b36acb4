import type { MaybePromise } from "@authmodes/core";
import { checkOptions, checkSeconds, must } from "@authmodes/core/options";
import { checkLabel } from "./checks.ts";
import { LastUses } from "./last-uses.ts";
import { Live, type OnRecord } from "./live.ts";
import type { Store, Write } from "./store/store.ts";

/** Options of `openKeys` and `openRevocations`. */
export interface OpenOptions {
  /** How long what is in memory holds while the store cannot be read. Default 60, at most 3600; then the answer is 503. */
  readonly maxStaleSeconds?: number;
}

/** When a key was disabled or revoked. */
export interface Ended {
  /** Seconds since 1970. */
  readonly at: number;
  readonly reason?: string;
}

/** What API keys and access keys have in common. */
export interface KeyLife {
  readonly createdAt: number;
  readonly disabled?: Ended;
  readonly revoked?: Ended;
}

const { timeOrigin } = performance;

/**
 * Seconds since 1970 by a clock that never steps back within a process: an expired key must not become valid again.
 * @param uptime of `performance.now()`
 */
export function steadySeconds(uptime: number = performance.now()): number {
  return Math.floor(Math.max(Date.now(), timeOrigin + uptime) / 1000);
}

/** @returns maxStaleSeconds @throws TypeError */
export function checkOpenOptions(where: string, store: Store, options: OpenOptions): number {
  must(
    typeof store?.changes === "function",
    `${where} takes a store, such as fileStore("authmodes-keys.jsonl")`,
  );
  checkOptions(where, options, { maxStaleSeconds: ["maxStale"] });
  checkSeconds(where, "maxStaleSeconds", options.maxStaleSeconds, 1, 3600);
  return options.maxStaleSeconds ?? 60;
}

/** The records of API keys, or of access keys: how they are found, listed and ended. */
export class Records<R extends KeyLife> {
  readonly #store: Store;
  readonly #kind: string;
  /** The kind, for people. */
  readonly #what: string;
  readonly #live: Live<R>;
  readonly #uses: LastUses;

  private constructor(store: Store, kind: string, live: Live<R>) {
    this.#store = store;
    this.#kind = kind;
    this.#what = kind.replace("-", " ");
    this.#live = live;
    this.#uses = new LastUses(store);
  }

  /** @throws TypeError if an option is wrong; what the store throws, if it cannot be read */
  static async open<R extends KeyLife>(
    where: string,
    store: Store,
    kind: string,
    options: OpenOptions,
    onRecord: OnRecord<R>,
  ): Promise<Records<R>> {
    const maxStaleSeconds = checkOpenOptions(where, store, options);
    return new Records(store, kind, await Live.open(store, kind, maxStaleSeconds, onRecord));
  }

  get all(): ReadonlyMap<string, R> {
    return this.#live.records;
  }

  /**
   * @param look is given the seconds since 1970. Clocks are read once a request: they take as long as the rest
   * @throws AuthError for a 503
   */
  find<T>(look: (now: number) => T | undefined): MaybePromise<T | undefined> {
    const uptime = performance.now();
    this.#live.checkFresh(uptime);
    // Another instance may have made it a moment ago.
    return look(steadySeconds(uptime)) ?? this.#live.syncSoon().then(() => look(steadySeconds()));
  }

  onChange(listener: () => void): () => void {
    return this.#live.onChange(listener);
  }

  noteUse(id: string, now: number): void {
    this.#uses.note(id, now);
  }

  /** The newest first. */
  async list<T>(of: (id: string, record: R, lastUsedAt: number | null) => T): Promise<readonly T[]> {
    await this.#live.sync();
    const uses = await this.#uses.read();
    return [...this.all]
      .toSorted(([a, one], [b, other]) => other.createdAt - one.createdAt || (a < b ? -1 : 1))
      .map(([id, record]) => of(id, record, uses.get(id) ?? null));
  }

  /** @param make is called again if another instance was faster */
  async write<T>(
    make: () => { readonly records: readonly (readonly [id: string, record: R])[]; readonly result: T },
  ): Promise<T> {
    return this.#live.write(() => {
      const { records, result } = make();
      const writes = records.map(([id, record]): Write => ({
        kind: this.#kind,
        id,
        data: JSON.stringify(record),
      }));
      return { writes, result };
    });
  }

  /** @throws TypeError if there is no such record */
  get(where: string, id: string): R {
    const record = this.all.get(id);
    // What is longer than an id may be a key or a secret.
    const shown = /^(?:AKIA[A-Z2-7]{16}|.{0,19})$/.test(id) ? `'${id}'` : "with this id";
    must(record !== undefined, `${where}: the ${this.#store.name} has no ${this.#what} ${shown}`);
    return record;
  }

  /** @throws TypeError if there is no such record */
  change(where: string, id: string, change: (record: R) => R): Promise<R> {
    return this.write(() => {
      const result = change(this.get(where, id));
      return { records: [[id, result]], result };
    });
  }

  /** @throws TypeError if there is no such record, or it is revoked */
  changeUnrevoked(where: string, id: string, change: (record: R) => R): Promise<R> {
    return this.change(where, id, (record) => {
      const { revoked } = record;
      must(revoked === undefined, `${where}: the ${this.#what} '${id}' is revoked for good; create another`);
      return change(record);
    });
  }

  /** @throws TypeError if there is no such record */
  disable(where: string, id: string, reason: string | undefined): Promise<R> {
    const disabled = ended(where, reason);
    return this.change(where, id, (record) => ({ ...record, disabled }));
  }

  /**
   * For good. The time and the reason of the first time stay.
   * @param kept what a revoked record needs. Default: all
   * @throws TypeError if there is no such record
   */
  revoke(
    where: string,
    id: string,
    reason: string | undefined,
    kept: (record: R) => R = (r) => r,
  ): Promise<R> {
    const revoked = ended(where, reason);
    return this.change(where, id, (record) => ({ revoked, ...kept(record) }));
  }

  async close(): Promise<void> {
    this.#live.close();
    await this.#uses.close();
  }
}

function ended(where: string, reason: string | undefined): Ended {
  checkLabel(where, "reason", reason);
  return { at: steadySeconds(), ...(reason !== undefined && { reason }) };
}
