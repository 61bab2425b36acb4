import { boundedText, maxAnswerBytes, Budget } from "../lib/bounds.ts";
import { plainError, withoutSecrets } from "../lib/log.ts";
import { withinSeconds } from "../lib/promises.ts";
import { httpUrl } from "../lib/urls.ts";
import { type JsonObject, parseObject } from "../lib/json.ts";
import { must } from "../lib/options.ts";

// Requests to providers of credentials. Errors name the provider, the reason for the request and the status; they hold
// nothing of what was sent or received but the provider's error message.

export interface Question {
  /** The option or call that needs the answer: `outbound.oidc()`. */
  readonly what: string;
  /** Default: the global one at the time of the request, which proxies and tests may have replaced. */
  readonly fetch: typeof fetch | undefined;
  /** Default 10. */
  readonly timeoutSeconds: number | undefined;
  /** Removed from the messages of the provider and of `fetch`, which might repeat them. */
  readonly secrets: readonly string[];
  /** Added to the error if the provider does not know the client, or not this way to authenticate. */
  readonly ifClientInvalid?: string;
}

/** A provider's answer that is an error. */
export class ProviderError extends Error {
  /** As the provider names it; undefined if it does not. */
  readonly type: unknown;

  constructor(message: string, type: unknown) {
    super(message);
    this.type = type;
  }
}

/**
 * Reads the URL of a provider. One with a password would be quoted by the runtime's error.
 * @param what the option, as the user wrote it
 * @throws TypeError
 */
export function providerUrl(what: string, text: string): URL {
  const url = httpUrl(text);
  must(
    url !== undefined && url.username === "" && url.password === "",
    `${what} is a URL such as https://auth.example.com`,
  );
  return url;
}

/**
 * Returns the JSON object that a provider answers with.
 * @throws Error if it does not answer in time, answers with an error, a redirect (credentials are for this URL only) or
 *   anything but an object
 */
export async function askProvider(question: Question, url: URL, init: RequestInit = {}): Promise<JsonObject> {
  const { what, fetch: send = fetch, timeoutSeconds = 10, secrets, ifClientInvalid } = question;
  const at = `${what}: ${url.origin}${url.pathname}`;
  const exchange = async (signal: AbortSignal) => {
    const response = await send(url.href, { ...init, redirect: "manual", signal });
    return { response, text: await boundedText(response, maxAnswerBytes) };
  };
  const { response, text } = await withinSeconds(timeoutSeconds, exchange).catch((error: unknown) => {
    const cause = plainError(error, [...secrets, url.search]);
    const late = cause.name === "TimeoutError" ? ` within ${timeoutSeconds} s` : "";
    throw new Error(`${at} did not answer${late}`, { cause });
  });
  if (text === undefined) throw new Error(`${at} answered with more than ${maxAnswerBytes} bytes`);
  const answer = parseObject(text);
  // Some providers answer an error with 200.
  if (!response.ok || typeof answer?.error === "string") {
    const type = answer?.error ?? answer?.__type;
    const words = [type, answer?.error_description ?? answer?.message].filter(
      (word) => typeof word === "string",
    );
    const said = ["", ...words.map((word) => quotable(word, secrets))].join(": ");
    const hint = type === "invalid_client" && ifClientInvalid ? `; ${ifClientInvalid}` : "";
    throw new ProviderError(`${at} answered ${response.status}${said}${hint}`, type);
  }
  if (answer === undefined) throw new Error(`${at} did not answer with a JSON object`);
  return answer;
}

/** The provider's words, in the form of OAuth (RFC 6749 §5.2) or of AWS's JSON protocol, without what was sent. */
function quotable(text: string, secrets: readonly string[]): string {
  return withoutSecrets(text, secrets)
    .replaceAll(/[^\x20-\x7e]+/g, " ")
    .slice(0, 300);
}

/** A value that expires, such as a token. */
export interface Perishable<T> {
  readonly value: T;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

interface Held<T> extends Perishable<T> {
  readonly since: number;
  readonly renewAt: number;
}

const minute = 60_000;

/**
 * Fetches a value on first use, with one call at a time, and again a minute before it expires (a tenth of its life before,
 * if that is less). If that fails, the value is used until it expires. After the clock was set back, it is fetched again.
 */
export class Remembered<T> {
  readonly #fetch: () => Promise<Perishable<T>>;
  #held: Held<T> | undefined;
  #pending: Promise<Held<T>> | undefined;
  readonly #drops = new Budget(1);

  constructor(fetch: () => Promise<Perishable<T>>) {
    this.#fetch = fetch;
  }

  async get(): Promise<T> {
    const held = this.#held;
    const now = Date.now();
    if (held !== undefined && held.since <= now && now < held.renewAt) return held.value;
    try {
      return (await (this.#pending ??= this.#renew())).value;
    } catch (error) {
      if (held !== undefined && Date.now() < held.expiresAt) return held.value;
      throw error;
    }
  }

  /**
   * Drops the value after a service rejected it: once a minute, so that a service that rejects everything does not become
   * load for the provider.
   */
  refused(): void {
    if (this.#drops.take(Date.now())) this.#held = undefined;
  }

  async #renew(): Promise<Held<T>> {
    try {
      const asked = Date.now();
      const { value, expiresAt } = await this.#fetch();
      const early = Math.min(minute, (expiresAt - asked) / 10);
      return (this.#held = { value, expiresAt, since: asked, renewAt: expiresAt - early });
    } finally {
      this.#pending = undefined;
    }
  }
}
