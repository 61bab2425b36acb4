import { type AddressInfo, createServer } from "node:net";
import { inspect } from "node:util";
import { type Events, EventsLost, memoryEvents } from "@authmodes/graphql/events";
import type { Condition } from "@authmodes/rules";
import { expect, it, onTestFinished, vi } from "vitest";
import type { Database } from "./database.ts";
import { openEvents } from "./events.ts";
import { createModels } from "./models.ts";
import type { Records } from "./records.ts";

const order = { id: "1", note: "gift wrap" };
const everything: Condition = { kind: "always" };

/** Orders whose writes succeed; of a second delete there is no record left. */
function orders(events: Events): Records {
  const stored = [order];
  const query = async (sql: string) => (sql.startsWith("delete") ? stored.splice(0) : stored);
  const database = { query, close: async () => undefined } as unknown as Database;
  const fields = { id: { type: "ID!" }, note: { type: "String" } };
  const [model] = createModels({ models: { Order: { fields } } }, database, events);
  if (model === undefined) throw new TypeError("there is no model");
  return model.records;
}

it("publishes each write once it is done, and no delete of nothing", async () => {
  const events = memoryEvents();
  const seen: string[] = [];
  const publish = events.publish.bind(events);
  events.publish = async (topic, event) => {
    seen.push(topic);
    expect(event).toBe(order);
    await publish(topic, event);
  };
  const records = orders(events);
  expect(await records.create({})).toBe(order);
  expect(await records.update("1", {}, everything)).toBe(order);
  expect(await records.remove("1", everything)).toBe(order);
  expect(await records.remove("1", everything)).toBeUndefined();
  expect(seen).toEqual(["onCreateOrder", "onUpdateOrder", "onDeleteOrder"]);
});

it("lets no write fail because of its event", async () => {
  const report = vi.spyOn(console, "error").mockImplementation(() => undefined);
  onTestFinished(() => report.mockRestore());
  const lost = { ...memoryEvents(), publish: () => Promise.reject(new Error("down")) };
  expect(await orders(lost).create({})).toBe(order);
  await vi.waitFor(() => expect(report).toHaveBeenCalledOnce());
});

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
])("show no password that %s, nor an event that was not published", async (_, trouble, answer) => {
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
  const report = vi.spyOn(console, "error").mockImplementation(() => undefined);
  onTestFinished(() => report.mockRestore());
  const { port } = server.address() as AddressInfo;
  const { events, close } = await openEvents(`redis://me:s3cret@127.0.0.1:${port}`);
  const lost: unknown = await events.subscribe("onCreateOrder").catch((error: unknown) => error);
  const unsent: unknown = await events.publish("onCreateOrder", order).catch((error: unknown) => error);
  await close();
  expect(lost).toBeInstanceOf(EventsLost);
  expect(lost).toMatchObject({ cause: { message: trouble } });
  expect(unsent).toBeInstanceOf(Error);
  const shown = inspect([lost, unsent, report.mock.calls], { depth: null, showHidden: true });
  expect(shown).toContain(trouble);
  expect(shown).not.toMatch(/s3cret|gift wrap/);
});
