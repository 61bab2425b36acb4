import { boundedText, maxAnswerBytes } from "../lib/bounded-text.ts";
import { isObject, type JsonObject } from "./json.ts";

const maxRedirects = 3;

/**
 * Fetches an object of JSON. Redirects are followed within the origin only: another origin is not whom the user named.
 * @throws Error whose message says what is wrong, for the log
 */
export async function fetchJson(
  url: string,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal,
): Promise<JsonObject> {
  const response = await followWithinOrigin(url, fetch, signal);
  const name = withoutQuery(url);
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`${name} answered with status ${response.status}`);
  }
  const text = await boundedText(response, maxAnswerBytes);
  if (text === undefined) throw new Error(`${name} answered with more than ${maxAnswerBytes} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${name} did not answer with JSON`);
  }
  if (!isObject(value)) throw new Error(`${name} did not answer with an object of JSON`);
  return value;
}

/** For messages: a query may hold a key. */
export function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

async function followWithinOrigin(
  start: string,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal,
): Promise<Response> {
  let url = start;
  for (let hops = 0; hops <= maxRedirects; hops++) {
    const response = await fetch(url, {
      headers: { accept: "application/json" },
      // Not "error": some runtimes do not have it.
      redirect: "manual",
      signal,
    });
    const location = response.headers.get("location");
    const redirects = response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400);
    if (!redirects) return response;
    await response.body?.cancel();
    if (location === null || !URL.canParse(location, url))
      throw new Error(`${withoutQuery(url)} redirects to nowhere`);
    const next = new URL(location, url);
    if (next.origin !== new URL(url).origin) {
      throw new Error(`${withoutQuery(url)} redirects to another origin, ${next.origin}`);
    }
    url = next.href;
  }
  throw new Error(`${withoutQuery(start)} redirects more than ${maxRedirects} times`);
}
