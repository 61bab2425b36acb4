import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { AuthOptions } from "@authmodes/core";
import {
  type AccessKeys,
  type CreatedAccessKey,
  type CreatedKey,
  createUsage,
  type Keys,
  memoryStore,
  openAccessKeys,
  openKeys,
  openRevocations,
  openStore,
  type Revocations,
  type Store,
  StoreError,
} from "@authmodes/keys";
import { dataFolder } from "../data/data-folder.ts";

/** Where `npm start` keeps its keys and revocations by default. */
export const defaultStore: string = `${dataFolder}/keys.jsonl`;

/** The keys, revocations and usage plan of a shop. Shops with the same store accept each other's keys. */
export interface KeyStore {
  /** Names the store, without a password. */
  readonly name: string;
  /** The key that this process made. */
  readonly apiKey: CreatedKey;
  /** The access key of the admin role that this process made. */
  readonly machine: CreatedAccessKey & { readonly userArn: string };
  readonly findApiKey: Keys["find"];
  readonly findAccessKey: AccessKeys["find"];
  readonly isRevoked: Revocations["isRevoked"];
  readonly usage: NonNullable<AuthOptions["usage"]>;
  /** Revokes the keys of this process. Takes three seconds at most if the store is down. */
  close(): Promise<void>;
}

/** The store of `--store` cannot be used. The message says why, and has no password. */
export class StoreUnusable extends Error {
  override readonly name = "StoreUnusable";
}

const day = 86_400;
const closeMs = 3000;

/**
 * Opens the store and makes an API key and an access key in it.
 * @param where path of a file, `redis://…` or `postgres://…`. Default: the memory of this process
 * @throws StoreUnusable
 */
export async function openKeyStore(where?: string): Promise<KeyStore> {
  let store: Store | undefined;
  try {
    mkdirSync(dataFolder, { recursive: true });
    store = where === undefined ? memoryStore() : await openStore(where);
    return await fill(store);
  } catch (error) {
    await store?.close();
    throw new StoreUnusable(complaint(store, error), { cause: error });
  }
}

function complaint(store: Store | undefined, error: unknown): string {
  // The shop can do without a server, so its advice is another one.
  if (error instanceof StoreError && error.cause !== undefined && store?.name.startsWith("file ") === false) {
    return `the ${store.name} cannot be used: ${error.trouble}. Start it, or leave out --store to use a file`;
  }
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^\w+\(\): /, "");
}

async function fill(store: Store): Promise<KeyStore> {
  // What this process writes is kept for a day, and for some minutes once it stops: the demo's keys would fill the store
  // otherwise.
  let lifetime = day;
  const own: Store = {
    ...store,
    write(writes, after) {
      const end = Math.floor(Date.now() / 1000) + lifetime;
      return store.write(
        writes.map((write) => ({ ...write, expiresAt: write.expiresAt ?? end })),
        after,
      );
    },
  };
  const [keys, accessKeys, revocations] = await Promise.all([
    openKeys(own),
    openAccessKeys(own, { encryptionKey: process.env["AUTHMODES_ENCRYPTION_KEY"] || ownEncryptionKey() }),
    openRevocations(own),
  ]);
  const apiKey = await keys.create({ name: "demo", owner: "the bookstore", expiresInDays: 1 });
  // A principal of each process, since a principal has two active keys at most.
  const userArn = `arn:aws:sts::123456789012:assumed-role/Admin/machine-${randomBytes(4).toString("hex")}`;
  const machine = { ...(await accessKeys.create({ userArn, name: "demo" })), userArn };
  const end = async () => {
    lifetime = 0;
    const reason = "the bookstore stopped";
    await Promise.allSettled([
      keys.revoke(apiKey.id, reason),
      accessKeys.revoke(machine.accessKeyId, reason),
    ]);
    await Promise.allSettled([keys.close(), accessKeys.close(), revocations.close()]);
    await store.close().catch(() => undefined);
  };
  return {
    name: store.name,
    apiKey,
    machine,
    findApiKey: keys.find,
    findAccessKey: accessKeys.find,
    isRevoked: revocations.isRevoked,
    // Files cannot count.
    usage: createUsage(store.take === undefined ? memoryStore() : store, {
      plans: { partner: { rate: 1000, burst: 5000 } },
      plan: ({ mode }) => (mode === "apiKey" ? "partner" : null),
    }),
    close: () => Promise.race([end(), sleep(closeMs, undefined, { ref: false })]),
  };
}

/** Encrypts the secrets of access keys. All shops of this checkout have the same one, so that they can share a store. */
function ownEncryptionKey(): string {
  const file = `${dataFolder}/encryption-key`;
  const draft = `${file}-${process.pid}`;
  writeFileSync(draft, randomBytes(32).toString("base64"), { mode: 0o600 });
  try {
    // Never replaces the key of another process that starts too.
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    unlinkSync(draft);
  }
  return readFileSync(file, "utf8");
}
