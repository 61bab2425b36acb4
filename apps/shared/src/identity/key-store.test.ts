import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashApiKey } from "@authmodes/core";
import { StoreError } from "@authmodes/keys";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { dataFolder } from "../data/data-folder.ts";
import { type KeyStore, openKeyStore } from "./key-store.ts";

afterEach(() => void vi.unstubAllEnvs());

const findMachine = (by: KeyStore, { machine }: KeyStore) => by.findAccessKey(machine.accessKeyId);

async function newFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bookstore-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, "keys.jsonl");
}

describe("the keys of a shop", () => {
  it("are in memory by default", async () => {
    const shop = await openKeyStore();
    expect(shop.name).toBe("memory");
    expect(await shop.findApiKey(await hashApiKey(shop.apiKey.key))).toMatchObject({ id: shop.apiKey.id });
    expect(await findMachine(shop, shop)).toMatchObject({
      secretAccessKey: shop.machine.secretAccessKey,
      userArn: shop.machine.userArn,
    });
    await shop.close();
  });

  it("are accepted by all shops of a store, until the one that made them stops", async () => {
    const where = await newFile();
    // More than two, since a principal has two active keys at most.
    const shops = await Promise.all([1, 2, 3].map(() => openKeyStore(where)));
    const [one, two] = shops as [KeyStore, KeyStore];
    const hash = await hashApiKey(one.apiKey.key);
    expect(await two.findApiKey(hash)).toMatchObject({ disabled: false });
    expect(await findMachine(two, one)).toBeDefined();
    await one.close();
    await vi.waitFor(async () => expect(await findMachine(two, one)).toBeUndefined(), { timeout: 5000 });
    expect(await two.findApiKey(hash)).toMatchObject({ disabled: true });
    expect(await findMachine(two, two)).toBeDefined();
    await Promise.all(shops.map((shop) => shop.close()));
  });

  it("leave the store: what a process writes expires in a day, and in minutes once it stopped", async () => {
    const where = await newFile();
    const expiries = async () => {
      const [, ...lines] = (await readFile(where, "utf8")).trim().split("\n");
      const now = Date.now() / 1000;
      return lines.map((line) => {
        const { expiresAt } = JSON.parse(line) as { readonly expiresAt: number };
        return Math.max(0, Math.ceil((expiresAt - now) / 3600));
      });
    };
    const shop = await openKeyStore(where);
    shop.isRevoked({ iss: "a", jti: "1", sub: "1", originJti: undefined, sid: undefined, iat: 1 });
    await vi.waitFor(async () => expect(await expiries()).toEqual([24, 24, 24]));
    await shop.findApiKey(await hashApiKey(shop.apiKey.key));
    await shop.close();
    // Both keys and the last use of one; the issuer.
    expect((await expiries()).toSorted((a, b) => a - b)).toEqual([0, 0, 0, 24]);
  });

  it("are encrypted by a key that only its owner reads, or by AUTHMODES_ENCRYPTION_KEY", async () => {
    const where = await newFile();
    const shop = await openKeyStore(where);
    expect((await stat(join(dataFolder, "encryption-key"))).mode & 0o777).toBe(0o600);
    expect(await readFile(where, "utf8")).not.toContain(shop.machine.secretAccessKey);
    vi.stubEnv("AUTHMODES_ENCRYPTION_KEY", randomBytes(32).toString("base64"));
    await expect(openKeyStore(where)).rejects.toThrow("cannot be decrypted with AUTHMODES_ENCRYPTION_KEY");
    await shop.close();
  });
});

it("says what is wrong with the store", async () => {
  const where = await newFile();
  await writeFile(where, "hello\n");
  const failed = await openKeyStore(where).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(StoreError);
  expect(String(failed)).toContain("is no store of keys, or is damaged: line 1 is not JSON");
  await expect(openKeyStore("mysql://me:s3cret@db/x")).rejects.toThrow(
    /^openStore\(\): mysql:\/\/ is no store; write the path/,
  );
});
