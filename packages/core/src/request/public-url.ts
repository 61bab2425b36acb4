import { must } from "../lib/options.ts";

/** The URL that clients use for the server, parsed. */
export interface PublicUrl {
  readonly origin: string;
  /** Host, with the port unless it is the scheme's default. */
  readonly host: string;
  /** The path that a proxy strips before this server gets the request; "" if it strips none. */
  readonly prefix: string;
}

export function parsePublicUrl(text: string): PublicUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  must(
    url !== undefined && (url.protocol === "https:" || url.protocol === "http:"),
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
