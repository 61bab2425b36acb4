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
