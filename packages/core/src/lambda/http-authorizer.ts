import { boundedText } from "../bounded-text.ts";
import { AuthError } from "../error.ts";
import { checkOptionNames, must } from "../options.ts";
import type { Authorizer } from "./authorizers.ts";

/** An endpoint that takes the event as a POST of JSON and answers 200 with JSON. */
export interface HttpAuthorizer {
  /** `https:`, or `http:` on this machine. */
  readonly url: string | URL;
  /** Sent along, such as a secret by which the endpoint knows this server. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default the global one. */
  readonly fetch?: typeof fetch;
}

const maxAnswerBytes = 1024 * 1024;
const loopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** @throws TypeError where the URL or a header is not one */
export function httpAuthorizer(options: HttpAuthorizer): Authorizer {
  checkOptionNames("lambda({ authorizer })", options, ["url", "headers", "fetch"], {
    uri: "url",
    endpoint: "url",
  });
  const url = checkUrl(options.url);
  const headers = new Headers(options.headers);
  headers.set("content-type", "application/json");
  headers.set("accept", "application/json");

  return async (event, { signal }) => {
    const send = options.fetch ?? fetch;
    const body = JSON.stringify(event);
    // A redirect would carry the token to an address that nobody configured; not every runtime knows "error".
    const response = await send(url, { method: "POST", redirect: "manual", headers, body, signal }).catch(
      away,
    );
    if (!response.ok) {
      void response.body?.cancel();
      throw failed(`the authorizer's endpoint answered ${response.status}`);
    }
    const text = await boundedText(response, maxAnswerBytes);
    if (text === undefined) throw failed(`the authorizer's answer is over ${maxAnswerBytes} bytes`);
    return text;
  };
}

function checkUrl(given: string | URL): URL {
  const sentence =
    "lambda(): the authorizer's url is https:, or http: on this machine (localhost, 127.0.0.1, [::1])";
  must(URL.canParse(String(given)), sentence);
  const url = new URL(given);
  must(url.protocol === "https:" || (url.protocol === "http:" && loopback.test(url.hostname)), sentence);
  must(
    url.username === "" && url.password === "",
    "lambda(): the authorizer's url holds a password; send it in 'headers'",
  );
  return url;
}

function away(cause: unknown): never {
  throw failed("the authorizer's endpoint could not be reached", cause);
}

function failed(detail: string, cause?: unknown): AuthError {
  return new AuthError("unavailable", "authorizer_failed", { detail, retryAfter: 5, cause });
}
