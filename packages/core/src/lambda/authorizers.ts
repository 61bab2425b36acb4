import { nameOf, plainError } from "../lib/log.ts";
import { crypto } from "#crypto";
import { isPromise, type Wait, waitSeconds, within } from "../lib/promises.ts";
import type { CallContext } from "../types.ts";
import type { AuthorizerEvent } from "./authorizer-events.ts";
import { boundedText } from "../lib/bounds.ts";
import { AuthError, unavailable } from "../refusal/error.ts";
import { checkInsecureHttp, httpUrl } from "../lib/urls.ts";
import { checkOptions, must } from "../lib/options.ts";
import { type Answer, parseAnswer } from "./answers.ts";
import type { Contract } from "./contract.ts";
import type { AnyLambdaOptions } from "./options.ts";
import { Cache } from "../lib/cache.ts";

/** The second argument of Node handlers on Lambda, as far as it exists outside Lambda. */
export interface LambdaContext {
  readonly functionName: string;
  readonly awsRequestId: string;
  callbackWaitsForEmptyEventLoop: boolean;
  /** The time until `timeoutSeconds` are over. */
  getRemainingTimeInMillis(): number;
  /** Aborted then. Lambda itself has no such member. */
  readonly signal: AbortSignal;
}

/** The third argument of Node handlers on Lambda, for those that are not async. */
export type LambdaCallback = (error?: Error | string | null, result?: unknown) => void;

// A method, because TypeScript compares the parameters of methods both ways: a handler with a type of its own for the
// event is accepted.
interface Handler<Event> {
  handle(event: Event, context: LambdaContext, callback: LambdaCallback): unknown;
}

/** A handler as it runs on Lambda: async, returning, or (declared with three parameters) calling back. */
export type LambdaFunction<Event = AuthorizerEvent> = Handler<Event>["handle"];

/** A function on Lambda, invoked by a client of yours. */
export interface InvokedAuthorizer {
  /** Sends the event as JSON and returns the answer's JSON. Rejects if the function failed (`FunctionError`). */
  invoke(payload: string, context: CallContext): Promise<string | Uint8Array>;
}

/** Any authorizer: takes an event and returns JSON. */
type Authorizer = (event: AuthorizerEvent, context: CallContext) => Promise<string>;

function authorizerOf(given: AnyLambdaOptions["authorizer"], timeoutSeconds: number): Authorizer {
  if (typeof given === "function") return localAuthorizer(given, timeoutSeconds);
  return "url" in given ? httpAuthorizer(given) : invokedAuthorizer(given);
}

function localAuthorizer(handler: LambdaFunction, timeoutSeconds: number): Authorizer {
  return async (event, call) => {
    const end = performance.now() + timeoutSeconds * 1000;
    const result = await callHandler(handler, event, {
      functionName: "authorizer",
      awsRequestId: crypto.randomUUID(),
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => Math.max(0, end - performance.now()),
      get signal() {
        return call.signal;
      },
    });
    // As Lambda does: the answer is a copy, wherever the function runs.
    return JSON.stringify(result) ?? "null";
  };
}

function callHandler(
  handler: LambdaFunction,
  event: AuthorizerEvent,
  context: LambdaContext,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const callback: LambdaCallback = (error, result) => {
      if (error === undefined || error === null) resolve(result);
      else reject(typeof error === "string" ? new Error(error) : error);
    };
    const returned = handler(event, context, callback);
    if (handler.length < 3 || isPromise(returned)) resolve(returned);
  });
}

function invokedAuthorizer(client: InvokedAuthorizer): Authorizer {
  return async (event, context) => {
    const answer = await client.invoke(JSON.stringify(event), context);
    return typeof answer === "string" ? answer : new TextDecoder().decode(answer);
  };
}

/** An HTTP endpoint that takes the event as a POST of JSON and answers 200 with JSON. */
export interface HttpAuthorizer {
  /** `https:`, or `http:` on this machine. */
  readonly url: string | URL;
  /**
   * The host of `url` if it is asked over plain http, such as `["authorizer:9000"]`: with the port, unless that is 80.
   * Others on the network can read tokens and forge answers. Default: none; this machine needs no entry.
   */
  readonly allowInsecureHttp?: readonly string[];
  /** Sent with each event, such as a secret by which the endpoint knows this server. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
}

const maxAnswerBytes = 1024 * 1024;

/** @throws TypeError if the URL or a header is malformed */
function httpAuthorizer(options: HttpAuthorizer): Authorizer {
  checkOptions("lambda({ authorizer })", options, {
    url: ["uri", "endpoint"],
    allowInsecureHttp: ["allowHttp"],
    headers: [],
    fetch: [],
  });
  const { url: given, allowInsecureHttp } = options;
  const url = httpUrl(typeof given === "string" ? given : given?.href);
  must(
    url !== undefined,
    "lambda(): the authorizer's url is https:, or http: on this machine (localhost, 127.0.0.1, [::1])",
  );
  checkInsecureHttp("lambda({ authorizer })", allowInsecureHttp, { url: [url.href] });
  must(
    url.username === "" && url.password === "",
    "lambda(): the authorizer's url holds a password; send it in 'headers'",
  );
  const headers = headersOf(options.headers);
  headers.set("content-type", "application/json");
  headers.set("accept", "application/json");

  return async (event, { signal }) => {
    const send = options.fetch ?? fetch;
    const body = JSON.stringify(event);
    // A redirect would send the token to an address that was not configured. Not every runtime has `redirect: "error"`.
    const init: RequestInit = { method: "POST", redirect: "manual", headers, body, signal };
    const unanswered = (error: unknown) => {
      throw failed("the authorizer's endpoint did not answer", plainError(error, [url.search]));
    };
    const response = await send(url, init).catch(unanswered);
    if (!response.ok) {
      response.body?.cancel().catch(() => undefined);
      throw failed(`the authorizer's endpoint answered ${response.status}`);
    }
    const text = await boundedText(response, maxAnswerBytes).catch(unanswered);
    if (text === undefined) throw failed(`the authorizer's answer is over ${maxAnswerBytes} bytes`);
    return text;
  };
}

/** @throws TypeError without the value, which the runtime's error quotes */
function headersOf(given: HttpAuthorizer["headers"]): Headers {
  try {
    return new Headers(given);
  } catch {
    throw new TypeError("lambda(): the authorizer's headers have a name or a value that HTTP cannot carry");
  }
}

function failed(detail: string, cause?: unknown): AuthError {
  return unavailable("authorizer_failed", detail, cause);
}

/** The answer of an authorizer, with the length of its text, by which the cache is bounded. */
type SizedAnswer = Answer & { readonly size: number };

/**
 * Calls the authorizer, within limits of time and number. Any failure rejects the request with 503.
 * @throws AuthError
 */
export function askerOf(
  { authorizer: given, timeoutSeconds = waitSeconds, maxConcurrent = 100 }: AnyLambdaOptions,
  contract: Contract,
): (event: AuthorizerEvent) => Promise<SizedAnswer> {
  const authorizer = authorizerOf(given, timeoutSeconds);
  const wait: Wait = {
    what: "lambda({ authorizer })",
    reason: "authorizer_timeout",
    seconds: timeoutSeconds,
  };
  let inFlight = 0;
  return async (event) => {
    if (inFlight >= maxConcurrent) {
      const detail = `${maxConcurrent} calls of the authorizer are in flight`;
      throw unavailable("authorizer_busy", detail, undefined, 1);
    }
    inFlight++;
    try {
      const text = await within(wait, (context) => authorizer(event, context));
      return { ...contract.answer(parseAnswer(text)), size: text.length };
    } catch (thrown) {
      throw failure(thrown, contract);
    } finally {
      inFlight--;
    }
  };
}

function failure(thrown: unknown, contract: Contract): AuthError {
  if (thrown instanceof AuthError) return thrown;
  const refusal = thrown instanceof Error ? contract.refusal(thrown.message) : undefined;
  return refusal ?? failed(`the authorizer threw ${nameOf(thrown)}`, thrown);
}

interface Entry {
  readonly answer: SizedAnswer;
  readonly until: number;
}

/** Of all answers, in bytes, roughly. */
const maxWeight = 16 * 1024 * 1024;
/** The weight of an entry besides its answer's text: the key, the map's slot, the objects. */
const entryWeight = 512;

/** The cached answers of an authorizer, by key. Errors are never cached. Times are milliseconds since 1970. */
export class Answers {
  readonly #entries = new Cache<Entry>(maxWeight, ({ answer }) => answer.size * 2 + entryWeight);
  readonly #flights = new Map<string, Promise<SizedAnswer>>();
  readonly #ttlSeconds: number;

  /** @param ttlSeconds how long answers without `ttlOverride` are cached; over 0, callers share one call */
  constructor(ttlSeconds: number) {
    this.#ttlSeconds = ttlSeconds;
  }

  known(key: string, now: number): Answer | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined || entry.until <= now ? undefined : entry.answer;
  }

  /** Finds the answer for a key. Calls `ask` if none is cached. */
  async find(key: string, now: number, ask: () => Promise<SizedAnswer>): Promise<Answer> {
    const answer = this.known(key, now);
    if (answer !== undefined) return answer;
    if (this.#ttlSeconds === 0) return this.#ask(key, now, ask);
    const flight = this.#flights.get(key);
    if (flight === undefined) {
      const started = this.#ask(key, now, ask).finally(() => this.#flights.delete(key));
      this.#flights.set(key, started);
      return started;
    }
    const shared = await flight.catch(rethrowCopy);
    // `ttlOverride: 0` says that the answer was for that one request.
    return this.#lifetime(shared) > 0 ? shared : this.#ask(key, now, ask);
  }

  async #ask(key: string, now: number, ask: () => Promise<SizedAnswer>): Promise<SizedAnswer> {
    const answer = await ask();
    const until = now + this.#lifetime(answer);
    if (until > now) this.#entries.set(key, { answer, until });
    return answer;
  }

  #lifetime({ ttlOverride = this.#ttlSeconds }: Answer): number {
    return ttlOverride * 1000;
  }
}

/** An error belongs to one request: each request that waited for the same call gets a copy. */
function rethrowCopy(error: unknown): never {
  throw error instanceof AuthError ? error.copy() : error;
}
