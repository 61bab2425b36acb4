import { settingsOf } from "../auth/description.ts";
import type { Claims, OidcIdentity } from "../identity.ts";
import { checkAlgorithms } from "../jwt/algorithms.ts";
import { scopesOf, subjectOf, textsOf } from "../jwt/claims.ts";
import { refused, shown } from "../refusal/error.ts";
import {
  checkIssuerOptions,
  type IssuerOptions,
  tokenModeNames,
  type TokenModeOptions,
} from "../jwt/issuer-options.ts";
import { type NamedIssuer, tokenMode } from "../jwt/token-mode.ts";
import { KeySet } from "../jwt/key-set.ts";
import { checkIssuerUrl, keySourceOf } from "../jwt/key-source.ts";
import { type Expected, type Matcher, matcherOf } from "../jwt/match.ts";
import { tenantFinder } from "../jwt/tenants.ts";
import type { TokenRules } from "../jwt/token-verifier.ts";
import { checkInsecureHttp } from "../lib/insecure-http.ts";
import { checkOptionNames, list, must } from "../lib/options.ts";
import type { AuthMode, CallContext, MaybePromise } from "../types.ts";

/** For whom a token has to be: at least one of the two is named. null leaves a check out, in words. */
export type OidcReceiver =
  | { readonly audience: Expected; readonly clientId?: Expected }
  | { readonly audience?: Expected; readonly clientId: Expected };

interface OidcChecks extends IssuerOptions {
  /** `aud` has to be, or hold, one of these: this API as the issuer names it. An expression matches the whole value. */
  readonly audience?: Expected;
  /** `azp` or `aud` has to be one of these: the clients whose tokens are accepted. */
  readonly clientId?: Expected;
  /** Default: every asymmetric one that is known here. */
  readonly algorithms?: readonly string[];
  /** The claim that lists the caller's groups: default none. */
  readonly groupsClaim?: string;
  /** The one `typ` that is accepted, such as `at+jwt`. Default: `JWT`, `at+jwt` or none. */
  readonly typ?: string;
}

/** What is asked of the tokens of an issuer that is known only at run time. */
export type OidcIssuer = OidcChecks &
  OidcReceiver & {
    /** Where it is named, it must be the one that was asked for. */
    readonly issuer?: string;
  };

/** An OpenID Connect provider, found by discovery (OpenID Connect Discovery 1.0). */
export type OidcOptions = OidcChecks &
  OidcReceiver &
  TokenModeOptions & {
    /** What `iss` has to be, to the letter; the discovery document is below it. */
    readonly issuer: string;
  };

/** Issuers that are known only at run time. */
export interface OidcTenants extends TokenModeOptions {
  /**
   * Says what to ask of the tokens of an issuer; undefined for one that is not known, of which nothing is fetched. It
   * is asked for every token that is not remembered (at most 300 seconds). The issuer is what an unproven token names:
   * look it up, never answer for whatever is asked. What it throws is a 503, and so is an answer that takes over 5
   * seconds.
   */
  readonly issuers: (issuer: string, context: CallContext) => MaybePromise<OidcIssuer | undefined>;
}

const issuerNames = {
  issuer: ["iss", "issuerUrl", "issuerBaseURL", "oidcIssuerUrl", "domain"],
  audience: ["aud", "audiences"],
  clientId: ["clientIds", "azp"],
  algorithms: ["algs", "alg", "tokenSigningAlg"],
  groupsClaim: ["groupClaim"],
  typ: ["tokenType"],
};

/**
 * Tokens of OpenID Connect providers, raw or after `Bearer `. Of several issuers each token is checked with the keys,
 * audiences and clients of its own issuer alone.
 * @throws TypeError where an option is missing, misspelt or contradicts another
 */
export function oidc(options: OidcOptions | readonly OidcOptions[] | OidcTenants): AuthMode<OidcIdentity> {
  if (isTenants(options)) return tenantMode(options);
  const entries = list<OidcOptions>(options);
  return tokenMode({ name: "oidc", entries, issuers: entries.map((entry) => [issuerOf(entry)]) });
}

function issuerOf(options: OidcOptions): NamedIssuer<OidcIdentity> {
  checkIssuerOptions("oidc()", options, { ...issuerNames, ...tokenModeNames });
  const { issuer, jwksUri, keySet, allowInsecureHttp } = options;
  must(
    typeof issuer === "string" && issuer !== "",
    "oidc(): say issuer, the URL that the tokens have as 'iss', to the letter",
  );
  if (jwksUri === undefined) {
    checkIssuerUrl("oidc()", issuer);
    // The host of the key set is known only by discovery.
    checkInsecureHttp("oidc()", allowInsecureHttp, { issuer: [issuer] }, true);
  }
  const keys = new KeySet(keySourceOf(issuer, options), keySet);
  return [issuer, { ...rulesOf(issuer, options), keys }];
}

function isTenants(options: OidcOptions | readonly OidcOptions[] | OidcTenants): options is OidcTenants {
  return typeof options === "object" && options !== null && "issuers" in options;
}

function tenantMode(options: OidcTenants): AuthMode<OidcIdentity> {
  checkOptionNames("oidc()", options, ["issuers", "from", "keySet"]);
  must(
    typeof options.issuers === "function",
    "oidc(): issuers is a function from an issuer to its options; issuers that are known now go in a list: oidc([{ … }])",
  );
  const findTenant = tenantFinder(options.issuers, tenantRules, options.keySet);
  return tokenMode({ name: "oidc", entries: [options], issuers: [], findTenant });
}

function tenantRules(issuer: string, options: OidcIssuer): TokenRules<OidcIdentity> {
  checkIssuerOptions("oidc(): issuers", options, issuerNames);
  must(
    options.issuer === undefined || options.issuer === issuer,
    `oidc(): issuers was asked for '${issuer}' and gave the options of '${String(options.issuer)}'`,
  );
  return rulesOf(issuer, options);
}

function rulesOf(issuer: string, options: OidcIssuer): TokenRules<OidcIdentity> {
  const { audience, clientId, groupsClaim, typ } = options;
  must(
    audience !== undefined || clientId !== undefined,
    `oidc(): for ${issuer} say audience (what 'aud' holds) or clientId ('azp' or 'aud'), or both; ` +
      "say audience: null to accept tokens that are for somebody else",
  );
  must(groupsClaim === undefined || isName(groupsClaim), "oidc(): groupsClaim is the name of a claim");
  must(typ === undefined || isName(typ), "oidc(): typ is text, such as 'at+jwt'");
  const audienceMatcher = matcherOf("oidc(): audience", audience ?? null);
  const clientMatcher = matcherOf("oidc(): clientId", clientId ?? null);
  return {
    algorithms: checkAlgorithms("oidc()", options.algorithms),
    typ,
    times: options,
    confirmation: options.confirmation,
    settings: settingsOf({
      audience: audienceMatcher?.text ?? (audience === null ? "any" : undefined),
      clientId: clientMatcher?.text ?? (clientId === null ? "any" : undefined),
      groupsClaim,
      typ,
      allowInsecureHttp: options.allowInsecureHttp,
    }),
    check: (claims) => checkReceiver(claims, audienceMatcher, clientMatcher),
    identify: (claims, expiresAt) => identityOf(claims, issuer, groupsClaim, expiresAt),
  };
}

function isName(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function checkReceiver(claims: Claims, audience: Matcher | undefined, clientId: Matcher | undefined): void {
  const { aud, azp } = claims;
  const receivers = list<unknown>(aud);
  if (audience !== undefined && !receivers.some(audience.accepts)) {
    throw refused("audience_refused", `aud is ${shown(aud)}, not ${audience.text}`);
  }
  if (clientId !== undefined && ![azp, ...receivers].some(clientId.accepts)) {
    throw refused("client_refused", `azp is ${shown(azp)} and aud ${shown(aud)}, not ${clientId.text}`);
  }
}

function identityOf(
  claims: Claims,
  issuer: string,
  groupsClaim: string | undefined,
  expiresAt: number,
): OidcIdentity {
  const sub = subjectOf(claims);
  return {
    mode: "oidc",
    id: sub,
    sub,
    issuer,
    claims,
    groups: groupsClaim === undefined ? [] : groupsOf(claims[groupsClaim]),
    scopes: scopesOf(claims),
    expiresAt,
  };
}

/** A list, or the one group of a caller who has one. */
function groupsOf(value: unknown): readonly string[] {
  return typeof value === "string" && value !== "" ? [value] : textsOf(value);
}
