import { type HttpHosts, isProtected, mayLead } from "../lib/insecure-http.ts";
import { must } from "../lib/options.ts";
import { fetchJson, withoutQuery } from "./fetch-json.ts";

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
  const found = new URL(jwksUri);
  if (!/^https?:$/.test(found.protocol) || !mayLead(new URL(url), found, allowInsecureHttp)) {
    throw new Error(
      `${url} names a key set that is not https, at ${found.host}; if that is meant, name the host in allowInsecureHttp`,
    );
  }
  return jwksUri;
}

function discoveryUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
}

/** @throws TypeError unless it is a URL from which keys can be fetched */
export function checkKeyUrl(where: string, name: string, url: string): void {
  const parsed = typeof url === "string" && URL.canParse(url) ? new URL(url) : undefined;
  must(
    parsed !== undefined && (parsed.protocol === "https:" || parsed.protocol === "http:"),
    `${where}: ${name} is a URL such as https://id.example.com, not '${url}'`,
  );
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
