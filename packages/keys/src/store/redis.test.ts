import { type AddressInfo, createServer } from "node:net";
import { inspect } from "node:util";
import { Redis } from "ioredis";
import { expect, it, onTestFinished } from "vitest";
import { openKeys } from "../keys.ts";
import { redisStore } from "./redis.ts";

const wrongPassword = "WRONGPASS invalid username-password pair or user is disabled";

it.each([
  ["is wrong", wrongPassword, () => wrongPassword],
  // As servers before Redis 6 and proxies answer commands that they do not know.
  [
    "is an argument of an unknown command",
    "ERR unknown command 'auth'",
    ([name, ...args]: readonly string[]) =>
      `ERR unknown command '${name}', with args beginning with: ${args.map((arg) => `'${arg}'`).join(" ")}`,
  ],
])("shows no password that %s, neither in the message nor in the cause", async (_, trouble, answer) => {
  const server = createServer((socket) => {
    socket.on("data", (bytes) => {
      // Each command is an array of texts with their lengths: *2 $4 AUTH $6 s3cret
      const [, ...commands] = bytes.toString().split(/^\*\d+\r\n/m);
      for (const command of commands) {
        socket.write(`-${answer(command.split("\r\n").filter((_line, i) => i % 2 === 1))}\r\n`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const store = redisStore(`redis://me:s3cret@127.0.0.1:${port}`);
  const error: unknown = await openKeys(store).catch((thrown: unknown) => thrown);
  await store.close();
  expect(error).toMatchObject({ name: "StoreError", trouble });
  expect(inspect(error, { depth: null, showHidden: true })).not.toContain("s3cret");
});

it("leaves no listener on a client of the app", async () => {
  const client = new Redis({ lazyConnect: true });
  const count = () => client.eventNames().map((name) => [name, client.listenerCount(name)]);
  const before = count();
  const stores = [redisStore(client), redisStore(client)];
  expect(count()).not.toEqual(before);
  for (const store of stores) await store.close();
  expect(count()).toEqual(before);
});
