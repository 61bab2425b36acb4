import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { openAccessKeyList, openAccessKeys, type OpenAccessKeysOptions } from "./access-keys.ts";
import { fileStore } from "./store/file.ts";
import { memoryStore } from "./store/memory.ts";
import { StoreError } from "./store/error.ts";
import { signedAskerOf } from "./test/ask.ts";
import { newFolder } from "./test/temp.ts";

const userArn = "arn:aws:iam::123456789012:user/ci";
const newKey = () => randomBytes(32).toString("base64");
const encryptionKey = newKey();
const open = (store = memoryStore(), key = encryptionKey) => openAccessKeys(store, { encryptionKey: key });

describe("access keys", () => {
  it("sign requests, and are stored encrypted", async () => {
    const path = join(await newFolder(), "keys.jsonl");
    const accessKeys = await open(fileStore(path));
    const pair = await accessKeys.create({ userArn });
    expect(pair).toEqual({
      accessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
      secretAccessKey: expect.stringMatching(/^[\w+/]{40}$/),
    });
    const ask = await signedAskerOf(accessKeys);
    expect(await ask(pair)).toBe(`iam ${userArn}`);
    expect(await ask({ ...pair, secretAccessKey: "wrong" })).toBe("401 signature_mismatch");
    expect(await ask({ ...pair, accessKeyId: "AKIAUNKNOWN" })).toBe("401 access_key_unknown");
    const text = await readFile(path, "utf8");
    expect(text).not.toContain(pair.secretAccessKey);
    expect(text).not.toContain(Buffer.from(pair.secretAccessKey).toString("base64"));
    await accessKeys.close();
    const later = await open(fileStore(path));
    expect(await (await signedAskerOf(later))(pair)).toBe(`iam ${userArn}`);
    await later.close();
  });

  it("are disabled, enabled and revoked, which deletes the secret", async () => {
    const store = memoryStore();
    const accessKeys = await open(store);
    const pair = await accessKeys.create({ userArn, name: "build server" });
    const ask = await signedAskerOf(accessKeys);
    await accessKeys.disable(pair.accessKeyId, "holiday");
    expect(await ask(pair)).toMatch(/^401 access_key_/);
    expect((await accessKeys.list())[0]).toMatchObject({
      name: "build server",
      state: "disabled",
      reason: "holiday",
      lastUsedAt: null,
    });
    await accessKeys.enable(pair.accessKeyId);
    expect(await ask(pair)).toBe(`iam ${userArn}`);
    await accessKeys.revoke(pair.accessKeyId, "leaked");
    await expect(accessKeys.enable(pair.accessKeyId)).rejects.toThrow(
      `accessKeys.enable(): the access key '${pair.accessKeyId}' is revoked for good; create another`,
    );
    expect(await ask(pair)).toBe("401 access_key_unknown");
    const [listed] = await accessKeys.list();
    // The last use is not written yet.
    const list = await openAccessKeyList(store);
    expect(await list.list()).toEqual([{ ...listed, lastUsedAt: null }]);
    await list.close();
    expect(listed).toMatchObject({ state: "revoked", reason: "leaked", lastUsedAt: expect.any(Number) });
    expect((await store.changes("access-key")).rows[0]?.data).not.toContain("secret");
    await expect(accessKeys.revoke("AKIANONE")).rejects.toThrow("has no access key 'AKIANONE'");
    // It is a secret.
    await expect(accessKeys.revoke("s3cret/s3cret/s3cret")).rejects.toThrow("has no access key with this id");
    await accessKeys.close();
  });

  it("can be disabled and revoked if the encryption key is lost, and the others opened", async () => {
    const store = memoryStore();
    const before = await open(store);
    const { accessKeyId } = await before.create({ userArn });
    await before.close();
    const lost = openAccessKeys(store, { encryptionKey: newKey() });
    await expect(lost).rejects.toThrow("If it is lost, revoke the access key.");
    const list = await openAccessKeyList(store);
    await list.disable(accessKeyId, "lost");
    expect(await list.list()).toMatchObject([{ accessKeyId, state: "disabled", reason: "lost" }]);
    await list.revoke(accessKeyId);
    expect(await list.list()).toMatchObject([{ accessKeyId, state: "revoked" }]);
    await list.close();
    const after = await openAccessKeys(store, { encryptionKey: newKey() });
    expect(await after.find(accessKeyId)).toBeUndefined();
    await after.close();
  });

  it("has two active keys for a principal at most, also if instances make them at the same time", async () => {
    const store = memoryStore();
    const instances = [await open(store), await open(store)] as const;
    const made = await Promise.allSettled(
      Array.from({ length: 6 }, (_, i) => instances[i % 2 === 0 ? 0 : 1].create({ userArn })),
    );
    expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
    const [one] = instances;
    await expect(one.create({ userArn })).rejects.toThrow(
      /ci has 2 active access keys, AKIA\w{16} and AKIA\w{16}; revoke one of them first/,
    );
    await one.create({ userArn: `${userArn}2` });
    const first = (await one.list()).find((key) => key.userArn === userArn);
    await one.disable(first?.accessKeyId ?? "");
    await one.create({ userArn });
    await expect(one.enable(first?.accessKeyId ?? "")).rejects.toThrow("2 active access keys");
    await Promise.all(instances.map((keys) => keys.close()));
  });

  it.each([
    [{ userArn: "alice" }, "userArn names whom"],
    [{ userArn: "arn:aws:iam::123:user/a" }, "userArn names whom"],
    [{ arn: userArn }, "Write 'userArn'"],
    [{ userArn, name: "a\nb" }, "name is one line"],
  ])("throws for %j", async (options, message) => {
    const accessKeys = await open();
    await expect(accessKeys.create(options as never)).rejects.toThrow(message);
    await accessKeys.close();
  });
});

describe("the encryption key", () => {
  it.each([
    ["missing", undefined, "AUTHMODES_ENCRYPTION_KEY is missing"],
    ["empty", "", "AUTHMODES_ENCRYPTION_KEY is missing"],
    ["short", randomBytes(16).toString("base64"), "AUTHMODES_ENCRYPTION_KEY: key 1 of 1 is not 32 bytes"],
    ["long", randomBytes(33).toString("base64"), "is not 32 bytes"],
    ["not base64", "x".repeat(43), "is not 32 bytes"],
    ["base64url", "_".repeat(43), "is not 32 bytes"],
    ["short, behind a good one", `${newKey()},abc`, "AUTHMODES_ENCRYPTION_KEY: key 2 of 2 is not 32 bytes"],
    ["followed by a comma", `${newKey()},`, "key 2 of"],
  ])("is %s: nothing starts, and no key is quoted", async (_what, key, message) => {
    vi.stubEnv("AUTHMODES_ENCRYPTION_KEY", key);
    try {
      const error: unknown = await openAccessKeys(memoryStore()).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toContain(message);
      if (key !== undefined && key !== "") expect(String(error)).not.toContain(key);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it("is an option, whose misspelt name is found", async () => {
    const misspelt = { encryptionKeys: encryptionKey } as OpenAccessKeysOptions;
    await expect(openAccessKeys(memoryStore(), misspelt)).rejects.toThrow("Write 'encryptionKey'");
    vi.stubEnv("AUTHMODES_ENCRYPTION_KEY", encryptionKey);
    const missing = { encryptionKey: undefined } as unknown as OpenAccessKeysOptions;
    await expect(openAccessKeys(memoryStore(), missing)).rejects.toThrow("encryptionKey is undefined");
    vi.unstubAllEnvs();
  });

  it("comes from the environment, and is rotated: the first encrypts, all decrypt", async () => {
    const store = memoryStore();
    const [old, next] = [newKey(), newKey()];
    const before = await open(store, old);
    const pair = await before.create({ userArn });
    await expect(open(store, next)).rejects.toThrow(StoreError);
    await expect(open(store, next)).rejects.toThrow(
      `the secret of access key ${pair.accessKeyId} cannot be decrypted`,
    );
    vi.stubEnv("AUTHMODES_ENCRYPTION_KEY", `${next}, ${old}`);
    const both = await openAccessKeys(store);
    vi.unstubAllEnvs();
    expect(await (await signedAskerOf(both))(pair)).toBe(`iam ${userArn}`);
    expect(await both.reencrypt()).toBe(1);
    expect(await both.reencrypt()).toBe(0);
    // An instance that has only the old one says so for this key, and does not call it unknown.
    expect(await (await signedAskerOf(before))(pair)).toBe("503 access_key_undecryptable");
    const after = await open(store, next);
    expect(await (await signedAskerOf(after))(pair)).toBe(`iam ${userArn}`);
    await Promise.all([before, both, after].map((keys) => keys.close()));
  });

  it("binds a secret to its id and its principal", async () => {
    const store = memoryStore();
    const accessKeys = await open(store);
    const { accessKeyId } = await accessKeys.create({ userArn });
    const data = (await store.changes("access-key")).rows[0]?.data ?? "";
    await accessKeys.close();
    // As someone could who may write to the store, and has no encryption key.
    for (const [id, changed] of [
      ["AKIAOTHER", data],
      [accessKeyId, data.replace("user/ci", "user/admin")],
      [accessKeyId, data.replace("123456789012", "999999999999")],
      [accessKeyId, data.replace(/(?<=secret":"\w+\..{20})./, (letter) => (letter === "A" ? "B" : "A"))],
    ] as const) {
      const other = memoryStore();
      await other.write([{ kind: "access-key", id, data: changed }]);
      await expect(open(other)).rejects.toThrow("cannot be decrypted");
    }
  });

  it("never encrypts two secrets the same way", async () => {
    const store = memoryStore();
    const accessKeys = await open(store);
    await accessKeys.create({ userArn });
    await accessKeys.create({ userArn });
    const secrets = (await store.changes("access-key")).rows.map(
      ({ data }) => /secret":"\w+\.(.{16})/.exec(data)?.[1],
    );
    expect(new Set(secrets).size).toBe(2);
    await accessKeys.close();
  });
});
