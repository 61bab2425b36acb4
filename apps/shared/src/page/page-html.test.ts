import { outbound } from "@authmodes/core/outbound";
import { describe, expect, it } from "vitest";
import type { Exchange, Result } from "./exchange.ts";
import { pageHtml } from "./page-html.ts";
import { type LoggedRequest, RequestLog } from "./request-log.ts";

const hostile = `</textarea></pre><script>alert("1")</script><img src=x onerror='alert(1)'>`;

/** The page after a request in which every text that a client or a record can choose is hostile. */
function shown(shelf: Result, changes: Partial<Exchange> = {}): string {
  const caller = { name: "bob", mode: "userPool", about: "a user", source: outbound.none() };
  const event = { type: "refused", id: hostile, code: "forbidden", reason: hostile } as const;
  const log = new RequestLog(new Map());
  const logged: LoggedRequest = {
    requestId: "1",
    server: "shop",
    time: 0,
    method: hostile,
    path: hostile,
    status: 403,
    mode: hostile,
    caller: hostile,
    events: [event, { ...event, type: "allowed" }, { ...event, type: "accepted" }],
  };
  log.recent.push(logged);
  const result: Exchange = {
    ...sent(hostile),
    method: "PATCH",
    headers: [[hostile, hostile]],
    body: hostile,
    status: 403,
    events: logged.events,
    ...changes,
  };
  const asked = { method: "PATCH", path: hostile, body: hostile };
  const options = { app: "koa", callers: [caller], studioPath: hostile, log } as const;
  return pageHtml(options, caller, asked, result, shelf).markup;
}

function sent(answer: unknown): Exchange {
  const url = new URL(`http://127.0.0.1/?${hostile}`);
  return {
    method: "GET",
    url,
    headers: [],
    body: "",
    status: 200,
    answer,
    events: [],
  };
}

const book = { id: hostile, title: hostile, author: hostile, price: 9, stock: 1, costPrice: 5 };

describe("the page", () => {
  it.each([
    ["problem", { code: hostile, detail: hostile }],
    ["apigateway", { message: hostile }],
    ["appsync", { errors: [{ errorType: hostile, message: hostile }] }],
    ["text", hostile],
  ])("is the same markup whatever requests, records and answers (%s) hold", (_format, answer) => {
    const markup = shown(sent({ items: [book], cursor: hostile }), { answer });
    expect(markup).toContain("&lt;script&gt;");
    expect(markup.match(/<script\b[^>]*>/g)).toEqual(['<script type="module" src="/page.js">']);
    expect(markup.match(/<img\b[^>]*>/g)).toEqual(['<img src="/page.svg" alt="" width="44" height="44" />']);
  });

  it("shows books whose fields the rules hide", () => {
    const hidden = { id: "101", title: null, author: null, price: null, stock: null, costPrice: null };
    const [shelf = ""] =
      /<ul class="shelf">.*?<\/ul>/s.exec(shown(sent({ items: [hidden], cursor: null }))) ?? [];
    expect(shelf.match(/hidden/g)).toHaveLength(5);
  });
});
