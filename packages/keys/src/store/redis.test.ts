import { inspect } from "node:util";
import { Redis } from "ioredis";
import { expect, it, onTestFinished } from "vitest";
import { rejections, startRejectingRedis } from "../../../../scripts/rejecting-redis.ts";
import { openKeys } from "../keys.ts";
import { redisStore } from "./redis.ts";

it.each(rejections)(
  "shows no password that %s, neither in the message nor in the cause",
  async (_, trouble, answer) => {
    const { address, close } = await startRejectingRedis(answer);
    onTestFinished(close);
    const store = redisStore(`redis://me:s3cret@${address}`);
    const error: unknown = await openKeys(store).catch((thrown: unknown) => thrown);
    await store.close();
    expect(error).toMatchObject({ name: "StoreError", trouble });
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain("s3cret");
  },
);

it("leaves no listener on a client of the app", async () => {
  const client = new Redis({ lazyConnect: true });
  const count = () => client.eventNames().map((name) => [name, client.listenerCount(name)]);
  const before = count();
  const stores = [redisStore(client), redisStore(client)];
  expect(count()).not.toEqual(before);
  for (const store of stores) await store.close();
  expect(count()).toEqual(before);
});
