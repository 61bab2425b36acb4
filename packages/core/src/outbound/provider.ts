import { boundedText, maxAnswerBytes } from "../lib/bounds.ts";
import { type JsonObject, parseObject } from "../lib/json.ts";

// Asking a provider of credentials over HTTP. What goes wrong says which provider, what it answered and what for;
// what was sent to it, and what it sent, stays out of the error.

export interface Question {
  /** The option or call that needs the answer: `outbound.oidc()`. */
  readonly what: string;
  /** Default: the global one at the time of asking, which proxies and tests may have replaced. */
  readonly fetch: typeof fetch | undefined;
  readonly timeoutSeconds: number;
  /** What the provider might echo. */
  readonly secrets: readonly string[];
}

export type Answer = JsonObject;

export const providerTimeout = 10;

/**
 * The JSON object that a provider answers with.
 * @throws Error where it does not answer in time, refuses, redirects (credentials are sent to nobody else) or
 *   answers something else
 */
export async function askProvider(question: Question, url: URL, init: RequestInit = {}): Promise<Answer> {
  const at = `${question.what}: ${url.origin}${url.pathname}`;
  const { ok, status, text } = await exchange(question, at, url, init);
  const answer = parseObject(text);
  if (!ok) throw new Error(`${at} answered ${status}${explanation(answer, question.secrets)}`);
  if (answer === undefined) throw new Error(`${at} answered something else than a JSON object`);
  return answer;
}

async function exchange(
  { fetch: send = fetch, timeoutSeconds }: Question,
  at: string,
  url: URL,
  init: RequestInit,
): Promise<{ readonly ok: boolean; readonly status: number; readonly text: string }> {
  const signal = AbortSignal.timeout(timeoutSeconds * 1000);
  let answer;
  try {
    const response = await send(url.href, { ...init, redirect: "manual", signal });
    answer = { ok: response.ok, status: response.status, text: await boundedText(response, maxAnswerBytes) };
  } catch (cause) {
    const late = signal.aborted ? ` within ${timeoutSeconds} s` : "";
    throw new Error(`${at} did not answer${late}`, { cause });
  }
  const { text } = answer;
  if (text === undefined) throw new Error(`${at} answered with more than ${maxAnswerBytes} bytes`);
  return { ...answer, text };
}

/** The provider's own words, in the form of OAuth (RFC 6749 §5.2) or of AWS's JSON protocol. */
function explanation(answer: Answer | undefined, secrets: readonly string[]): string {
  const words = [answer?.error ?? answer?.__type, answer?.error_description ?? answer?.message]
    .filter((word) => typeof word === "string")
    .map((word) => quotable(word, secrets));
  return words.length === 0 ? "" : `: ${words.join(": ")}`;
}

function quotable(text: string, secrets: readonly string[]): string {
  let kept = text;
  for (const secret of secrets) kept = kept.replaceAll(secret, "[secret]");
  return kept.replaceAll(/[^\x20-\x7e]+/g, " ").slice(0, 300);
}
