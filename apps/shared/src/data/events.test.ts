import { inspect } from "node:util";
import { type Events, EventsLost, memoryEvents } from "@authmodes/graphql/events";
import type { Condition } from "@authmodes/rules";
import { expect, it, onTestFinished, vi } from "vitest";
import { rejections, startRejectingRedis } from "../../../../scripts/rejecting-redis.ts";
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

it.each(rejections)(
  "show no password that %s, nor an event that was not published",
  async (_, trouble, answer) => {
    const { address, close: closeRedis } = await startRejectingRedis(answer);
    onTestFinished(closeRedis);
    const report = vi.spyOn(console, "error").mockImplementation(() => undefined);
    onTestFinished(() => report.mockRestore());
    const { events, close } = await openEvents(`redis://me:s3cret@${address}`);
    const lost: unknown = await events.subscribe("onCreateOrder").catch((error: unknown) => error);
    const unsent: unknown = await events.publish("onCreateOrder", order).catch((error: unknown) => error);
    await close();
    expect(lost).toBeInstanceOf(EventsLost);
    expect(lost).toMatchObject({ cause: { message: trouble } });
    expect(unsent).toBeInstanceOf(Error);
    const shown = inspect([lost, unsent, report.mock.calls], { depth: null, showHidden: true });
    expect(shown).toContain(trouble);
    expect(shown).not.toMatch(/s3cret|gift wrap/);
  },
);
