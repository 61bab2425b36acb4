import { createAuthFetch, type HeaderSource } from "@authmodes/core/outbound";
import type { LoggedEvent, RequestLog } from "./request-log.ts";

export interface PageRequest {
  readonly method: string;
  readonly path: string;
  /** JSON; "" for none. */
  readonly body: string;
}

/** A request as it was sent, and its answer. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly status: number;
  /** JSON, or text. */
  readonly answer: unknown;
  /** What the shop decided about it. */
  readonly events: readonly LoggedEvent[];
}

/** An exchange, or why there was none. */
export type Result = Exchange | { readonly complaint: string };

/** @param text such as `PATCH /orders/101 {"note":"gift wrap"}` */
export function readRequest(text: string): PageRequest {
  const [method = "", path = "", ...body] = text.split(" ");
  return { method, path, body: body.join(" ") };
}

/** Sends a request with the credentials of a source, which a server can sign with and a browser cannot. */
export function sendAs(
  source: HeaderSource,
  { method, url, body }: Pick<Exchange, "method" | "url" | "body">,
  send: typeof fetch = fetch,
): Promise<Response> {
  return createAuthFetch(source, { origins: [url.origin], fetch: send })(url, {
    method,
    redirect: "manual",
    signal: AbortSignal.timeout(15_000),
    ...(body !== "" && { body, headers: { "content-type": "application/json" } }),
  });
}

/**
 * Sends a request of the page to this shop, and finds what the shop decided about it.
 * @param origin of the shop
 */
export async function exchange(
  source: HeaderSource,
  { method, path, body: written }: PageRequest,
  origin: string,
  log: RequestLog,
): Promise<Result> {
  const url = URL.canParse(path, origin) ? new URL(path, origin) : undefined;
  // The page itself would send requests again.
  if (url?.origin !== origin || url.pathname === "/" || url.pathname.startsWith("/demo/"))
    return { complaint: "Write a path of this shop, such as /books." };
  const body = method === "GET" ? "" : written;
  let headers: Exchange["headers"] = [];
  try {
    const { answer, events } = await log.follow(async (requestId) => {
      const response = await sendAs(source, { method, url, body }, (input, init) => {
        const sent = new Headers(init?.headers);
        headers = [...sent];
        sent.set("x-request-id", requestId);
        return fetch(input, { ...init, headers: sent });
      });
      return { status: response.status, answer: parsed(await response.text()) };
    });
    return { method, url, headers, body, ...answer, events };
  } catch {
    return { complaint: "The shop does not answer." };
  }
}

/** The same request for a shell. A signature in it is good for five minutes. */
export function curlOf({ method, url, headers, body }: Exchange): string {
  // Without -g curl takes brackets and braces of a URL for a list of URLs.
  const options = /[[\]{}]/.test(url.href) ? `-g -X ${method}` : `-X ${method}`;
  return [
    `curl ${options} ${quoted(url.href)}`,
    ...headers.map((header) => `-H ${quoted(header.join(": "))}`),
    ...(body === "" ? [] : [`--data-raw ${quoted(body)}`]),
  ].join(" \\\n  ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The text itself if it is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
