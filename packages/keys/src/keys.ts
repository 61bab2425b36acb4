import { randomBytes } from "node:crypto";
import { type MaybePromise, newApiKey, type StoredApiKey } from "@authmodes/core";
import { checkOptions, checkSeconds, must } from "@authmodes/core/options";
import { checkDays, checkLabel, checkMetadata, checkScopes } from "./checks.ts";
import { type KeyFiles, readKeyFiles } from "./import/read.ts";
import {
  type Ended,
  isOver,
  type Key,
  keyOf,
  type KeyRecord,
  type Secret,
  steadySeconds,
  storedKeysOf,
} from "./key-record.ts";
import { LastUses } from "./last-uses.ts";
import { Live } from "./live.ts";
import type { Row, Store, Write } from "./store/store.ts";

/** Options of `openKeys`. */
export interface OpenOptions {
  /** How long what is in memory holds while the store cannot be read. Default 60, at most 3600; then the answer is 503. */
  readonly maxStaleSeconds?: number;
}

/** Options of `keys.create`. */
export interface CreateOptions {
  /** What it is for, for people. */
  readonly name: string;
  /** Whose it is, for people. */
  readonly owner?: string;
  /** Default: none. */
  readonly scopes?: readonly string[];
  /** Whatever belongs to it: a handler reads it by `keys.get(identity.keyId)`. Default: nothing. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** From 1 to 365. Default 30. */
  readonly expiresInDays?: number;
  /** The second part of the key, such as `test`. Default `live`. */
  readonly environment?: string;
}

/** Options of `keys.rotate`. */
export interface RotateOptions {
  /** How long the value before is accepted too. Default 86400, a day. At most 30 days; 0 ends it immediately. */
  readonly overlapSeconds?: number;
  /** Default: as many as when it was created, and 30 for an imported key. */
  readonly expiresInDays?: number;
}

/** A key that was made or rotated. */
export interface CreatedKey {
  readonly id: string;
  /** The key: show it to its owner once. It is not stored. */
  readonly key: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}

/** A key with its last use. */
export interface ListedKey extends Key {
  /** Seconds since 1970, up to a minute late; null if it was not used. */
  readonly lastUsedAt: number | null;
}

/** What `keys.import` did. */
export interface ImportResult {
  readonly imported: readonly Key[];
  /** How many keys of the files were in the store before. They were left as they are. */
  readonly existing: number;
}

const kind = "key";
const defaultDays = 30;
const day = 86_400;

interface Entry {
  readonly stored: StoredApiKey;
  readonly record: KeyRecord;
}

/**
 * Opens the API keys in a store. All of them are in memory, so a request costs no look-up; a change reaches every instance
 * within a second or so.
 * @throws StoreError if the store holds records of a newer version; what the store throws if it cannot be reached
 * @example
 * import { apiKey, createAuth } from "@authmodes/core";
 * import { fileStore, openKeys } from "@authmodes/keys";
 *
 * const keys = await openKeys(fileStore("authmodes-keys.jsonl"));
 * export const auth = createAuth([apiKey({ keys: keys.find })]);
 */
export async function openKeys(store: Store, options: OpenOptions = {}): Promise<Keys> {
  const maxStaleSeconds = readOpenOptions("openKeys()", store, options);
  const entries = new Map<string, Entry>();
  const live = await Live.open(store, kind, maxStaleSeconds, (row, before) => {
    for (const { hash } of secretsOf(before)) entries.delete(hash);
    if (row === undefined) return;
    const record = recordOf(row);
    for (const stored of storedKeysOf(row.id, record)) entries.set(stored.hash, { stored, record });
  });
  return new Keys(store, live, entries);
}

/** @returns maxStaleSeconds */
export function readOpenOptions(where: string, store: Store, options: OpenOptions): number {
  must(
    typeof store?.changes === "function",
    `${where} takes a store, such as fileStore("authmodes-keys.jsonl")`,
  );
  checkOptions(where, options, { maxStaleSeconds: ["maxStale"] });
  checkSeconds(where, "maxStaleSeconds", options.maxStaleSeconds, 1, 3600);
  return options.maxStaleSeconds ?? 60;
}

function recordOf(row: Row): KeyRecord {
  return JSON.parse(row.data) as KeyRecord;
}

function secretsOf(row: Row | undefined): KeyRecord["secrets"] | readonly [] {
  return row === undefined ? [] : recordOf(row).secrets;
}

/** The API keys of a store. `openKeys` makes it. */
export class Keys {
  readonly #store: Store;
  readonly #live: Live;
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #uses: LastUses;

  /** @internal */
  constructor(store: Store, live: Live, entries: ReadonlyMap<string, Entry>) {
    this.#store = store;
    this.#live = live;
    this.#entries = entries;
    this.#uses = new LastUses(store);
  }

  /**
   * Finds a key by its hash, for `apiKey({ keys: keys.find })`.
   * @throws AuthError for a 503 if the store could not be read for `maxStaleSeconds`, or cannot be read and the key is unknown
   */
  readonly find = (hash: string): MaybePromise<StoredApiKey | undefined> => {
    this.#live.checkFresh();
    const entry = this.#entries.get(hash);
    // Another instance may have made it a moment ago.
    if (entry === undefined) return this.#live.syncSoon().then(() => this.#found(this.#entries.get(hash)));
    return this.#found(entry);
  };

  #found(entry: Entry | undefined): StoredApiKey | undefined {
    if (entry === undefined) return undefined;
    const { stored } = entry;
    if (isOver(stored)) {
      // The clock that core asks may have stepped back since.
      const now = Math.floor(Date.now() / 1000);
      return { ...stored, expiresAt: Math.min(stored.expiresAt ?? now, now) };
    }
    if (stored.disabled !== true) this.#uses.note(stored.id);
    return stored;
  }

  /**
   * Makes a key.
   * @throws TypeError if an option is missing or wrong
   */
  async create(options: CreateOptions): Promise<CreatedKey> {
    const where = "keys.create()";
    checkOptions(where, options, {
      name: ["label"],
      owner: [],
      scopes: ["scope"],
      metadata: ["meta"],
      expiresInDays: ["days", "expiresIn"],
      environment: ["env"],
    });
    const { name, expiresInDays: days = defaultDays, ...rest } = options;
    must(name !== undefined, `${where}: name is missing; write what the key is for`);
    checkLabel(where, "name", name);
    checkLabel(where, "owner", rest.owner);
    checkScopes(where, rest.scopes);
    checkMetadata(where, rest.metadata);
    checkDays(where, days);
    const made = await newSecret(days, options.environment);
    const record: KeyRecord = { name, ...rest, days, createdAt: steadySeconds(), secrets: [made.secret] };
    const id = await this.#live.write(() => {
      const fresh = randomBytes(6).toString("hex");
      return { writes: [writeOf(fresh, record)], result: fresh };
    });
    return { id, key: made.key, expiresAt: made.expiresAt };
  }

  /** Returns a key from memory; undefined if there is none with this id. */
  get(id: string): Key | undefined {
    const row = this.#live.rows.get(id);
    return row === undefined ? undefined : keyOf(id, recordOf(row));
  }

  /** Reads all keys, the newest first, with their last use. */
  async list(): Promise<readonly ListedKey[]> {
    await this.#live.sync();
    const uses = await this.#uses.read();
    return [...this.#live.rows.values()]
      .map((row) => ({ ...keyOf(row.id, recordOf(row)), lastUsedAt: uses.get(row.id) ?? null }))
      .toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
  }

  /**
   * Gives a key a new value, under the same id. The value before is accepted for the overlap, but never beyond its expiry.
   * @throws TypeError if there is no such key, or it is revoked
   */
  async rotate(id: string, options: RotateOptions = {}): Promise<CreatedKey> {
    const where = "keys.rotate()";
    checkOptions(where, options, { overlapSeconds: ["overlap"], expiresInDays: ["days", "expiresIn"] });
    const { overlapSeconds = day, expiresInDays } = options;
    checkSeconds(where, "overlapSeconds", overlapSeconds, 0, 30 * day);
    checkDays(where, expiresInDays);
    const known = this.#recordOf(where, id);
    const days = expiresInDays ?? known.days ?? defaultDays;
    const made = await newSecret(days, known.environment);
    await this.#change(where, id, (record) => {
      must(record.revoked === undefined, `${where}: the key '${id}' is revoked for good; create another`);
      const until = steadySeconds() + Math.floor(overlapSeconds);
      const previous = record.secrets
        .map(({ hash, expiresAt }) => ({ hash, expiresAt: Math.min(expiresAt ?? until, until) }))
        .filter((secret) => !isOver(secret));
      return { ...record, days, secrets: [made.secret, ...previous] };
    });
    return { id, key: made.key, expiresAt: made.expiresAt };
  }

  /**
   * Rejects a key until `enable`.
   * @throws TypeError if there is no such key
   */
  async disable(id: string, reason?: string): Promise<Key> {
    checkLabel("keys.disable()", "reason", reason);
    return this.#change("keys.disable()", id, (record) => ({ ...record, disabled: ended(reason) }));
  }

  /**
   * Accepts a disabled key again. A revoked or expired one stays so.
   * @throws TypeError if there is no such key
   */
  async enable(id: string): Promise<Key> {
    return this.#change("keys.enable()", id, ({ disabled: _, ...record }) => record);
  }

  /**
   * Rejects a key for good. It stays in the list, with the reason.
   * @throws TypeError if there is no such key
   */
  async revoke(id: string, reason?: string): Promise<Key> {
    checkLabel("keys.revoke()", "reason", reason);
    return this.#change("keys.revoke()", id, (record) => ({ revoked: ended(reason), ...record }));
  }

  /**
   * Imports keys of API Gateway or AppSync: all of the files, or nothing. Clients keep the keys that they have, of which only
   * hashes are stored. Disabled and expired keys stay so; keys of API Gateway keep their ids and do not expire.
   * @throws TypeError that names the line or item that cannot be read, never a key
   */
  async import(files: KeyFiles): Promise<ImportResult> {
    const read = readKeyFiles(files);
    return this.#live.write(() => {
      const added = read.filter(({ record }) => !this.#entries.has(record.secrets[0].hash));
      for (const key of added) {
        must(
          !this.#live.rows.has(key.id),
          `keys.import(): ${key.place} has the id '${key.id}', which another key has already`,
        );
      }
      const imported = added.map(({ id, record }) => keyOf(id, record));
      return {
        writes: added.map(({ id, record }) => writeOf(id, record)),
        result: { imported, existing: read.length - added.length },
      };
    });
  }

  /** Stops following the store, and writes the last uses. The store stays open. */
  async close(): Promise<void> {
    this.#live.close();
    await this.#uses.close();
  }

  #recordOf(where: string, id: string): KeyRecord {
    const row = this.#live.rows.get(id);
    must(row !== undefined, `${where}: the ${this.#store.name} has no key '${id}'`);
    return recordOf(row);
  }

  async #change(where: string, id: string, change: (record: KeyRecord) => KeyRecord): Promise<Key> {
    return this.#live.write(() => {
      const record = change(this.#recordOf(where, id));
      return { writes: [writeOf(id, record)], result: keyOf(id, record) };
    });
  }
}

function writeOf(id: string, record: KeyRecord): Write {
  return { kind, id, data: JSON.stringify(record) };
}

export function ended(reason: string | undefined): Ended {
  return { at: steadySeconds(), ...(reason !== undefined && { reason }) };
}

interface NewSecret {
  readonly key: string;
  readonly expiresAt: number;
  readonly secret: Secret;
}

async function newSecret(days: number, environment: string | undefined): Promise<NewSecret> {
  const { key, stored } = await newApiKey({
    expiresInSeconds: days * day,
    ...(environment !== undefined && { environment }),
  });
  const expiresAt = steadySeconds() + days * day;
  return { key, expiresAt, secret: { hash: stored.hash, expiresAt } };
}
