import { randomBytes } from "node:crypto";
import { hashApiKey } from "@authmodes/core";
import { expect, it } from "vitest";
import { openAccessKeys } from "./access-keys.ts";
import { openKeys } from "./keys.ts";
import { memoryStore } from "./store/memory.ts";
import type { Store } from "./store/store.ts";
import { askerOf } from "./test/ask.ts";

// A client of a store that lost the connection before an answer sends the write again: the answer to that is that the store
// has changed.

function resending(store: Store): Store {
  return {
    ...store,
    async write(writes, after) {
      await store.write(writes, after);
      return store.write(writes, after);
    },
  };
}

it("makes one key, which is revoked everywhere", async () => {
  const store = memoryStore();
  const keys = await openKeys(resending(store));
  const { id, key } = await keys.create({ name: "a" });
  await keys.revoke(id);
  expect(await keys.list()).toMatchObject([{ id, state: "revoked" }]);
  const other = await openKeys(store);
  expect(await (await askerOf(other))(key)).toBe("401 api_key_disabled");
  await Promise.all([keys.close(), other.close()]);
});

it("rotates a key once: the new value lives longer than the overlap", async () => {
  const keys = await openKeys(resending(memoryStore()));
  const { id } = await keys.create({ name: "a" });
  const { key, expiresAt } = await keys.rotate(id);
  expect(await keys.find(await hashApiKey(key))).toMatchObject({ id, expiresAt });
  await keys.close();
});

it("imports keys, encrypts secrets again, and says so", async () => {
  const keys = await openKeys(resending(memoryStore()));
  expect(await keys.import({ keys: `Name,Key\nold,${"k".repeat(20)}\n` })).toMatchObject({
    imported: [{ name: "old" }],
    existing: 0,
  });
  await keys.close();
  const [old, next] = [randomBytes(32).toString("base64"), randomBytes(32).toString("base64")];
  const store = resending(memoryStore());
  const before = await openAccessKeys(store, { encryptionKey: old });
  const userArn = "arn:aws:iam::123456789012:user/ci";
  const made = [await before.create({ userArn }), await before.create({ userArn })];
  expect(new Set((await before.list()).map(({ accessKeyId }) => accessKeyId))).toEqual(
    new Set(made.map(({ accessKeyId }) => accessKeyId)),
  );
  const after = await openAccessKeys(store, { encryptionKey: `${next},${old}` });
  expect(await after.reencrypt()).toBe(2);
  await Promise.all([before.close(), after.close()]);
});
