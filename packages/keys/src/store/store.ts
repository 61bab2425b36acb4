import { StoreError } from "./error.ts";

/** A record in a store: text of one kind, under an id. */
export interface Row {
  readonly kind: string;
  readonly id: string;
  /** Grows with every write of the store, so it orders the writes of all records. */
  readonly version: number;
  /** What is kept: JSON, by convention. */
  readonly data: string;
  /** Seconds since 1970, after which the record means nothing and the store may drop it; null for never. */
  readonly expiresAt: number | null;
}

/** One record to write. */
export interface Write {
  readonly kind: string;
  readonly id: string;
  readonly data: string;
  /** Default: never. */
  readonly expiresAt?: number | null;
}

/** What a store answers to `changes`. */
export interface Changes {
  /** In no order. */
  readonly rows: readonly Row[];
  /** Where the next call goes on. */
  readonly cursor: string;
  /** Whether these are all records of the kind: records that are not among them are gone. */
  readonly isWhole: boolean;
}

/**
 * Records that several instances share. Every method rejects with a `StoreError` if the store holds records of a newer
 * version, and with any error if it cannot be reached. Write one of your own only if you need another server.
 */
export interface Store {
  /** Names the store in messages, without secrets: `file keys.jsonl`. */
  readonly name: string;
  /**
   * Reads the records of a kind that changed.
   * @param after the cursor of the answer before; undefined, or a cursor that the store does not know, for all records
   */
  changes(kind: string, after?: string): Promise<Changes>;
  /**
   * Writes all records at one moment, or none.
   * @param after the cursor of what was read for it; undefined to write whatever is there
   * @returns false if anything was written to the store since the cursor
   */
  write(writes: readonly Write[], after?: string): Promise<boolean>;
  /**
   * Calls the function soon after a write, also one of another instance. Calls may get lost: readers ask `changes` every
   * second in any case.
   * @returns stops it
   */
  watch(wake: () => void): () => void;
  /** Closes what the store opened by itself. */
  close(): Promise<void>;
  /**
   * Counts requests of a caller, for usage plans: takes as many as the limits grant, in one step for all instances. The time
   * is the store's; if its clock steps back, nothing is granted for it. Absent if a store cannot do that, as a file.
   */
  readonly take?: (id: string, limits: Limits, requests: number) => Promise<Taken>;
  /**
   * Records an id, for replayed signatures. Absent if a store cannot do that, as a file.
   * @param expiresAt seconds since 1970; the id is kept for 300 seconds longer
   * @returns false if it was recorded before
   */
  readonly once?: (id: string, expiresAt: number) => Promise<boolean>;
}

/** The time in which a quota counts, in UTC. A week starts on Monday, a month on the 1st. */
export type Period = "day" | "week" | "month";

/** How many requests a caller has. */
export interface Limits {
  /** A token bucket: tokens a second, and the most that it holds. */
  readonly throttle?: { readonly rate: number; readonly burst: number };
  readonly quota?: { readonly limit: number; readonly period: Period };
}

/** What `take` answers. */
export interface Taken {
  /** How many of the requests are granted. Only these count. */
  readonly granted: number;
  /** How many the throttle let pass. The quota rejected those of them that are not granted. */
  readonly passed: number;
  /** What the bucket holds now; 0 without a throttle. */
  readonly tokens: number;
  /** How many requests count in this period. */
  readonly used: number;
  /** Seconds until the next period. */
  readonly resetSeconds: number;
}

/** The version of what we write. A store that holds a newer one is neither read nor written. */
export const storeFormat = 1;

/**
 * Checks the URL of a server before a client does, whose error would quote the password.
 * @throws TypeError
 */
export function serverUrl(where: string, text: string): URL {
  try {
    const url = new URL(text);
    decodeURIComponent(url.username + url.password);
    // A '/', '?' or '#' in a password ends the host: it would be taken for a port and a path, and messages name the port.
    if (!(url.pathname + url.search + url.hash).includes("@")) return url;
  } catch {
    // Its message quotes the URL.
  }
  throw new TypeError(
    `${where}: the URL of the server is malformed; encode a password in it: encodeURIComponent(password). ` +
      "Behind the host, write an @ as %40",
  );
}

/** @throws StoreError if the store was written by a newer version of this package */
export function checkFormat(name: string, format: number): void {
  if (format <= storeFormat) return;
  throw new StoreError(
    name,
    `it holds records of version ${format}, and this @authmodes/keys knows ${storeFormat}. ` +
      "Nothing was changed. Update @authmodes/keys",
  );
}

/**
 * Checks the version before counts, which read no records: once for each connection, so that a request costs no question
 * more. If a read of records finds a newer version, all connections are checked again.
 */
export class FormatCheck {
  readonly #name: string;
  #known = new WeakSet<object>();

  constructor(name: string) {
    this.#name = name;
  }

  /** @throws StoreError if the version that was read is a newer one */
  check(format: number): void {
    if (format > storeFormat) this.#known = new WeakSet();
    checkFormat(this.#name, format);
  }

  /** @throws StoreError if the store holds records of a newer version */
  async beforeCount(connection: object, readFormat: () => Promise<number>): Promise<void> {
    if (this.#known.has(connection)) return;
    this.check(await readFormat());
    this.#known.add(connection);
  }
}

/** How long an expired record is kept: the clocks of instances differ. */
export const keptSeconds = 300;
