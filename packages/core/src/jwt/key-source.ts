import { crypto } from "#crypto";
import { type HttpHosts, isProtected, mayLead, httpUrl } from "../lib/urls.ts";
import { checkFunction, checkOptions, checkSeconds, must } from "../lib/options.ts";
import { plainError } from "../lib/log.ts";
import { boundedText, maxAnswerBytes } from "../lib/bounds.ts";
import { shown } from "../refusal/error.ts";
import { parseObject, type JsonObject } from "../lib/json.ts";

/** The source of an issuer's keys. */
export interface KeySource {
  /** For messages. */
  readonly place: string;
  /**
   * Fetches the keys of a JWK set (RFC 7517 §5).
   * @throws Error whose message says what is wrong, for the log
   */
  load(get: Get): Promise<readonly unknown[]>;
}

export function keySetAt(url: string): KeySource {
  return { place: withoutQuery(url), load: (get) => keysAt(url, get) };
}

/**
 * The key set that the discovery document of an issuer names.
 * @param allowInsecureHttp the hosts that the document may name over plain http
 */
export function keySetOf(issuer: string, allowInsecureHttp?: HttpHosts): KeySource {
  return { place: issuer, load: async (get) => keysAt(await discover(issuer, allowInsecureHttp, get), get) };
}

/** A key in PEM, which names neither itself nor its algorithm. */
export function singleKey(url: string, kid: string): KeySource {
  return { place: url, load: async (get) => [{ ...(await crypto.publicJwk(await get(url))), kid }] };
}

async function keysAt(url: string, get: Get): Promise<readonly unknown[]> {
  const { keys } = await objectAt(url, get);
  if (!Array.isArray(keys)) throw new Error(`${withoutQuery(url)} has no list 'keys'`);
  return keys;
}

type Fetch = typeof globalThis.fetch;

/** OpenID Connect Discovery 1.0, §4. Without the comparison of §4.3, any server could speak for an issuer. */
async function discover(issuer: string, allowInsecureHttp: HttpHosts, get: Get): Promise<string> {
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const { issuer: named, jwks_uri: jwksUri } = await objectAt(url, get);
  if (named !== issuer) {
    const isNear = typeof named === "string" && differBySlash(named, issuer);
    const hint = isNear ? slashHint(named, issuer) : "write issuer exactly so";
    throw new Error(`${url} has the issuer ${shown(named)}; ${hint}`);
  }
  if (typeof jwksUri !== "string" || !URL.canParse(jwksUri)) throw new Error(`${url} has no jwks_uri`);
  const found = httpUrl(jwksUri);
  if (found === undefined || !mayLead(new URL(url), found, allowInsecureHttp)) {
    const { host } = new URL(jwksUri);
    throw new Error(
      `${url} names a key set that is not https, at ${host}; to allow it, add the host to allowInsecureHttp`,
    );
  }
  return jwksUri;
}

export function differBySlash(a: string, b: string): boolean {
  return a === `${b}/` || b === `${a}/`;
}

/** Names two issuers side by side. */
export function slashHint(theirs: unknown, ours: string): string {
  return `${shown(theirs)} and ${shown(ours)}: they differ by the slash at the end; write issuer as the tokens have it`;
}

/** @throws TypeError unless keys can be fetched from this URL */
export function checkKeyUrl(where: string, name: string, url: string): void {
  const parsed = httpUrl(url);
  // Before the @ may be a password, in the query a key.
  const quoted = /[?@]/.test(url) ? "" : `, not '${url}'`;
  must(parsed !== undefined, `${where}: ${name} is a URL such as https://id.example.com${quoted}`);
  must(
    parsed.username === "" && parsed.password === "" && parsed.hash === "",
    `${where}: ${name} has neither user, password nor fragment`,
  );
}

/** @throws TypeError unless a discovery document can be below this URL (OpenID Connect Core 1.0, §2: no query) */
export function checkIssuerUrl(where: string, issuer: string): void {
  checkKeyUrl(where, "issuer", issuer);
  must(!issuer.includes("?"), `${where}: issuer has no query`);
}

/** Whether keys may be fetched below an issuer that a token names: over https, from this machine or an allowed host. */
export function isSafeIssuer(issuer: string, allowInsecureHttp: HttpHosts): boolean {
  const url = httpUrl(issuer);
  if (url === undefined || url.username !== "" || url.search !== "" || url.hash !== "") return false;
  return isProtected(url, allowInsecureHttp);
}

const maxRedirects = 3;

/** Fetches the text of a document. */
type Get = (url: string) => Promise<string>;

/**
 * Fetches a JSON object.
 * @throws Error whose message says what is wrong, for the log
 */
async function objectAt(url: string, get: Get): Promise<JsonObject> {
  const value = parseObject(await get(url));
  if (value === undefined) throw new Error(`${withoutQuery(url)} did not answer with an object of JSON`);
  return value;
}

/** The server has no document at this URL. */
export class NotFound extends Error {}

/**
 * Fetches a document of bounded size. Redirects are followed within the origin only, since no other one was configured.
 * @throws Error whose message says what is wrong, for the log
 */
export async function fetchText(url: string, fetch: Fetch, signal: AbortSignal): Promise<string> {
  const response = await followWithinOrigin(url, fetch, signal);
  const name = withoutQuery(url);
  if (response.status !== 200) {
    await response.body?.cancel();
    const message = `${name} answered with status ${response.status}`;
    throw response.status === 404 ? new NotFound(message) : new Error(message);
  }
  const text = await boundedText(response, maxAnswerBytes);
  if (text === undefined) throw new Error(`${name} answered with more than ${maxAnswerBytes} bytes`);
  return text;
}

/** For messages, since a query may hold a key. */
function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

async function followWithinOrigin(start: string, fetch: Fetch, signal: AbortSignal): Promise<Response> {
  let url = start;
  for (let hops = 0; hops <= maxRedirects; hops++) {
    const response = await send(url, fetch, signal);
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

async function send(url: string, fetch: Fetch, signal: AbortSignal): Promise<Response> {
  try {
    // Not "error": some runtimes do not have it.
    return await fetch(url, { headers: { accept: "application/json" }, redirect: "manual", signal });
  } catch (error) {
    throw plainError(error, [new URL(url).search]);
  }
}

/** How an issuer's keys are fetched and cached. */
export interface KeySetOptions {
  /** The age at which keys are fetched again; requests use the cached ones meanwhile. Default 600 seconds. */
  readonly refreshSeconds?: number;
  /** The age at which keys are not used any more, also if the issuer cannot be reached. Default 86400 seconds. */
  readonly maxStaleSeconds?: number;
  /** The time limit for discovery and key set together. Default 5 seconds. */
  readonly timeoutSeconds?: number;
  /** The time from a failed fetch to the next one. Default 10 seconds. */
  readonly cooldownSeconds?: number;
  /** Fetches discovery documents and key sets, for proxies and tests. Default: the global `fetch`. */
  readonly fetch?: Fetch;
}

/** @throws TypeError */
export function checkKeySetOptions(where: string, options: KeySetOptions): void {
  checkOptions(`${where}: keySet`, options, {
    refreshSeconds: ["cacheMaxAge"],
    maxStaleSeconds: [],
    timeoutSeconds: ["timeout", "timeoutDuration"],
    cooldownSeconds: ["cooldownDuration"],
    fetch: [],
  });
  const { refreshSeconds = 600, maxStaleSeconds, timeoutSeconds, cooldownSeconds, fetch } = options;
  checkSeconds(where, "keySet.refreshSeconds", refreshSeconds, 1, 86_400);
  checkSeconds(where, "keySet.maxStaleSeconds", maxStaleSeconds, refreshSeconds, 30 * 86_400);
  checkSeconds(where, "keySet.timeoutSeconds", timeoutSeconds, 0.1, 60);
  checkSeconds(where, "keySet.cooldownSeconds", cooldownSeconds, 1, 3600);
  checkFunction(`${where}: keySet.fetch`, fetch, "as the global fetch");
}
