import { createAuthFetch, type HeaderSource } from "@authmodes/core/outbound";
import type { LoggedEvent, RequestLog } from "./request-log.ts";

export interface ExchangeRequest {
  readonly method: string;
  readonly url: URL;
  /** JSON; "" for none. */
  readonly body: string;
}

/** A request as it was sent, and its answer. */
export interface Exchange extends ExchangeRequest {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly status: number;
  /** JSON, or text. */
  readonly answer: unknown;
  /** What the shop decided about it. */
  readonly events: readonly LoggedEvent[];
}

/** @param text such as `PATCH /orders/101 {"note":"gift wrap"}` */
export function readRequest(text: string): Readonly<Record<"method" | "path" | "body", string>> {
  const [method = "", path = "", ...body] = text.split(" ");
  return { method, path, body: body.join(" ") };
}

/** Sends a request with the credentials of a source, which a server can sign with and a browser cannot. */
export function sendAs(
  source: HeaderSource,
  { method, url, body }: ExchangeRequest,
  send: typeof fetch = fetch,
): Promise<Response> {
  return createAuthFetch(source, { origins: [url.origin], fetch: send })(url, {
    method,
    redirect: "manual",
    signal: AbortSignal.timeout(15_000),
    ...(body !== "" && { body, headers: { "content-type": "application/json" } }),
  });
}

/** Sends a request, and finds what the shop decided about it. */
export async function exchange(
  source: HeaderSource,
  request: ExchangeRequest,
  log: RequestLog,
): Promise<Exchange> {
  let headers: Exchange["headers"] = [];
  const { answer, events } = await log.follow(async (requestId) => {
    const response = await sendAs(source, request, (input, init) => {
      const sent = new Headers(init?.headers);
      headers = [...sent];
      sent.set("x-request-id", requestId);
      return fetch(input, { ...init, headers: sent });
    });
    return { status: response.status, answer: parsed(await response.text()) };
  });
  return { ...request, ...answer, headers, events };
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
