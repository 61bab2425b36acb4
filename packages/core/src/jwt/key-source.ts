import { type HttpHosts, isProtected, mayLead, httpUrl } from "../lib/insecure-http.ts";
import { checkFunction, checkOptions, checkSeconds, must } from "../lib/options.ts";
import { boundedText, maxAnswerBytes } from "../lib/bounds.ts";
import { parseObject, type JsonObject } from "../lib/json.ts";

/** Where an issuer's keys are: at a URL, or where its discovery document says. */
export type KeySource = { readonly jwksUri: string } | DiscoveredSource;

interface DiscoveredSource {
  readonly issuer: string;
  /** Where the document may lead over plain http. */
  readonly allowInsecureHttp?: HttpHosts;
}

/** The options of an issuer that decide where its keys are. */
export interface KeyPlace {
  readonly jwksUri?: string;
  readonly allowInsecureHttp?: readonly string[];
}

export function keySourceOf(issuer: string, { jwksUri, allowInsecureHttp }: KeyPlace): KeySource {
  return jwksUri === undefined ? { issuer, allowInsecureHttp } : { jwksUri };
}

export type Fetch = typeof globalThis.fetch;

/**
 * Fetches the keys of a JWK set (RFC 7517 §5).
 * @throws Error whose message says what is wrong, for the log
 */
export async function fetchKeys(
  source: KeySource,
  fetch: Fetch,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const url = "jwksUri" in source ? source.jwksUri : await discover(source, fetch, signal);
  const { keys } = await fetchJson(url, fetch, signal);
  if (!Array.isArray(keys)) throw new Error(`${withoutQuery(url)} has no list 'keys'`);
  return keys;
}

/** OpenID Connect Discovery 1.0, §4: without §4.3's comparison any server could speak for an issuer. */
async function discover(
  { issuer, allowInsecureHttp }: DiscoveredSource,
  fetch: Fetch,
  signal: AbortSignal,
): Promise<string> {
  const url = discoveryUrl(issuer);
  const document = await fetchJson(url, fetch, signal);
  if (document["issuer"] !== issuer) {
    throw new Error(`${url} speaks for ${JSON.stringify(document["issuer"])}, not for '${issuer}'`);
  }
  const { jwks_uri: jwksUri } = document;
  if (typeof jwksUri !== "string" || !URL.canParse(jwksUri)) throw new Error(`${url} has no jwks_uri`);
  const found = httpUrl(jwksUri);
  if (found === undefined || !mayLead(new URL(url), found, allowInsecureHttp)) {
    const { host } = new URL(jwksUri);
    throw new Error(
      `${url} names a key set that is not https, at ${host}; if that is meant, name the host in allowInsecureHttp`,
    );
  }
  return jwksUri;
}

function discoveryUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
}

/** @throws TypeError unless it is a URL from which keys can be fetched */
export function checkKeyUrl(where: string, name: string, url: string): void {
  const parsed = httpUrl(url);
  must(parsed !== undefined, `${where}: ${name} is a URL such as https://id.example.com, not '${url}'`);
  must(
    parsed.username === "" && parsed.password === "" && parsed.hash === "",
    `${where}: ${name} has neither user, password nor fragment`,
  );
}

/** @throws TypeError unless it is a URL below which a discovery document can be (OpenID Connect Core 1.0, §2: no query) */
export function checkIssuerUrl(where: string, issuer: string): void {
  checkKeyUrl(where, "issuer", issuer);
  must(!issuer.includes("?"), `${where}: issuer has no query`);
}

/** Whether keys may be fetched below an issuer that a token names: over https, from this machine or an allowed host. */
export function isSafeIssuer(issuer: string, allowInsecureHttp: HttpHosts): boolean {
  if (!URL.canParse(issuer)) return false;
  const url = new URL(issuer);
  if (url.username !== "" || url.search !== "" || url.hash !== "") return false;
  return isProtected(url, allowInsecureHttp);
}

const maxRedirects = 3;

/**
 * Fetches an object of JSON. Redirects are followed within the origin only: another origin is not the one that was configured.
 * @throws Error whose message says what is wrong, for the log
 */
async function fetchJson(
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
  const value = parseObject(text);
  if (value === undefined) throw new Error(`${name} did not answer with an object of JSON`);
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

/** How an issuer's keys are fetched and kept. */
export interface KeySetOptions {
  /** The age at which keys are fetched again, while requests go on with those at hand: default 600 seconds. */
  readonly refreshSeconds?: number;
  /** The age at which keys no longer count although the issuer cannot be reached: default 86400 seconds. */
  readonly maxStaleSeconds?: number;
  /** For discovery and key set together: default 5 seconds. */
  readonly timeoutSeconds?: number;
  /** The time after a fetch that failed until the next one: default 10 seconds. */
  readonly cooldownSeconds?: number;
  /** How to fetch discovery documents and key sets, for proxies and tests. */
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
  const {
    refreshSeconds = 600,
    maxStaleSeconds = 86_400,
    timeoutSeconds = 5,
    cooldownSeconds = 10,
  } = options;
  checkSeconds(where, "keySet.refreshSeconds", refreshSeconds, 1, 86_400);
  checkSeconds(where, "keySet.maxStaleSeconds", maxStaleSeconds, refreshSeconds, 30 * 86_400);
  checkSeconds(where, "keySet.timeoutSeconds", timeoutSeconds, 0.1, 60);
  checkSeconds(where, "keySet.cooldownSeconds", cooldownSeconds, 1, 3600);
  const { fetch } = options;
  checkFunction(`${where}: keySet.fetch`, fetch, "as the global fetch");
}
