import { createHash, randomBytes } from "node:crypto";
import { type LookUp, type MaybePromise, newApiKey, type StoredApiKey } from "@authmodes/core";
import { checkOptions, checkSeconds, must } from "@authmodes/core/options";
import { checkDays, checkLabel, checkMetadata, checkScopes } from "./checks.ts";
import { type KeyFiles, readKeyFiles } from "./import/read.ts";
import { isOver, type Key, keyOf, type KeyRecord, type Secret, storedKeysOf } from "./key-record.ts";
import { type OpenOptions, Records, steadySeconds } from "./records.ts";
import type { Store } from "./store/store.ts";

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

const defaultDays = 30;
const day = 86_400;

/**
 * Opens the API keys in a store. All of them are in memory, so a request costs no look-up; a change reaches every instance
 * within a second or so.
 * @throws StoreError if the store cannot be reached, or holds records of a newer version
 * @example
 * import { apiKey, createAuth } from "@authmodes/core";
 * import { fileStore, openKeys } from "@authmodes/keys";
 *
 * const keys = await openKeys(fileStore("authmodes-keys.jsonl"));
 * export const auth = createAuth([apiKey({ keys: keys.find })]);
 */
export async function openKeys(store: Store, options: OpenOptions = {}): Promise<Keys> {
  const byHash = new Map<string, StoredApiKey>();
  const records = await Records.open<KeyRecord>("openKeys()", store, "key", options, (id, record, before) => {
    for (const { hash } of before?.secrets ?? []) byHash.delete(hash);
    if (record !== undefined) for (const stored of storedKeysOf(id, record)) byHash.set(stored.hash, stored);
  });
  return new Keys(records, byHash);
}

/**
 * The API keys of a store. `openKeys` makes it. Methods that read or write the store reject with a `StoreError` if it cannot
 * be used.
 */
export class Keys {
  readonly #records: Records<KeyRecord>;
  readonly #byHash: ReadonlyMap<string, StoredApiKey>;

  /** @internal */
  constructor(records: Records<KeyRecord>, byHash: ReadonlyMap<string, StoredApiKey>) {
    this.#records = records;
    this.#byHash = byHash;
  }

  /**
   * Finds a key by its hash, for `apiKey({ keys: keys.find })`.
   * @throws AuthError for a 503 if the store could not be read for `maxStaleSeconds`, or cannot be read and the key is unknown
   */
  readonly find: LookUp<(hash: string) => MaybePromise<StoredApiKey | undefined>> = Object.assign(
    (hash: string) => this.#records.find((now) => this.#look(hash, now)),
    { onChange: (listener: () => void) => this.#records.onChange(listener) },
  );

  #look(hash: string, now: number): StoredApiKey | undefined {
    const stored = this.#byHash.get(hash);
    if (stored === undefined) return undefined;
    if (isOver(stored, now)) {
      // The clock that core asks may have stepped back since.
      const past = Math.floor(Date.now() / 1000);
      return { ...stored, expiresAt: Math.min(stored.expiresAt ?? past, past) };
    }
    if (stored.disabled !== true) this.#records.noteUse(stored.id, now);
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
    const { key, ...secret } = await newSecret(days, options.environment);
    const record: KeyRecord = { name, ...rest, days, createdAt: steadySeconds(), secrets: [secret] };
    const id = await this.#records.write(() => {
      const fresh = randomBytes(6).toString("hex");
      return { records: [[fresh, record]], result: fresh };
    });
    return { id, key, expiresAt: secret.expiresAt };
  }

  /** Returns a key from memory; undefined if there is none with this id. */
  get(id: string): Key | undefined {
    const record = this.#records.all.get(id);
    return record === undefined ? undefined : keyOf(id, record);
  }

  /** Reads all keys, the newest first, with their last use. */
  async list(): Promise<readonly ListedKey[]> {
    return this.#records.list((id, record, lastUsedAt) => ({ ...keyOf(id, record), lastUsedAt }));
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
    this.#checkId(where, id);
    const known = this.#records.get(where, id);
    const days = expiresInDays ?? known.days ?? defaultDays;
    const { key, ...secret } = await newSecret(days, known.environment);
    await this.#records.changeUnrevoked(where, id, (record) => {
      const now = steadySeconds();
      const until = now + Math.floor(overlapSeconds);
      const previous = record.secrets
        .map(({ hash, expiresAt }) => ({ hash, expiresAt: Math.min(expiresAt ?? until, until) }))
        .filter((one) => !isOver(one, now));
      return { ...record, days, secrets: [secret, ...previous] };
    });
    return { id, key, expiresAt: secret.expiresAt };
  }

  /**
   * Rejects a key until `enable`.
   * @throws TypeError if there is no such key
   */
  async disable(id: string, reason?: string): Promise<Key> {
    const where = "keys.disable()";
    this.#checkId(where, id);
    return keyOf(id, await this.#records.disable(where, id, reason));
  }

  /**
   * Accepts a disabled key again. An expired one stays so until `rotate`.
   * @throws TypeError if there is no such key, or it is revoked
   */
  async enable(id: string): Promise<Key> {
    const where = "keys.enable()";
    this.#checkId(where, id);
    return keyOf(id, await this.#records.changeUnrevoked(where, id, ({ disabled: _, ...record }) => record));
  }

  /**
   * Rejects a key for good. It stays in the list, with the reason.
   * @throws TypeError if there is no such key
   */
  async revoke(id: string, reason?: string): Promise<Key> {
    const where = "keys.revoke()";
    this.#checkId(where, id);
    return keyOf(id, await this.#records.revoke(where, id, reason));
  }

  /**
   * Imports keys of API Gateway or AppSync: all of the files, or nothing. Clients keep the keys that they have, of which only
   * hashes are stored. Disabled and expired keys stay so; keys of API Gateway keep their ids and do not expire.
   * @throws TypeError that names the line or item that cannot be read, never a key
   */
  async import(files: KeyFiles): Promise<ImportResult> {
    const read = readKeyFiles(files);
    return this.#records.write(() => {
      const added = read.filter(({ record }) => !this.#byHash.has(record.secrets[0].hash));
      for (const { id, place } of added) {
        must(
          !this.#records.all.has(id),
          `keys.import(): ${place} has the id '${id}', which another key has already`,
        );
      }
      return {
        records: added.map(({ id, record }) => [id, record] as const),
        result: {
          imported: added.map(({ id, record }) => keyOf(id, record)),
          existing: read.length - added.length,
        },
      };
    });
  }

  /** Of a key that leaked, people have the key and not its id. */
  #checkId(where: string, id: unknown): void {
    const known = this.#byHash.get(createHash("sha256").update(String(id)).digest("hex"));
    must(known === undefined, `${where}: write the id of the key, '${known?.id}', not the key`);
  }

  /** Stops following the store, and writes the last uses. The store stays open. */
  async close(): Promise<void> {
    await this.#records.close();
  }
}

/** A value of a key, and what is stored of it. */
interface NewSecret extends Secret {
  readonly key: string;
  readonly expiresAt: number;
}

async function newSecret(days: number, environment = "live"): Promise<NewSecret> {
  const { key, stored } = await newApiKey({ environment, expiresInSeconds: days * day });
  return { key, hash: stored.hash, expiresAt: steadySeconds() + days * day };
}
