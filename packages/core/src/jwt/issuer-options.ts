import { checkInsecureHttp } from "../lib/insecure-http.ts";
import { checkOptions, must, type OptionNames } from "../lib/options.ts";
import { checkConfirmation, type Confirmation } from "./confirmation.ts";
import { checkKeySetOptions, checkKeyUrl, type KeySetOptions } from "./key-source.ts";
import { type Source, sourcesOf, type TokenSource } from "./source.ts";
import { checkTimeOptions, type TimeOptions } from "./claims.ts";

/** The options of every issuer. */
export interface IssuerOptions extends TimeOptions {
  /**
   * Checks tokens that only the holder of a key may send: those with `cnf`, such as `jkt` (DPoP, RFC 9449) and `x5t#S256`
   * (certificates, RFC 8705). The function is called for every request with such a token, cached ones too; false rejects
   * the request, an error is a 503. Reject a `cnf` without the member that you check. `"ignore"` accepts these tokens from
   * any sender, also stolen ones. Default: they are rejected.
   */
  readonly confirmation?: Confirmation;
  /** The URL of its key set. Default: the one that the issuer names. `iss` is checked all the same. */
  readonly jwksUri?: string;
  /**
   * Hosts from which keys may be fetched over plain http, such as `["keycloak:8080"]`: with the port, unless that is
   * 80. Others on the network can replace such keys and sign tokens with their own. Default: none; this machine
   * (`localhost`, `127.0.0.0/8`, `[::1]`) needs no entry.
   */
  readonly allowInsecureHttp?: readonly string[];
}

/** Where a mode finds tokens, and how it caches keys. */
export interface TokenModeOptions {
  /** Default `header`. The same for all entries of a list. */
  readonly from?: TokenSource;
  /** Default: see `KeySetOptions`. */
  readonly keySet?: KeySetOptions;
}

const names = {
  confirmation: ["cnf", "dpop"],
  jwksUri: ["jwksUrl", "jwks_uri"],
  allowInsecureHttp: ["allowHttp", "allowInsecureRequests"],
  maxTokenAgeSeconds: ["maxTokenAge", "maxAge"],
  maxAuthAgeSeconds: [],
  clockToleranceSeconds: ["clockTolerance", "clockSkewSeconds", "graceSeconds"],
};

/** The names of `TokenModeOptions`. */
export const tokenModeNames: OptionNames = { from: ["cookie", "tokenSource"], keySet: ["cache", "fetch"] };

const millisecondNames: Readonly<Record<string, string>> = {
  iatTTL: "maxTokenAgeSeconds",
  authTTL: "maxAuthAgeSeconds",
};

/**
 * Checks names, and the options of every issuer.
 * @param own the names that the mode adds, with their names in other libraries
 * @throws TypeError
 */
export function checkIssuerOptions(where: string, options: IssuerOptions, own: OptionNames): void {
  for (const [name, meant] of Object.entries(millisecondNames)) {
    must(
      typeof options !== "object" || options === null || !Object.hasOwn(options, name),
      `${where}: ${name} is in milliseconds in AppSync; write ${meant}, in seconds`,
    );
  }
  checkOptions(where, options, { ...own, ...names });
  checkTimeOptions(where, options);
  checkConfirmation(where, options.confirmation);
  const { jwksUri, allowInsecureHttp } = options;
  if (jwksUri !== undefined) checkKeyUrl(where, "jwksUri", jwksUri);
  // Without a jwksUri, the URLs depend on the issuer.
  const urls = jwksUri === undefined ? {} : { jwksUri: [jwksUri] };
  checkInsecureHttp(where, allowInsecureHttp, urls, jwksUri === undefined);
}

/** @throws TypeError if the entries of a list differ: a token's place must be known before its issuer */
export function sharedSources(where: string, entries: readonly TokenModeOptions[]): readonly Source[] {
  const [first] = entries;
  must(first !== undefined, `${where}: the list is empty`);
  for (const entry of entries) {
    must(
      JSON.stringify(entry.from) === JSON.stringify(first.from),
      `${where}: all entries of the list read tokens from the same places; give each the same 'from'`,
    );
    if (entry.keySet !== undefined) checkKeySetOptions(where, entry.keySet);
  }
  return sourcesOf(where, first.from);
}
