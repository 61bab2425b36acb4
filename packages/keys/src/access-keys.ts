import { randomBytes } from "node:crypto";
import { type AccessKey, AuthError, type LookUp, type MaybePromise } from "@authmodes/core";
import { checkOptions, must } from "@authmodes/core/options";
import { checkLabel } from "./checks.ts";
import { Encryption } from "./encryption.ts";
import { type KeyLife, type OpenOptions, Records, steadySeconds } from "./records.ts";
import { StoreError } from "./store/error.ts";
import type { Store } from "./store/store.ts";

/** What a store holds of an access key, as JSON. */
interface AccessKeyRecord extends KeyLife {
  readonly accountId: string;
  readonly userArn: string;
  readonly name?: string;
  /** Encrypted; absent once the key is revoked. */
  readonly secret?: string;
}

/** Options of `accessKeys.create`. */
export interface CreateAccessKeyOptions {
  /** Whom requests are from: `arn:aws:iam::123456789012:user/alice`. */
  readonly userArn: string;
  /** What it is for, for people. Default: the last part of the ARN. */
  readonly name?: string;
}

/** An access key that was made. */
export interface CreatedAccessKey {
  readonly accessKeyId: string;
  /** The secret: give it to its owner once. It is stored encrypted, and never shown again. */
  readonly secretAccessKey: string;
}

/** An access key, without its secret. */
export interface ListedAccessKey {
  readonly accessKeyId: string;
  readonly name: string;
  readonly userArn: string;
  readonly state: "active" | "disabled" | "revoked";
  /** Why it was disabled or revoked. */
  readonly reason: string | null;
  /** Seconds since 1970. */
  readonly createdAt: number;
  /** Seconds since 1970, up to a minute late; null if it was not used. */
  readonly lastUsedAt: number | null;
}

/** Options of `openAccessKeys`. */
export interface OpenAccessKeysOptions extends OpenOptions {
  /**
   * 32 bytes in base64. Several with commas between: the first encrypts, all decrypt. Default: the environment variable
   * `AUTHMODES_ENCRYPTION_KEY`.
   */
  readonly encryptionKey?: string;
}

const kind = "access-key";
const maxActive = 2;

/** A key as core takes it, or why it cannot be decrypted. */
type Entry = AccessKey | "undecryptable" | undefined;

/**
 * Opens the access keys in a store. All of them are in memory, so a request costs no look-up; a change reaches every
 * instance within a second or so.
 * @throws TypeError if there is no encryption key, or one is not 32 bytes
 * @throws StoreError if a secret was encrypted with another key, or the store cannot be reached or holds records of a newer
 * version
 * @example
 * import { createAuth, iam } from "@authmodes/core";
 * import { fileStore, openAccessKeys } from "@authmodes/keys";
 *
 * const accessKeys = await openAccessKeys(fileStore("authmodes-keys.jsonl"));
 * export const auth = createAuth([iam({ region: "eu-west-1", credentials: accessKeys.find })]);
 */
export async function openAccessKeys(store: Store, options: OpenAccessKeysOptions = {}): Promise<AccessKeys> {
  const where = "openAccessKeys()";
  checkOptions(where, options, { encryptionKey: ["key"], maxStaleSeconds: ["maxStale"] });
  const { encryptionKey = process.env["AUTHMODES_ENCRYPTION_KEY"], ...rest } = options;
  const encryption = new Encryption(where, encryptionKey);
  const entries = new Map<string, Entry>();
  const records = await Records.open<AccessKeyRecord>(where, store, kind, rest, (id, record) => {
    entries.set(id, record && entryOf(id, record, encryption));
  });
  const [lost] = [...entries].find(([, entry]) => entry === "undecryptable") ?? [];
  if (lost !== undefined) {
    await records.close();
    const trouble = `the secret of access key ${lost} cannot be decrypted with AUTHMODES_ENCRYPTION_KEY`;
    const advice =
      "If the key was replaced, write the new one, a comma, and the one before. If it is lost, revoke the access key.";
    throw new StoreError(store.name, trouble, { advice });
  }
  return new AccessKeys(records, entries, encryption);
}

/**
 * Opens the access keys in a store to list, disable and revoke them, for which no encryption key is needed.
 * @throws StoreError if the store cannot be reached, or holds records of a newer version
 * @example
 * import { fileStore, openAccessKeyList } from "@authmodes/keys";
 *
 * const accessKeys = await openAccessKeyList(fileStore("authmodes-keys.jsonl"));
 * for (const { accessKeyId, state } of await accessKeys.list()) console.log(accessKeyId, state);
 * await accessKeys.close();
 */
export async function openAccessKeyList(store: Store): Promise<AccessKeyList> {
  return new AccessKeyList(
    await Records.open<AccessKeyRecord>("openAccessKeyList()", store, kind, {}, () => {}),
  );
}

/** A secret that is copied to another record, or whose record names another principal since, is not decrypted. */
function contextOf(id: string, { accountId, userArn }: AccessKeyRecord): string {
  return JSON.stringify([id, accountId, userArn]);
}

function entryOf(id: string, record: AccessKeyRecord, encryption: Encryption): Entry {
  const { secret, accountId, userArn, disabled, revoked } = record;
  if (secret === undefined || revoked !== undefined) return undefined;
  const secretAccessKey = encryption.decrypt(secret, contextOf(id, record));
  if (secretAccessKey === undefined) return "undecryptable";
  return Object.freeze({ secretAccessKey, accountId, userArn, disabled: disabled !== undefined });
}

/**
 * The access keys of a store, without their secrets. `openAccessKeyList` makes it. Methods that read or write the store reject
 * with a `StoreError` if it cannot be used.
 */
export class AccessKeyList {
  /** @internal */
  protected readonly records: Records<AccessKeyRecord>;

  /** @internal */
  constructor(records: Records<AccessKeyRecord>) {
    this.records = records;
  }

  /** Reads all access keys, the newest first, with their last use. */
  async list(): Promise<readonly ListedAccessKey[]> {
    return this.records.list(listed);
  }

  /**
   * Rejects a key until `enable`.
   * @throws TypeError if there is no such key
   */
  async disable(accessKeyId: string, reason?: string): Promise<void> {
    await this.records.disable("accessKeys.disable()", accessKeyId, reason);
  }

  /**
   * Rejects a key for good and deletes its secret. The key stays in the list, with the reason.
   * @throws TypeError if there is no such key
   */
  async revoke(accessKeyId: string, reason?: string): Promise<void> {
    const withoutSecret = ({ secret: _, ...record }: AccessKeyRecord): AccessKeyRecord => record;
    await this.records.revoke("accessKeys.revoke()", accessKeyId, reason, withoutSecret);
  }

  /** Stops following the store, and writes the last uses. The store stays open. */
  async close(): Promise<void> {
    await this.records.close();
  }
}

/** The access keys of a store. `openAccessKeys` makes it. */
export class AccessKeys extends AccessKeyList {
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #encryption: Encryption;

  /** @internal */
  constructor(
    records: Records<AccessKeyRecord>,
    entries: ReadonlyMap<string, Entry>,
    encryption: Encryption,
  ) {
    super(records);
    this.#entries = entries;
    this.#encryption = encryption;
  }

  /**
   * Finds an access key by its id, for `iam({ credentials: accessKeys.find })`.
   * @throws AuthError for a 503 if the store could not be read for `maxStaleSeconds`, or cannot be read and the key is unknown
   */
  readonly find: LookUp<(accessKeyId: string) => MaybePromise<AccessKey | undefined>> = Object.assign(
    (accessKeyId: string) => this.records.find((now) => this.#look(accessKeyId, now)),
    { onChange: (listener: () => void) => this.records.onChange(listener) },
  );

  #look(id: string, now: number): AccessKey | undefined {
    const entry = this.#entries.get(id);
    if (entry === "undecryptable") {
      throw new AuthError("unavailable", "access_key_undecryptable", {
        detail: `the secret of access key ${id} was encrypted with a key that this instance does not have`,
      });
    }
    if (entry !== undefined && entry.disabled !== true) this.records.noteUse(id, now);
    return entry;
  }

  /**
   * Makes an access key. A principal can have two active ones, so that they can be rotated without an outage.
   * @throws TypeError if the ARN is malformed, or the principal has two active keys
   */
  async create(options: CreateAccessKeyOptions): Promise<CreatedAccessKey> {
    const where = "accessKeys.create()";
    checkOptions(where, options, { userArn: ["arn", "principal", "user"], name: ["label"] });
    const { userArn, name } = options;
    const [, accountId] = /^arn:[\w-]+:(?:iam|sts)::(\d{12}):[\w+=,.@/-]{1,512}$/.exec(userArn) ?? [];
    must(
      accountId !== undefined,
      `${where}: userArn names whom requests are from, such as 'arn:aws:iam::123456789012:user/alice'`,
    );
    checkLabel(where, "name", name);
    const accessKeyId = `AKIA${base32(randomBytes(16))}`;
    const secretAccessKey = randomBytes(30).toString("base64");
    const plain = { accountId, userArn, ...(name !== undefined && { name }), createdAt: steadySeconds() };
    const secret = this.#encryption.encrypt(secretAccessKey, contextOf(accessKeyId, plain));
    return this.records.write(() => {
      this.#checkActive(where, userArn);
      return { records: [[accessKeyId, { ...plain, secret }]], result: { accessKeyId, secretAccessKey } };
    });
  }

  /**
   * Accepts a disabled key again.
   * @throws TypeError if there is no such key, it is revoked, or its principal has two active ones
   */
  async enable(accessKeyId: string): Promise<void> {
    const where = "accessKeys.enable()";
    await this.records.changeUnrevoked(where, accessKeyId, ({ disabled, ...record }) => {
      if (disabled !== undefined) this.#checkActive(where, record.userArn);
      return record;
    });
  }

  /**
   * Encrypts all secrets with the first encryption key, so that the others can be removed.
   * @returns how many were encrypted with another one
   */
  async reencrypt(): Promise<number> {
    return this.records.write(() => {
      const records = [...this.records.all].flatMap(([id, record]) => {
        const { secret } = record;
        const entry = this.#entries.get(id);
        if (secret === undefined || this.#encryption.isCurrent(secret) || typeof entry !== "object")
          return [];
        const again = this.#encryption.encrypt(entry.secretAccessKey, contextOf(id, record));
        return [[id, { ...record, secret: again }] as const];
      });
      return { records, result: records.length };
    });
  }

  #checkActive(where: string, userArn: string): void {
    const active = [...this.records.all]
      .filter(([, key]) => key.userArn === userArn && stateOf(key) === "active")
      .map(([id]) => id);
    must(
      active.length < maxActive,
      `${where}: ${userArn} has ${maxActive} active access keys, ${active.join(" and ")}; revoke one of them first`,
    );
  }
}

function stateOf({ disabled, revoked }: AccessKeyRecord): ListedAccessKey["state"] {
  return revoked !== undefined ? "revoked" : disabled !== undefined ? "disabled" : "active";
}

function listed(accessKeyId: string, record: AccessKeyRecord, lastUsedAt: number | null): ListedAccessKey {
  const { userArn, name = userArn.slice(userArn.lastIndexOf("/") + 1), createdAt } = record;
  const reason = (record.revoked ?? record.disabled)?.reason ?? null;
  return { accessKeyId, name, userArn, state: stateOf(record), reason, createdAt, lastUsedAt };
}

function base32(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".charAt(byte % 32)).join("");
}
