import { readFileSync } from "node:fs";
import type { Caller } from "../identity/callers.ts";
import { curlOf, type Exchange, parsed } from "./exchange.ts";
import { decisionList, eventList } from "./decision-html.ts";
import { html, Html, type Value } from "./html.ts";
import { type AppName, frameworks } from "../command/options.ts";
import type { RequestLog } from "./request-log.ts";

export interface Asked {
  readonly caller: Caller;
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

export type Result = Exchange | { readonly complaint: string };

export interface PageOptions {
  readonly app: AppName;
  readonly callers: readonly Caller[];
  readonly log: RequestLog;
  readonly studioPath: string | undefined;
}

export interface PageView extends PageOptions {
  readonly asked: Asked;
  readonly result: Result;
  /** Undefined to leave the shelf out. */
  readonly shelf: Result | undefined;
}

export const methods: readonly string[] = ["GET", "POST", "PATCH", "DELETE"];

/** The pages of `docs/` that the page leads to. */
export const docs = ["getting-started", "modes", "rules"] as const;

const presets = [
  "GET /whoami",
  "GET /public/ping",
  "GET /books/101",
  'PATCH /books/102 {"price": 9}',
  'POST /books {"title": "Mine", "author": "Me", "price": 1, "stock": 1}',
  "GET /orders",
  "GET /orders/104",
  'POST /orders {"bookId": "101", "quantity": 1}',
  'PATCH /orders/101 {"note": "gift wrap"}',
  'PATCH /orders/101 {"owner": "bob"}',
  "GET /reviews",
  "GET /clubs",
  "GET /employees/102",
  "GET /reports",
  'POST /graphql {"query": "{ getOrder(id: \\"104\\") { note } getBook(id: \\"104\\") { title costPrice } }"}',
  "GET /suppliers/iam",
  "GET /suppliers/forward",
];

const template = readFileSync(new URL("../../public/page.html", import.meta.url), "utf8");

/** Fills the slots of `page.html`, which are names in braces. */
export function pageHtml({ app, callers, studioPath, asked, result, shelf, log }: PageView): Html {
  const { caller, method, path, body } = asked;
  const request = [method, path, body].filter((word) => word !== "").join(" ");
  const studio =
    studioPath === undefined
      ? html`<span>Studio: <code>npm start -- --app ${app} --studio</code></span>`
      : html`<a href="${studioPath}">studio</a>`;
  const slots: Readonly<Record<string, Value>> = {
    title: `The bookstore on ${frameworks[app]}`,
    links: [...docs.map((name) => html`<a href="/docs/${name}.md">${name.replace("-", " ")}</a>`), studio],
    callers: [
      ...hidden(asked, "method", "path", "body"),
      ...callers.map(({ name, mode }) =>
        choice("caller", name, name === caller.name, html`<strong>${name}</strong> <small>${mode}</small>`),
      ),
    ],
    caller: caller.name,
    about: caller.about,
    methods: methods.map(
      (name) => html`<option${new Html(name === method ? " selected" : "")}>${name}</option>`,
    ),
    path,
    body,
    presets: presets.map((preset) =>
      choice("preset", preset, preset === request, html`${preset.replace(/ \{"query.*/, "")}`),
    ),
    answer: answer(asked, result),
    shelf: shelf && shelfOf(asked, shelf),
    decisions: decisionList(log),
  };
  return new Html(template.replaceAll(/\{(\w+)\}/g, (_slot, name: string) => html`${slots[name]}`.markup));
}

function hidden({ caller, ...asked }: Asked, ...names: readonly (keyof Asked)[]): readonly Html[] {
  const values = { ...asked, caller: caller.name };
  return names.map((name) => html`<input type="hidden" name="${name}" value="${values[name]}" />`);
}

function choice(name: string, value: string, isChosen: boolean, content: Html): Html {
  return html`<button name="${name}" value="${value}" aria-pressed="${String(isChosen)}">${content}</button>`;
}

function answer(asked: Asked, result: Result): Html {
  if ("complaint" in result) return verdict(result);
  const { method, url, headers, body, events } = result;
  const sent = [
    `${method} ${url.pathname}${url.search}`,
    `host: ${url.host}`,
    ...headers.map((header) => header.join(": ")),
  ];
  const received = parsed(result.answer);
  return html`${verdict(result)}
    <h3>Decision</h3>
    ${eventList(events, "link", asked.caller.name)}
    <div class="exchange">
      <div>
        <h3 id="sent">Sent</h3>
        <pre tabindex="0" role="group" aria-labelledby="sent">
${sent.join("\n")}${body === "" ? "" : `\n\n${body}`}</pre>
        <details>
          <summary>As a curl command</summary>
          <pre tabindex="0" id="curl">${curlOf(result)}</pre>
        </details>
      </div>
      <div>
        <h3 id="received">Received</h3>
        <pre tabindex="0" role="group" aria-labelledby="received">
${typeof received === "string" ? received : JSON.stringify(received, null, 2)}</pre>
      </div>
    </div>`;
}

/** Status, code and sentence of an answer, in each of the error formats. */
function verdict(result: Result): Html {
  if ("complaint" in result) return html`<p class="verdict bad">${result.complaint}</p>`;
  const { status } = result;
  if (status < 400) return html`<p class="verdict"><b>✓ ${status}</b> allowed</p>`;
  const { code, detail, message, errors } = Object(parsed(result.answer)) as ErrorBody;
  const word = code ?? errors?.[0]?.errorType;
  const sentence = detail ?? message ?? errors?.[0]?.message;
  return html`<p class="verdict bad">
    <b>✗ ${status}</b> ${word && html`<code>${word}</code> `}${sentence}
  </p>`;
}

interface ErrorBody {
  readonly code?: string;
  readonly detail?: string;
  readonly message?: string;
  readonly errors?: readonly { readonly errorType?: string; readonly message?: string }[];
}

function shelfOf(asked: Asked, result: Result): Html {
  if ("complaint" in result || result.status !== 200) return verdict(result);
  const { items, cursor } = parsed(result.answer) as {
    readonly items: readonly Book[];
    readonly cursor: string | null;
  };
  return html`<ul class="shelf">
      ${items.map(bookCard)}
    </ul>
    ${cursor === null ? undefined : html`<form method="post" action="/">${hidden(asked, "caller", "method", "path", "body")}<button name="after" value="${cursor}">More books</button></form>`}`;
}

/** The rules, which the studio changes while the shop runs, may hide any field but the id: it is null then. */
interface Book {
  readonly id: string;
  readonly title: string | null;
  readonly author: string | null;
  readonly price: number | null;
  readonly stock: number | null;
  readonly costPrice: number | null;
}

function bookCard({ id, title, author, price, stock, costPrice }: Book): Html {
  const fact = (name: string, value: string | number | undefined | null) =>
    html`<div>
      <dt>${name}</dt>
      <dd>${value ?? "hidden"}</dd>
    </div>`;
  return html`<li class="book cloth-${Number(id) % 6}">
    <h3>${title ?? "hidden"}</h3>
    <p>${author ?? "hidden"}</p>
    <dl>
      ${[fact("price", price?.toFixed(2)), fact("in stock", stock), fact("cost price", costPrice?.toFixed(2))]}
    </dl>
  </li>`;
}
