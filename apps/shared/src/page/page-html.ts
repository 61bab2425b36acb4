import { readFileSync } from "node:fs";
import { type AppName, frameworks } from "../command/options.ts";
import type { Caller } from "../identity/callers.ts";
import { decisionList, eventList } from "./decision-html.ts";
import { curlOf, type PageRequest, type Result } from "./exchange.ts";
import { html, Html, template } from "./html.ts";
import type { RequestLog } from "./request-log.ts";

export interface PageOptions {
  readonly app: AppName;
  readonly callers: readonly Caller[];
  readonly log: RequestLog;
  readonly studioPath: string | undefined;
}

export const methods: readonly string[] = ["GET", "POST", "PATCH", "DELETE"];

/** The pages of `docs/` that the page leads to. */
export const docs = ["getting-started", "modes", "rules"] as const;

const presets = readFileSync(new URL("../../public/requests.txt", import.meta.url), "utf8")
  .trim()
  .split("\n");
const page = template("page.html");
const answer = template("answer.html");
const book = template("book.html");

/** @param shelf undefined to leave it out */
export function pageHtml(
  { app, callers, studioPath, log }: PageOptions,
  caller: Caller,
  { method, path, body }: PageRequest,
  result: Result,
  shelf: Result | undefined,
): Html {
  const request = [method, path, body].filter((word) => word !== "").join(" ");
  const fields = { method, path, body };
  const studio =
    studioPath === undefined
      ? html`<span>Studio: <code>npm start -- --app ${app} --studio</code></span>`
      : html`<a href="${studioPath}">studio</a>`;
  return page({
    title: `The bookstore on ${frameworks[app]}`,
    links: [...docs.map((name) => html`<a href="/docs/${name}.md">${name.replace("-", " ")}</a>`), studio],
    callers: [
      ...hidden(fields),
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
    answer: answerHtml(caller, result),
    shelf: shelf && shelfHtml({ caller: caller.name, ...fields }, shelf),
    decisions: decisionList(log),
  });
}

function hidden(fields: Readonly<Record<string, string>>): readonly Html[] {
  return Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
}

function choice(name: string, value: string, isChosen: boolean, content: Html): Html {
  return html`<button name="${name}" value="${value}" aria-pressed="${String(isChosen)}">${content}</button>`;
}

function answerHtml(caller: Caller, result: Result): Html {
  if ("complaint" in result) return verdict(result);
  const { method, url, headers, body, events, answer: received } = result;
  const head = [[`${method} ${url.pathname}${url.search}`], ["host", url.host], ...headers];
  return answer({
    verdict: verdict(result),
    decision: eventList(events, "link", caller.name),
    sent: `${head.map((header) => header.join(": ")).join("\n")}${body === "" ? "" : `\n\n${body}`}`,
    curl: curlOf(result),
    received: typeof received === "string" ? received : JSON.stringify(received, null, 2),
  });
}

/** Status, code and sentence of an answer, in each of the error formats. */
function verdict(result: Result): Html {
  if ("complaint" in result) return html`<p class="verdict bad">${result.complaint}</p>`;
  const { status } = result;
  if (status < 400) return html`<p class="verdict"><b>✓ ${status}</b> allowed</p>`;
  const { code, detail, message, errors: [first] = [] } = Object(result.answer) as ErrorBody;
  const word = code ?? first?.errorType;
  return html`<p class="verdict bad">
    <b>✗ ${status}</b> ${word && html`<code>${word}</code> `}${detail ?? message ?? first?.message}
  </p>`;
}

interface ErrorBody {
  readonly code?: string;
  readonly detail?: string;
  readonly message?: string;
  readonly errors?: readonly { readonly errorType?: string; readonly message?: string }[];
}

function shelfHtml(fields: Readonly<Record<string, string>>, result: Result): Html {
  if ("complaint" in result || result.status !== 200) return verdict(result);
  const { items, cursor } = result.answer as {
    readonly items: readonly Book[];
    readonly cursor: string | null;
  };
  const more = html`<form method="post" action="/">
    ${hidden(fields)}<button name="after" value="${cursor ?? ""}">More books</button>
  </form>`;
  return html`<ul class="shelf">
      ${items.map(bookHtml)}
    </ul>
    ${cursor === null ? undefined : more}`;
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

function bookHtml({ id, title, author, price, stock, costPrice }: Book): Html {
  return book({
    cloth: Number(id) % 6,
    title: title ?? "hidden",
    author: author ?? "hidden",
    price: price?.toFixed(2) ?? "hidden",
    stock: stock ?? "hidden",
    costPrice: costPrice?.toFixed(2) ?? "hidden",
  });
}
