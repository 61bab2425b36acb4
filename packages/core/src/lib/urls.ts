import { must } from "./options.ts";

/** Hosts that may be reached over plain http besides this machine, as in `URL.host`. */
export type HttpHosts = readonly string[] | undefined;

/** An http or https URL; undefined for other text, and for a value that is no text: `["https://…"]` would become one. */
export function httpUrl(text: unknown, base?: URL): URL | undefined {
  if (typeof text !== "string" || !URL.canParse(text, base?.href)) return undefined;
  const url = new URL(text, base);
  return /^https?:$/.test(url.protocol) ? url : undefined;
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether others on the network can neither read nor change what is sent; `allowed` hosts count as protected. */
export function isProtected(url: URL, allowed: HttpHosts): boolean {
  if (url.protocol !== "http:") return url.protocol === "https:";
  return loopback.test(url.hostname) || allowed?.includes(url.host) === true;
}

/**
 * Whether a redirect or a document may lead from one URL to another: never from a protected connection to an unprotected
 * one, nor from https to http on this machine.
 */
export function mayLead(from: URL, to: URL, allowed: HttpHosts): boolean {
  if (to.protocol !== "http:" || allowed?.includes(to.host) === true) return true;
  return from.protocol !== "https:" && (isProtected(to, allowed) || !isProtected(from, allowed));
}

/**
 * Checks that URLs are https or on this machine, unless `allowInsecureHttp` names their host.
 * @param urls valid URLs, by the names of the options
 * @param more whether other URLs become known at run time, so that an entry may be for one of them
 * @throws TypeError if a URL is unprotected, or if an entry is malformed or used by no URL
 */
export function checkInsecureHttp(
  where: string,
  allowed: HttpHosts,
  urls: Readonly<Record<string, readonly string[]>>,
  more = false,
): void {
  must(
    allowed === undefined || Array.isArray(allowed),
    `${where}: allowInsecureHttp is a list of hosts, such as ["keycloak:8080"]`,
  );
  for (const entry of allowed ?? []) checkEntry(where, entry);
  const used = new Set<string>();
  for (const [name, texts] of Object.entries(urls)) {
    for (const url of texts.map((text) => new URL(text))) {
      if (isProtected(url, undefined)) continue;
      used.add(url.host);
      must(
        isProtected(url, allowed),
        `${where}: ${name} ${url.origin} is plain http, which others on the network can read and change; ` +
          `use https, or write allowInsecureHttp: ["${url.host}"]`,
      );
    }
  }
  const unused = more ? undefined : allowed?.find((entry) => !used.has(entry));
  must(
    unused === undefined,
    `${where}: allowInsecureHttp names '${unused}', but no URL here is http://${unused}; remove it`,
  );
}

function checkEntry(where: string, entry: unknown): void {
  const text = String(entry);
  const asUrl = text.includes("//") ? text : `http://${text}`;
  const host = URL.canParse(asUrl) ? new URL(asUrl).host : "";
  const hint = host === "" || host.includes("*") ? "keycloak:8080" : host;
  must(
    entry === hint,
    `${where}: allowInsecureHttp has '${text}'; an entry is a host, with its port unless that is 80: write '${hint}'`,
  );
}

/** The URL that clients use for the server, parsed. */
export interface PublicUrl {
  readonly origin: string;
  /** Host, with the port unless it is the scheme's default. */
  readonly host: string;
  /** The path that a proxy strips before this server gets the request; "" if it strips none. */
  readonly prefix: string;
}

export function parsePublicUrl(given: string | URL): PublicUrl {
  const text = String(given);
  const url = httpUrl(text);
  must(
    url !== undefined,
    `createAuth(): publicUrl is a URL such as https://api.example.com/v1, not '${text}'`,
  );
  must(
    url.search === "" && url.hash === "" && url.username === "" && url.password === "",
    "createAuth(): publicUrl has a host and a path, no user, no query and no fragment",
  );
  return { origin: url.origin, host: url.host, prefix: url.pathname.replace(/\/+$/, "") };
}

/** The paths of the metadata of a resource (RFC 9728 §3.1): the first is the one that challenges name, clients guess both. */
export function metadataPaths(resource: string): readonly [string, ...string[]] {
  const root = "/.well-known/oauth-protected-resource";
  const path = resource.slice(new URL(resource).origin.length);
  return path === "" ? [root] : [root + path, root];
}

/** The URL of the metadata of a resource. */
export function metadataUrl(resource: string): string {
  return new URL(metadataPaths(resource)[0], resource).href;
}
