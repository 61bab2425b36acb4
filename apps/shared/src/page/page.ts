import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Caller } from "../identity/callers.ts";
import { decisionList } from "./decision-html.ts";
import { exchange } from "./exchange.ts";
import { HttpError } from "../http/http-error.ts";
import type { Html } from "./html.ts";
import { liveMessages } from "./live.ts";
import type { Middleware } from "../http/middleware.ts";
import type { AppName } from "../command/options.ts";
import { type Asked, docs, methods, pageHtml, type Result } from "./page-html.ts";
import type { RequestLog } from "./request-log.ts";

// The page exists in this sample only: it sends requests as any of the demo's callers and shows their credentials. So it
// answers to this machine's own names, and forms and scripts only to pages of this server.

export interface PageOptions {
  readonly app: AppName;
  readonly callers: readonly Caller[];
  readonly log: RequestLog;
  readonly studioPath: string | undefined;
}

const files: Readonly<Record<string, readonly [path: string, type: string]>> = {
  "/page.css": ["public/page.css", "text/css; charset=utf-8"],
  "/live.js": ["public/live.js", "text/javascript; charset=utf-8"],
  "/page.js": ["public/page.js", "text/javascript; charset=utf-8"],
  "/page.svg": ["public/page.svg", "image/svg+xml"],
  ...Object.fromEntries(
    docs.map((name) => [`/docs/${name}.md`, [`../../docs/${name}.md`, "text/plain; charset=utf-8"]] as const),
  ),
};

const headers = {
  "Cache-Control": "no-cache",
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  // With "no-referrer" browsers would post forms with the origin "null".
  "Referrer-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
};

/** Serves the page at `/`, which is rendered here and works without scripts, and its log of decisions. */
export function createPage(options: PageOptions): Middleware {
  return function page(request, response, next) {
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    const isRead = request.method === "GET" || request.method === "HEAD";
    const file = files[path];
    if (file !== undefined && isRead) return sendFile(file, response);
    if (path !== "/" && !path.startsWith("/demo/")) return next();
    if (!isAllowed(request, path === "/" && isRead))
      return send(response, 403, "text/plain", "Only for the shop's own page");
    if (path === "/demo/events" && isRead) return streamLog(options.log, response);
    if (path === "/demo/log" && isRead) return sendHtml(response, 200, decisionList(options.log));
    if (path === "/demo/live" && request.method === "POST") {
      readForm(request)
        .then((form) => liveMessages(callerOf(options, form).source, request.headers.host ?? ""))
        .then((messages) => send(response, 200, "application/json", JSON.stringify(messages)))
        .catch(next);
      return;
    }
    if (path !== "/" || !(isRead || request.method === "POST"))
      return next(new HttpError(404, "There is nothing here"));
    const fields = isRead ? new URLSearchParams() : readForm(request);
    Promise.resolve(fields)
      .then((form) => render(options, form, `http://127.0.0.1:${request.socket.localPort}`))
      .then(({ status, page }) => sendHtml(response, status, page))
      .catch(next);
  };
}

function sendFile([path, type]: readonly [path: string, type: string], response: ServerResponse): void {
  send(response, 200, type, readFileSync(new URL(`../../${path}`, import.meta.url)));
}

function sendHtml(response: ServerResponse, status: number, { markup }: Html): void {
  send(response, status, "text/html; charset=utf-8", markup);
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { ...headers, "Content-Type": type }).end(body);
}

/**
 * Whether the page may be shown to the sender. The host is checked because a foreign name can be made to resolve to
 * 127.0.0.1; the site because another page can post a form.
 * @param isVisit a link from elsewhere may lead to the page
 */
function isAllowed({ headers: sent, socket }: IncomingMessage, isVisit: boolean): boolean {
  const { host, origin, "sec-fetch-site": site = "same-origin" } = sent;
  const isOurs = host === `127.0.0.1:${socket.localPort}` || host === `localhost:${socket.localPort}`;
  if (isVisit) return isOurs;
  return isOurs && site === "same-origin" && (origin === undefined || origin === `http://${host}`);
}

/** Server-sent events (HTML standard): the requests so far, then each new one. */
function streamLog(log: RequestLog, response: ServerResponse): void {
  // Set, not written: the server then recognizes the stream when it stops.
  response.setHeader("Content-Type", "text/event-stream").writeHead(200, headers);
  const sendEvent = (request: object) => response.write(`data: ${JSON.stringify(request)}\n\n`);
  for (const request of log.recent) sendEvent(request);
  response.once(
    "close",
    log.listen((request) => request.events.length > 0 && sendEvent(request)),
  );
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  if (request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") !== true)
    throw new HttpError(400, "Send the form of the page");
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk;
    if (text.length > 10_000) throw new HttpError(413, "The form is too large");
  }
  return new URLSearchParams(text);
}

async function render(
  { app, callers, log, studioPath }: PageOptions,
  form: URLSearchParams,
  origin: string,
): Promise<{ readonly status: number; readonly page: Html }> {
  const asked = readAsked({ callers }, form);
  const ask = async ({ method, path, body }: Omit<Asked, "caller">): Promise<Result> => {
    try {
      const url = urlOf(path, origin);
      return await exchange(asked.caller.source, { method, url, body: method === "GET" ? "" : body }, log);
    } catch (error) {
      return { complaint: error instanceof HttpError ? error.message : "The shop does not answer." };
    }
  };
  const result = await ask(asked);
  const after = form.get("after");
  const shelf =
    form.get("part") === "answer"
      ? undefined
      : await ask({
          method: "GET",
          path: `/books?limit=12${after === null ? "" : `&cursor=${encodeURIComponent(after)}`}`,
          body: "",
        });
  return {
    status: "complaint" in result ? 400 : 200,
    page: pageHtml({ app, callers, studioPath, asked, result, shelf, log }),
  };
}

/** @throws HttpError 400 if there is no such caller */
function callerOf({ callers }: Pick<PageOptions, "callers">, form: URLSearchParams): Caller {
  const name = form.get("caller") ?? "alice";
  const caller = callers.find((known) => known.name === name);
  if (caller === undefined) throw new HttpError(400, "There is no such caller");
  return caller;
}

/** @throws HttpError 400 if there is no such caller or method */
function readAsked(options: Pick<PageOptions, "callers">, form: URLSearchParams): Asked {
  const caller = callerOf(options, form);
  const [method = "GET", path = "", ...body] = (form.get("preset") ?? "").split(" ");
  const asked = form.has("preset")
    ? { method, path, body: body.join(" ") }
    : {
        method: form.get("method") ?? "GET",
        path: form.get("path") ?? "/whoami",
        body: form.get("body") ?? "",
      };
  if (!methods.includes(asked.method)) throw new HttpError(400, `The method is one of ${methods.join(", ")}`);
  return { caller, ...asked };
}

/** @throws HttpError 400 for another origin and for the page itself */
function urlOf(path: string, origin: string): URL {
  const url = URL.canParse(path, origin) ? new URL(path, origin) : undefined;
  if (url?.origin === origin && url.pathname !== "/" && !url.pathname.startsWith("/demo/")) return url;
  throw new HttpError(400, "Write a path of this shop, such as /books.");
}
