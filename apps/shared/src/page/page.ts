import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Caller } from "../identity/callers.ts";
import { decisionList } from "./decision-html.ts";
import { exchange, type PageRequest, readRequest } from "./exchange.ts";
import { HttpError } from "../http/http-error.ts";
import type { Html } from "./html.ts";
import { liveMessages } from "./live.ts";
import type { Middleware } from "../http/middleware.ts";
import { docs, methods, pageHtml, type PageOptions } from "./page-html.ts";
import type { RequestLog } from "./request-log.ts";

// The page exists in this sample only: it sends requests as any of the demo's callers and shows their credentials. So it
// answers to this machine's own names, and forms and scripts only to pages of this server.

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
    const [path = "/"] = (request.url ?? "/").split("?", 1);
    const isRead = request.method === "GET" || request.method === "HEAD";
    const file = files[path];
    if (file !== undefined && isRead) sendFile(file, response);
    else if (path !== "/" && !path.startsWith("/demo/")) next();
    else if (!isAllowed(request, path === "/" && isRead))
      send(response, 403, "text/plain", "Only for the shop's own page");
    else answer(options, `${isRead ? "GET" : request.method} ${path}`, request, response).catch(next);
  };
}

/** @throws HttpError 400, 404, 413 */
async function answer(
  options: PageOptions,
  route: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { callers, log } = options;
  switch (route) {
    case "GET /demo/events":
      return streamLog(log, response);
    case "GET /demo/log":
      return sendHtml(response, 200, decisionList(log));
    case "POST /demo/live": {
      const { source } = callerOf(callers, await readForm(request));
      const messages = await liveMessages(source, request.headers.host ?? "");
      return send(response, 200, "application/json", JSON.stringify(messages));
    }
    case "GET /":
    case "POST /": {
      const form = route === "GET /" ? new URLSearchParams() : await readForm(request);
      return showPage(options, form, `http://127.0.0.1:${request.socket.localPort}`, response);
    }
    default:
      throw new HttpError(404, "There is nothing here");
  }
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

/** Sends the request of a form as its caller, and shows the answer. */
async function showPage(
  options: PageOptions,
  form: URLSearchParams,
  origin: string,
  response: ServerResponse,
): Promise<void> {
  const { callers, log } = options;
  const caller = callerOf(callers, form);
  const request = requestOf(form);
  const result = await exchange(caller.source, request, origin, log);
  const books = new URLSearchParams({ limit: "12" });
  const after = form.get("after");
  if (after !== null) books.set("cursor", after);
  const toShelf = { method: "GET", path: `/books?${books.toString()}`, body: "" };
  const isWhole = form.get("part") !== "answer";
  const shelf = isWhole ? await exchange(caller.source, toShelf, origin, log) : undefined;
  const status = "complaint" in result ? 400 : 200;
  sendHtml(response, status, pageHtml(options, caller, request, result, shelf));
}

/** @throws HttpError 400 if there is no such caller */
function callerOf(callers: readonly Caller[], form: URLSearchParams): Caller {
  const name = form.get("caller") ?? "alice";
  const caller = callers.find((known) => known.name === name);
  if (caller === undefined) throw new HttpError(400, "There is no such caller");
  return caller;
}

/** @throws HttpError 400 if there is no such method */
function requestOf(form: URLSearchParams): PageRequest {
  const preset = form.get("preset");
  const { method = "GET", path = "/whoami", body = "" } = Object.fromEntries(form);
  const request = preset === null ? { method, path, body } : readRequest(preset);
  if (methods.includes(request.method)) return request;
  throw new HttpError(400, `The method is one of ${methods.join(", ")}`);
}
