import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
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
} from "@authmodes/keys";
import { dataFolder, keptFile } from "../data/data-folder.ts";

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

const day = 86_400;
const closeMs = 3000;

/**
 * Opens the store and makes an API key and an access key in it.
 * @param where path of a file, `redis://…` or `postgres://…`. Default: the memory of this process
 * @throws StoreError; TypeError if the text names no store
 */
export async function openKeyStore(where?: string): Promise<KeyStore> {
  // All shops of this checkout have the same one, so that they can share a store.
  const file = await keptFile("encryption-key", async () => randomBytes(32).toString("base64"));
  const encryptionKey = process.env["AUTHMODES_ENCRYPTION_KEY"] || readFileSync(file, "utf8");
  const store = where === undefined ? memoryStore() : await openStore(where);
  try {
    return await fill(store, encryptionKey);
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** @param encryptionKey encrypts the secrets of access keys */
async function fill(store: Store, encryptionKey: string): Promise<KeyStore> {
  // What this process writes is kept for a day, and for some minutes once it stops: the demo's keys would fill the store
  // otherwise.
  let lifetime = day;
  const own: Store = {
    ...store,
    write(writes, after) {
      const expiresAt = Math.floor(Date.now() / 1000) + lifetime;
      return store.write(
        writes.map((write) => ({ expiresAt, ...write })),
        after,
      );
    },
  };
  const [keys, accessKeys, revocations] = await Promise.all([
    openKeys(own),
    openAccessKeys(own, { encryptionKey }),
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
