import { checkOptionNames, must } from "../options.ts";
import { checkKeySetOptions, type KeySetOptions } from "./key-set.ts";
import { checkKeyUrl } from "./key-source.ts";
import { type Source, sourcesOf, type TokenSource } from "./source.ts";
import { checkTimeOptions, type TimeOptions, timeOptionNames } from "./times.ts";

/** What can be said of every issuer. */
export interface IssuerOptions extends TimeOptions {
  /** Where its keys are, when not where the issuer says; what `iss` has to be stays the same. */
  readonly jwksUri?: string;
}

/** How a mode finds tokens and keeps keys. */
export interface TokenModeOptions {
  /** Default `header`. All entries of a list say the same. */
  readonly from?: TokenSource;
  readonly keySet?: KeySetOptions;
}

const aliases: Readonly<Record<string, string>> = {
  jwksUrl: "jwksUri",
  jwks_uri: "jwksUri",
  clockTolerance: "clockToleranceSeconds",
  clockSkewSeconds: "clockToleranceSeconds",
  graceSeconds: "clockToleranceSeconds",
  maxTokenAge: "maxTokenAgeSeconds",
  maxAge: "maxTokenAgeSeconds",
  cookie: "from",
  tokenSource: "from",
  cache: "keySet",
  fetch: "keySet",
};

const millisecondNames: Readonly<Record<string, string>> = {
  iatTTL: "maxTokenAgeSeconds",
  authTTL: "maxAuthAgeSeconds",
};

/**
 * Checks names, and the options that every issuer has.
 * @param own the names that the mode adds, with what people write for them elsewhere
 * @throws TypeError
 */
export function checkIssuerOptions(
  where: string,
  options: IssuerOptions,
  own: readonly string[],
  ownAliases: Readonly<Record<string, string>>,
): void {
  for (const [name, meant] of Object.entries(millisecondNames)) {
    must(
      typeof options !== "object" || options === null || !Object.hasOwn(options, name),
      `${where}: ${name} is in milliseconds in AppSync; write ${meant}, in seconds`,
    );
  }
  checkOptionNames(where, options, [...own, "jwksUri", ...timeOptionNames], { ...aliases, ...ownAliases });
  checkTimeOptions(where, options);
  if (options.jwksUri !== undefined) checkKeyUrl(where, "jwksUri", options.jwksUri);
}

/** @throws TypeError where the entries of a list differ: a token's place is known before its issuer */
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
