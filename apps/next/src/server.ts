import { createRequire } from "node:module";
import type { IncomingMessage, ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import {
  cors,
  errorReply,
  HttpError,
  listen,
  type Listening,
  type Port,
  type Shop,
} from "@authmodes/app-shared";
import { corsHeaders } from "@authmodes/next";
import type nextModule from "next";
import { createShopAuth, identifying } from "./auth.ts";
import { openBookstore } from "./bookstore.ts";

const dir = fileURLToPath(new URL("..", import.meta.url));
// Its types declare a default export that ES modules do not get from CommonJS.
const createNext = createRequire(import.meta.url)("next") as typeof nextModule.default;

/** Serves the built bookstore on Next.js in this process. */
export async function serve(shop: Shop, port: Port): Promise<Listening> {
  process.env["NEXT_TELEMETRY_DISABLED"] = "1";
  const auth = createShopAuth(shop);
  openBookstore({ shop, auth });
  const log = shop.log(auth); // before Next sets NODE_ENV to production
  // Next fetches from its own address the page that an action redirects to.
  const own = new URL(shop.mcpUrl);
  const next = createNext({ dev: false, dir, hostname: own.hostname, port: Number(own.port) });
  await withoutOutput(() => next.prepare());
  const handle = next.getRequestHandler();
  const allowOrigins = cors(corsHeaders(auth));

  const listening = await listen(
    (request, response) => {
      const answer = () => {
        if (isReadable(request)) return void handle(request, response);
        const { status, headers, body } = errorReply(
          new HttpError(400, "The path cannot be read"),
          shop.errorFormat,
        );
        response.writeHead(status, headers).end(body);
      };
      if (isOfPage(request)) return servePage(shop, request, response, answer);
      log(request, response, () => allowOrigins(request, response, answer));
    },
    port,
    shop.realtime(auth.only(...identifying)),
  );
  return {
    url: listening.url,
    async close() {
      await listening.close();
      await next.close();
    },
  };
}

/** Next answers 500 to a path that it cannot decode. */
function isReadable({ url = "/" }: IncomingMessage): boolean {
  try {
    decodeURIComponent(url.split("?", 1)[0] ?? "/");
    return true;
  } catch {
    return false;
  }
}

/** Keeps Next's start message off standard output, which `--json` needs for itself. */
async function withoutOutput(task: () => Promise<void>): Promise<void> {
  const { log } = console;
  console.log = console.error;
  try {
    await task();
  } finally {
    console.log = log;
  }
}

const pages: ReadonlySet<string> = new Set(["/", "/account", "/sign-in", "/icon.svg", "/demo/events"]);

/** The parts of a page. Its server actions are logged like other requests. */
function isOfPage({ method, url = "/" }: IncomingMessage): boolean {
  const path = url.split("?", 1)[0] ?? "/";
  const isRead = method === "GET" || method === "HEAD";
  return isRead && (pages.has(path) || /^\/(?:_next|docs)\//.test(path));
}

/** The stream of decisions and the docs come from the shop, the rest from Next. */
function servePage(shop: Shop, request: IncomingMessage, response: ServerResponse, answer: () => void): void {
  if (/^\/(?:demo|docs)\//.test(request.url ?? "")) shop.page(request, response, answer);
  else answer();
}
