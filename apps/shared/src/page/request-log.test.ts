import { createAuth, nodeView, none } from "@authmodes/core";
import { describe, expect, it, vi } from "vitest";
import { listen } from "../http/listen.ts";
import { type LoggedEvent, type LoggedRequest, RequestLog, requestLines } from "./request-log.ts";

const accepted: LoggedEvent = { type: "accepted", id: "1", code: undefined, reason: undefined };
const allowed: LoggedEvent = { type: "allowed", id: "1", code: undefined, reason: "Order owner: bob" };
const rejected: LoggedEvent = {
  type: "refused",
  id: "2",
  code: "forbidden",
  reason: "Order owner: alice, not bob",
};
const request: LoggedRequest = {
  requestId: "0",
  server: "shop",
  time: 0,
  method: "GET",
  path: "/orders/101",
  status: 403,
  mode: "userPool",
  caller: "bob",
  events: [accepted, rejected],
};
const shown = (changes: Partial<LoggedRequest>) =>
  requestLines({ ...request, ...changes }, (_style, text) => text).split(/ {2,}|\n +/);

describe("requestLines", () => {
  it("names the request, the caller, the status, the reason and the id of a rejection", () => {
    expect(shown({})).toEqual(["GET /orders/101", "bob userPool", "403", "Order owner: alice, not bob", "2"]);
  });

  it("prints no id if the request was allowed", () => {
    expect(shown({ status: 200, events: [accepted, allowed] })).toEqual([
      "GET /orders/101",
      "bob userPool",
      "200",
      "Order owner: bob",
    ]);
  });

  it("prints further decisions in their order, a line each", () => {
    const lines = requestLines({ ...request, events: [accepted, allowed, rejected] }, (_style, text) => text);
    expect(lines.split("\n")).toEqual([
      expect.stringMatching(/Order owner: bob$/),
      "  Order owner: alice, not bob  2",
    ]);
  });

  it("leaves out what is not known, and names the supplier", () => {
    expect(
      shown({ server: "supplier", status: 200, caller: undefined, mode: undefined, events: [] }),
    ).toEqual(["supplier: GET /orders/101", "- -", "200"]);
  });
});

describe("follow", () => {
  it("finds the events of its own request, and ignores ids that clients invent", async () => {
    const auth = createAuth([none()]);
    const log = new RequestLog(new Map());
    const watch = log.watch("shop", auth);
    const server = await listen((request, response) => {
      watch(request, response, () => {
        void auth.authenticate(nodeView(request)).then(() => response.end());
      });
    }, 0);
    const send = (id: string) => fetch(`${server.url}/a?token=secret`, { headers: { "x-request-id": id } });
    const { answer, events } = await log.follow(async (id) => {
      await send(id);
      return id;
    });
    expect(events.map(({ type }) => type)).toEqual(["accepted"]);
    await send(answer);
    await send("invented");
    await vi.waitUntil(() => log.recent.length === 3);
    expect(log.recent.map(({ requestId }) => requestId === answer)).toEqual([true, false, false]);
    expect(log.recent.at(-1)?.requestId).not.toBe("invented");
    expect(log.recent.map(({ path }) => path)).toEqual(["/a", "/a", "/a"]);
    for (let n = 0; n < 20; n++) await send(`${n}`);
    await vi.waitUntil(() => !log.recent.some(({ requestId }) => requestId === answer));
    expect(log.recent.length).toBeLessThanOrEqual(20);
    await server.close();
  });
});
