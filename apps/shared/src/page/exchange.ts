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
  readonly answer: string;
  /** What the shop decided about it. */
  readonly events: readonly LoggedEvent[];
}

/** Sends a request over HTTP with the credentials of a source, which a server can sign with and a browser cannot. */
export async function exchange(
  source: HeaderSource,
  request: ExchangeRequest,
  log: RequestLog,
): Promise<Exchange> {
  const { method, url, body } = request;
  let sent = new Headers();
  const { answer, events } = await log.follow(async (requestId) => {
    const send: typeof fetch = (input, init) => {
      sent = new Headers(init?.headers);
      const headers = { ...Object.fromEntries(sent), "x-request-id": requestId };
      return fetch(input, { ...init, headers });
    };
    const response = await createAuthFetch(source, { origins: [url.origin], fetch: send })(url, {
      method,
      redirect: "manual",
      ...(body !== "" && { body, headers: { "content-type": "application/json" } }),
    });
    return { status: response.status, text: await response.text() };
  });
  return { ...request, headers: [...sent], status: answer.status, answer: answer.text, events };
}

/** The same request for a shell. A signature in it is good for five minutes. */
export function curlOf({ method, url, headers, body }: Exchange): string {
  // Without -g curl takes brackets and braces of a URL for a list of URLs.
  const options = /[[\]{}]/.test(url.href) ? `-g -X ${method}` : `-X ${method}`;
  return [
    `curl ${options} ${quoted(url.href)}`,
    ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body === "" ? [] : [`--data-raw ${quoted(body)}`]),
  ].join(" \\\n  ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The text itself if it is not JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
