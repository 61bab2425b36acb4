import { memoryEvents } from "@authmodes/graphql/events";
import type { Condition } from "@authmodes/rules";
import { expect, it, onTestFinished, vi } from "vitest";
import { openEvents, publishing } from "./events.ts";
import type { ShopModel } from "./models.ts";
import type { Records } from "./records.ts";

const order = { id: "1", note: "gift wrap" };
const everything: Condition = { kind: "always" };

/** A model whose writes succeed; of a second delete there is no record left. */
function orders(): ShopModel {
  const stored = new Map([[order.id, order]]);
  const records = {
    create: async () => order,
    update: async () => order,
    async remove(id: string) {
      const gone = stored.get(id);
      stored.delete(id);
      return gone;
    },
  } as unknown as Records;
  return { name: "Order", path: "/orders", records };
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
  const { records } = publishing(orders(), events);
  expect(await records.create({})).toBe(order);
  expect(await records.update("1", {}, everything)).toBe(order);
  expect(await records.remove("1", everything)).toBe(order);
  expect(await records.remove("1", everything)).toBeUndefined();
  expect(seen).toEqual(["onCreateOrder", "onUpdateOrder", "onDeleteOrder"]);
});

it("lets no write fail because of its event", async () => {
  const report = vi.spyOn(console, "error").mockImplementation(() => undefined);
  onTestFinished(() => report.mockRestore());
  const { events, close } = await openEvents();
  const lost = { ...events, publish: () => Promise.reject(new Error("down")) };
  expect(await publishing(orders(), lost).records.create({})).toBe(order);
  await vi.waitFor(() => expect(report).toHaveBeenCalledOnce());
  await close();
});
