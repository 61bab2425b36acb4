import { boundedText } from "../lib/bounded-text.ts";
import { AuthError } from "../refusal/error.ts";
import { checkInsecureHttp } from "../lib/insecure-http.ts";
import { checkOptionNames, must } from "../lib/options.ts";
import type { Authorizer } from "./authorizers.ts";

/** An endpoint that takes the event as a POST of JSON and answers 200 with JSON. */
export interface HttpAuthorizer {
  /** `https:`, or `http:` on this machine. */
  readonly url: string | URL;
  /**
   * The host of `url` if it is asked over plain http, such as `["authorizer:9000"]`: with the port, unless that is 80.
   * Others on the network can read tokens and forge answers. Default: none; this machine needs no entry.
   */
  readonly allowInsecureHttp?: readonly string[];
  /** Sent along, such as a secret by which the endpoint knows this server. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default the global one. */
  readonly fetch?: typeof fetch;
}

const maxAnswerBytes = 1024 * 1024;

/** @throws TypeError where the URL or a header is not one */
export function httpAuthorizer(options: HttpAuthorizer): Authorizer {
  checkOptionNames("lambda({ authorizer })", options, ["url", "allowInsecureHttp", "headers", "fetch"], {
    uri: "url",
    endpoint: "url",
    allowHttp: "allowInsecureHttp",
  });
  const url = checkUrl(options);
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
      response.body?.cancel().catch(() => undefined);
      throw failed(`the authorizer's endpoint answered ${response.status}`);
    }
    const text = await boundedText(response, maxAnswerBytes);
    if (text === undefined) throw failed(`the authorizer's answer is over ${maxAnswerBytes} bytes`);
    return text;
  };
}

function checkUrl({ url: given, allowInsecureHttp }: HttpAuthorizer): URL {
  const url = URL.canParse(String(given)) ? new URL(given) : undefined;
  must(
    url !== undefined && /^https?:$/.test(url.protocol),
    "lambda(): the authorizer's url is https:, or http: on this machine (localhost, 127.0.0.1, [::1])",
  );
  checkInsecureHttp("lambda({ authorizer })", allowInsecureHttp, { url: [url.href] });
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
