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

/** The receiver of a token. At least one of the two options is set; null disables a check explicitly. */
export type OidcReceiver =
  | { readonly audience: Expected; readonly clientId?: Expected }
  | { readonly audience?: Expected; readonly clientId: Expected };

interface OidcChecks extends IssuerOptions {
  /** This API, as the issuer names it: `aud` must be or contain one of these. An expression matches the whole value. */
  readonly audience?: Expected;
  /** The clients whose tokens are accepted: `azp` or `aud` must be one of these. */
  readonly clientId?: Expected;
  /** Default: every asymmetric algorithm that core knows (RS, PS and ES with 256, 384 and 512, EdDSA and Ed25519). */
  readonly algorithms?: readonly string[];
  /** The claim that holds the caller's groups. Default: none. */
  readonly groupsClaim?: string;
  /** The one accepted `typ`, such as `at+jwt`. Default: `JWT`, `at+jwt` or none. */
  readonly typ?: string;
}

/** Options for the tokens of an issuer that is known only at run time. */
export type OidcIssuer = OidcChecks &
  OidcReceiver & {
    /** Optional. Must be the issuer that the function was called with. */
    readonly issuer?: string;
  };

/** Options of `oidc`, for one OpenID Connect provider. Its keys are found by OpenID Connect Discovery 1.0. */
export type OidcOptions = OidcChecks &
  OidcReceiver &
  TokenModeOptions & {
    /** The exact `iss` of the tokens, with or without a slash at the end; the discovery document is below this URL. */
    readonly issuer: string;
  };

/** Options of `oidc`, for issuers that are known only at run time. */
export interface OidcTenants extends TokenModeOptions {
  /**
   * Returns the options of an issuer; undefined for an unknown one, from which nothing is fetched. Called for every token
   * that is not cached (for at most 300 seconds). The issuer comes from an unverified token: look it up, never accept any.
   * The answer is 503 if the function throws or takes over 5 seconds.
   */
  readonly issuers: (issuer: string, context: CallContext) => MaybePromise<OidcIssuer | undefined>;
}

const issuerNames = {
  issuer: ["iss", "issuerUrl", "issuerBaseURL", "oidcIssuerUrl", "domain"],
  audience: ["aud", "audiences"],
  clientId: ["clientIds", "azp"],
  algorithms: ["algs", "alg", "tokenSigningAlg"],
  groupsClaim: ["groupClaim", "rolesClaim", "permissionsClaim"],
  typ: ["tokenType"],
};

/**
 * Accepts tokens (JWTs) of OpenID Connect providers, raw or after `Bearer `. With several issuers, each token is checked
 * with the keys, audiences and clients of its own issuer only.
 * @throws TypeError if an option is missing, misspelt or contradicts another
 * @example
 * import { createAuth, oidc } from "@authmodes/core";
 *
 * export const auth = createAuth([
 *   oidc({ issuer: "https://tenant.eu.auth0.com/", audience: "https://api.example.com" }),
 * ]);
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
    "oidc(): issuer is missing; write the URL that the tokens have as 'iss', with the same slash at the end or none",
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
    "oidc(): issuers is a function from an issuer to its options; write issuers that are known now as a list: oidc([{ … }])",
  );
  const findTenant = tenantFinder(options.issuers, tenantRules, options.keySet);
  return tokenMode({ name: "oidc", entries: [options], issuers: [], findTenant });
}

function tenantRules(issuer: string, options: OidcIssuer): TokenRules<OidcIdentity> {
  checkIssuerOptions("oidc(): issuers", options, issuerNames);
  must(
    options.issuer === undefined || options.issuer === issuer,
    `oidc(): issuers was called with '${issuer}' and returned the options of '${String(options.issuer)}'`,
  );
  return rulesOf(issuer, options);
}

function rulesOf(issuer: string, options: OidcIssuer): TokenRules<OidcIdentity> {
  const { audience, clientId, groupsClaim, typ } = options;
  must(
    audience !== undefined || clientId !== undefined,
    `oidc(): for ${issuer} write audience (checked against 'aud') or clientId ('azp' or 'aud'), or both; ` +
      "write audience: null to accept tokens that were issued for other services",
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

/** A list, or the name of one group. */
function groupsOf(value: unknown): readonly string[] {
  return typeof value === "string" && value !== "" ? [value] : textsOf(value);
}
