import { httpUrl, isProtected } from "../lib/insecure-http.ts";
import { must } from "../lib/options.ts";
import { parsePublicUrl } from "../request/public-url.ts";
import type { AuthMode } from "../types.ts";
import type { AuthOptions } from "./options.ts";

// The `resource` option: RFC 9728, as MCP clients use it.

/** @throws TypeError unless clients can use the URL, and each mode of tokens says for whom its tokens are issued */
export function checkResource(
  resource: string,
  { publicUrl, errorFormat }: AuthOptions,
  modes: readonly AuthMode[],
): void {
  const url = httpUrl(resource);
  // A `=` could pass for a parameter: clients search the challenge, which contains the URL, for `error=` and `scope=`.
  must(
    url !== undefined && [url.href, url.origin].includes(resource) && /^[^?#=@]*[^/?#=@]$/.test(resource),
    "createAuth(): resource is the whole URL that clients call, such as https://api.example.com/mcp, without a slash at the " +
      `end and without user, query, fragment and '=', not '${String(resource)}'`,
  );
  must(isProtected(url, undefined), `createAuth(): resource ${resource} is plain http; clients need https`);
  must(
    publicUrl === undefined || parsePublicUrl(publicUrl).origin === url.origin,
    `createAuth(): resource is of another origin than publicUrl, so clients would reject it; both name this server`,
  );
  must(
    errorFormat !== "appsync",
    "createAuth(): resource needs an errorFormat that answers a missing scope with 403; 'appsync' answers 401",
  );
  const ofTokens = modes.filter(({ issuers }) => issuers !== undefined);
  must(
    ofTokens.length > 0 && ofTokens.every(({ issuers = [] }) => issuers.length > 0),
    "createAuth(): resource tells clients which issuers to sign in at; add oidc({ issuer, audience }) or userPool(), and " +
      "no oidc({ issuers }), whose issuers are unknown until tokens come",
  );
  for (const mode of ofTokens) {
    for (const { issuer, settings } of mode.describe?.(0).issuers ?? []) {
      must(
        settings["audience"] !== undefined,
        `createAuth(): resource needs ${mode.name}({ audience }), so that tokens for other services are rejected; for ${issuer} ` +
          `write audience: "${resource}", or its own name of this API, or null to accept tokens for any service`,
      );
    }
  }
}

/** The paths of the document: the first is the one that challenges name, clients guess both. */
export function metadataPaths(resource: string): readonly [string, ...string[]] {
  const root = "/.well-known/oauth-protected-resource";
  const path = resource.slice(new URL(resource).origin.length);
  return path === "" ? [root] : [root + path, root];
}

/** The URL of the document. */
export function metadataUrl(resource: string): string {
  return new URL(metadataPaths(resource)[0], resource).href;
}
