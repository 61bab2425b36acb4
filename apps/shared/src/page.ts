import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createAuthFetch } from "@authmodes/core/outbound";
import type { Caller } from "./callers.ts";
import { HttpError } from "./http-error.ts";
import type { Middleware } from "./middleware.ts";
import type { RequestLog } from "./request-log.ts";

// The page and its calls exist in this sample only: whoever can open it calls the shop as any of the demo's callers.
// That is why all of it answers to pages of this server alone.

const files: Readonly<Record<string, readonly [name: string, type: string]>> = {
  "/": ["page.html", "text/html; charset=utf-8"],
  "/page.css": ["page.css", "text/css; charset=utf-8"],
  "/page.js": ["page.js", "text/javascript; charset=utf-8"],
  "/page.svg": ["page.svg", "image/svg+xml"],
};

const headers = {
  "Cache-Control": "no-cache",
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/** Serves the page, the names of the callers, calls in their name, and the decisions as they happen. */
export function createPage(callers: readonly Caller[], log: RequestLog): Middleware {
  return function page(request, response, next) {
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    const file = Object.hasOwn(files, path) ? files[path] : undefined;
    const isRead = request.method === "GET" || request.method === "HEAD";
    if (file !== undefined && isRead) return sendFile(file, response);
    if (!path.startsWith("/demo/")) return next();
    if (!isSameOrigin(request)) return sendJson(response, 403, { message: "The demo is for its own page" });
    if (path === "/demo/callers" && isRead) return sendJson(response, 200, callers.map(describe));
    if (path === "/demo/events" && isRead) return streamLog(log, response);
    if (path === "/demo/call" && request.method === "POST") {
      call(callers, request).then((answer) => sendJson(response, 200, answer), next);
      return;
    }
    next(new HttpError(404, "There is nothing here"));
  };
}

function sendFile([name, type]: readonly [name: string, type: string], response: ServerResponse): void {
  const content = readFileSync(new URL(`../public/${name}`, import.meta.url));
  response.writeHead(200, { ...headers, "Content-Type": type }).end(content);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { ...headers, "Content-Type": "application/json" }).end(JSON.stringify(body));
}

function describe({ name, mode, about }: Caller): Pick<Caller, "name" | "mode" | "about"> {
  return { name, mode, about };
}

/**
 * Whether a page of this server asks, or no browser at all. The host is checked so that a foreign name which is made
 * to resolve to 127.0.0.1 gets nothing.
 */
function isSameOrigin(request: IncomingMessage): boolean {
  const { host, origin, "sec-fetch-site": site = "same-origin" } = request.headers;
  const port = request.socket.localPort;
  const isOurs = host === `127.0.0.1:${port}` || host === `localhost:${port}`;
  return isOurs && site === "same-origin" && (origin === undefined || origin === `http://${host}`);
}

/** Server-sent events (HTML standard, "Server-sent events"): what was decided lately, then what is decided. */
function streamLog(log: RequestLog, response: ServerResponse): void {
  // Set rather than written, so that the server knows it for a stream when it stops.
  response.setHeader("Content-Type", "text/event-stream").writeHead(200, headers);
  const send = (request: object) => response.write(`data: ${JSON.stringify(request)}\n\n`);
  for (const request of log.recent) send(request);
  response.once(
    "close",
    log.listen((request) => request.id !== undefined && send(request)),
  );
}

interface CallAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** A real request over HTTP, made in the name of a caller: only a server can sign without giving its keys away. */
async function call(callers: readonly Caller[], request: IncomingMessage): Promise<CallAnswer> {
  const wanted = await readCall(request);
  const caller = callers.find(({ name }) => name === wanted.caller);
  if (caller === undefined) throw new HttpError(400, "There is no such caller");
  const origin = `http://127.0.0.1:${request.socket.localPort}`;
  const url = URL.canParse(wanted.path, origin) ? new URL(wanted.path, origin) : undefined;
  if (url?.origin !== origin || url.pathname.startsWith("/demo/")) {
    throw new HttpError(400, "path is one of this server, such as /books");
  }
  const response = await createAuthFetch(caller.source, { origins: [origin] })(url, { redirect: "manual" });
  return { status: response.status, body: asJson(await response.text()) };
}

async function readCall(request: IncomingMessage): Promise<{ caller: string; path: string }> {
  if (request.headers["content-type"] !== "application/json") throw new HttpError(400, "Send JSON");
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk;
    if (text.length > 10_000) throw new HttpError(413, "The body is too large");
  }
  const body = asJson(text);
  if (typeof body === "object" && body !== null && "caller" in body && "path" in body) {
    const { caller, path } = body;
    if (typeof caller === "string" && typeof path === "string") return { caller, path };
  }
  throw new HttpError(400, 'Send {"caller": …, "path": …}');
}

/** The text itself where it is not JSON. */
function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
