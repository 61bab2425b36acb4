import { createRequire } from "node:module";
import type { IncomingMessage, ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import {
  cors,
  countBytes,
  describeIdentity,
  errorReply,
  HttpError,
  listen,
  type Listening,
  maxBodyBytes,
  type Shop,
} from "@authmodes/app-shared";
import { corsHeaders } from "@authmodes/next";
import type nextModule from "next";
import { createShopAuth } from "./auth.ts";
import { openBookstore } from "./bookstore.ts";

const dir = fileURLToPath(new URL("..", import.meta.url));
// Its types speak of a default export, which CommonJS does not have for ES modules.
const createNext = createRequire(import.meta.url)("next") as typeof nextModule.default;

/** The bookstore on Next, as it was built, in this process. */
export async function serve(shop: Shop, port: number): Promise<Listening> {
  process.env["NEXT_TELEMETRY_DISABLED"] = "1";
  const auth = createShopAuth(shop);
  openBookstore({ shop, auth, countBytes, describeIdentity, errorReply, HttpError, maxBodyBytes });
  const log = shop.log(auth); // before Next says of the whole process that it is in production
  const next = createNext({ dev: false, dir });
  await withoutOutput(() => next.prepare());
  const handle = next.getRequestHandler();
  const allowOrigins = cors(corsHeaders(auth));

  const listening = await listen((request, response) => {
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
  }, port);
  return {
    url: listening.url,
    async close() {
      await listening.close();
      await next.close();
    },
  };
}

/** Next answers a path that it cannot decode as if the server had failed. */
function isReadable({ url = "/" }: IncomingMessage): boolean {
  try {
    decodeURIComponent(url.split("?", 1)[0] ?? "/");
    return true;
  } catch {
    return false;
  }
}

/** Next tells how long it takes to get ready, on standard output, which belongs to whoever starts the shop. */
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

/** What a page consists of. What it does, its server actions, is logged like everything else. */
function isOfPage({ method, url = "/" }: IncomingMessage): boolean {
  const path = url.split("?", 1)[0] ?? "/";
  const isRead = method === "GET" || method === "HEAD";
  return isRead && (pages.has(path) || path.startsWith("/_next/"));
}

/** The decisions as they happen come from the shop, all else from Next. */
function servePage(shop: Shop, request: IncomingMessage, response: ServerResponse, answer: () => void): void {
  if (request.url === "/demo/events") shop.page(request, response, answer);
  else answer();
}
