import { settingsOf } from "../auth/mode.ts";
import type { OidcIdentity } from "../identity.ts";
import { checkAlgorithms } from "../jwt/algorithms.ts";
import { checkReceiver, type Receiver, subjectOf, type Expected, matcherOf } from "../jwt/claims.ts";
import { refused, shown } from "../refusal/error.ts";
import {
  checkIssuerOptions,
  type IssuerOptions,
  keysOf,
  tokenModeNames,
  type TokenModeOptions,
} from "../jwt/issuer-options.ts";
import { type NamedIssuer, tokenMode, tenantFinder } from "../jwt/token-mode.ts";
import { checkIssuerUrl } from "../jwt/key-source.ts";
import {
  checkClaimPath,
  type ClaimPath,
  rightsBy,
  rightsFrom,
  type RightsReader,
  scopeClaims,
  textOfPath,
} from "../jwt/rights.ts";
import type { TokenRules } from "../jwt/token-verifier.ts";
import { checkInsecureHttp } from "../lib/urls.ts";
import { isObject, isText } from "../lib/json.ts";
import { checkOptionNames, list, must } from "../lib/options.ts";
import type { AuthMode, CallContext, MaybePromise } from "../types.ts";

/** The receiver of a token. At least one of the two options is set; null disables a check explicitly. */
export type OidcReceiver = { readonly audience: Expected } | { readonly clientId: Expected };

interface OidcChecks extends IssuerOptions {
  /** This API, as the issuer names it: `aud` must be or contain one of these. An expression matches the whole value. */
  readonly audience?: Expected;
  /**
   * The clients whose tokens are accepted: `azp` or `aud` must be one of these, or `client_id` (RFC 9068) of a token without
   * `azp`.
   */
  readonly clientId?: Expected;
  /** The one claim that `clientId` is compared with: `cid` for Okta, `appid` for Entra ID of version 1. Default: see `clientId`. */
  readonly clientIdClaim?: string;
  /** Default: every asymmetric algorithm that core knows (RS, PS and ES with 256, 384 and 512, EdDSA and Ed25519). */
  readonly algorithms?: readonly string[];
  /**
   * The claim that holds the caller's groups: a list of texts, the text of one group, or an object of objects, whose keys are
   * the groups (Zitadel). For a nested claim the names on the way: `["realm_access", "roles"]`. Default: no groups.
   */
  readonly groupsClaim?: ClaimPath;
  /** The claim that holds the caller's scopes, such as `permissions`; in text they are separated by spaces. Default: `scope`, else `scp`. */
  readonly scopesClaim?: ClaimPath;
  /** The one accepted `typ`, such as `at+jwt`. Default: `JWT`, `at+jwt` or none. */
  readonly typ?: string;
  /**
   * `at+jwt` accepts access tokens of RFC 9068 only: with its `typ`, `client_id`, `jti`, `iat` and the `audience`, which this
   * option needs. Default: access tokens of any form.
   */
  readonly profile?: "at+jwt";
  /**
   * `access` rejects ID tokens, as far as they can be recognised: by `nonce`, `at_hash` or `c_hash`, or Keycloak's `typ: "ID"`.
   * `both` accepts them. Default: `access` with an `audience` or a `profile`, else `both`.
   */
  readonly tokenUse?: "access" | "both";
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
  clientIdClaim: [],
  algorithms: ["algs", "alg", "tokenSigningAlg"],
  groupsClaim: ["groupClaim", "rolesClaim"],
  scopesClaim: ["scopeClaim", "permissionsClaim"],
  typ: ["tokenType"],
  profile: ["strict"],
  tokenUse: ["token_use"],
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
  const { issuer, jwksUri, keys, keySet, allowInsecureHttp } = options;
  must(
    isText(issuer),
    "oidc(): issuer is missing; write the URL that the tokens have as 'iss', with the same slash at the end or none",
  );
  checkPlaces(options);
  if (jwksUri === undefined && keys === undefined) {
    checkIssuerUrl("oidc()", issuer);
    // The host of the key set is known only by discovery.
    checkInsecureHttp("oidc()", allowInsecureHttp, { issuer: [issuer] }, true);
  }
  return [issuer, { ...rulesOf(issuer, options), keys: keysOf("oidc()", issuer, options, keySet) }];
}

/** What the issuer signs. A load balancer signs neither these claims nor with its keys. */
const ofIssuer: ReadonlySet<string> = new Set([
  "audience",
  "algorithms",
  "clientIdClaim",
  "confirmation",
  "jwksUri",
  "keys",
  "profile",
  "tokenUse",
  "typ",
]);

/** @throws TypeError if an option would be checked on no token */
function checkPlaces(options: OidcOptions): void {
  const places = list<unknown>(options.from);
  const isBalanced = (place: unknown) => isObject(place) && "loadBalancer" in place;
  if (!places.some(isBalanced)) return;
  must(
    options.clientId !== undefined,
    "oidc(): from a load balancer needs clientId: the client that it signs users in with, or null to accept any",
  );
  // Both kinds of tokens of the issuer is what fromAmplify() says, and checks nothing.
  const isIdle = ([name, value]: readonly [string, unknown]) => ofIssuer.has(name) && value !== "both";
  const [idle] = (places.every(isBalanced) && Object.entries(options).find(isIdle)) || [];
  must(idle === undefined, `oidc(): ${idle} means nothing for tokens of a load balancer; remove it`);
}

function isTenants(options: OidcOptions | readonly OidcOptions[] | OidcTenants): options is OidcTenants {
  return typeof options === "object" && options !== null && "issuers" in options;
}

function tenantMode(options: OidcTenants): AuthMode<OidcIdentity> {
  checkOptionNames("oidc()", options, ["issuers", ...Object.keys(tokenModeNames)]);
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
  const { audience, clientId, clientIdClaim, groupsClaim, scopesClaim, typ, profile, tokenUse } = options;
  must(
    audience !== undefined || clientId !== undefined,
    `oidc(): for ${issuer} write audience (checked against 'aud') or clientId ('azp' or 'aud'), or both; ` +
      "write audience: null to accept tokens that were issued for other services",
  );
  checkShapes(options);
  const audienceMatcher = matcherOf("oidc(): audience", audience ?? null);
  const clientMatcher = matcherOf("oidc(): clientId", clientId ?? null);
  must(
    clientIdClaim === undefined || clientMatcher !== undefined,
    "oidc(): clientIdClaim is compared with clientId; write clientId too",
  );
  const isForApi = audienceMatcher !== undefined || profile !== undefined;
  const receiver: Receiver = {
    audience: audienceMatcher,
    client: clientMatcher,
    clientIdClaim,
    isProfiled: profile !== undefined,
    isAccessOnly: (tokenUse ?? (isForApi ? "access" : "both")) === "access",
  };
  return {
    algorithms: checkAlgorithms("oidc()", options.algorithms),
    typ: profile ?? typ,
    options,
    confirmation: options.confirmation,
    settings: settingsOf({
      audience: audienceMatcher?.text ?? (audience === null ? "any" : undefined),
      clientId: clientMatcher?.text ?? (clientId === null ? "any" : undefined),
      clientIdClaim,
      groupsClaim: groupsClaim === undefined ? undefined : textOfPath(groupsClaim),
      scopesClaim: scopesClaim === undefined ? undefined : textOfPath(scopesClaim),
      typ,
      profile,
      tokenUse,
    }),
    check: (claims) => checkReceiver(claims, receiver),
    checkClient: (client) => {
      if (clientMatcher === undefined || clientMatcher.accepts(client)) return;
      throw refused("client_refused", `client is ${shown(client)}, not ${clientMatcher.text}`);
    },
    rights: rightsOf(options),
    identify(claims, expiresAt, rights) {
      const sub = subjectOf(claims);
      return { mode: "oidc", id: sub, sub, issuer, claims, ...rights, expiresAt };
    },
  };
}

/** @throws TypeError */
function checkShapes(options: OidcIssuer): void {
  const { audience, clientIdClaim, groupsClaim, scopesClaim, rights, typ, profile, tokenUse } = options;
  checkClaimPath("oidc(): groupsClaim", groupsClaim);
  checkClaimPath("oidc(): scopesClaim", scopesClaim);
  must(
    rights === undefined || (groupsClaim === undefined && scopesClaim === undefined),
    "oidc(): rights returns groups and scopes; remove groupsClaim and scopesClaim",
  );
  must(clientIdClaim === undefined || isText(clientIdClaim), "oidc(): clientIdClaim is the name of a claim");
  must(typ === undefined || isText(typ), "oidc(): typ is text, such as 'at+jwt'");
  must(
    profile === undefined || profile === "at+jwt",
    `oidc(): profile is 'at+jwt' (RFC 9068), not ${JSON.stringify(profile)}`,
  );
  must(profile === undefined || typ === undefined, "oidc(): profile checks the type; remove typ");
  must(
    profile === undefined || audience !== undefined,
    "oidc(): profile 'at+jwt' checks the audience; write audience, or null to accept tokens for other services",
  );
  must(
    tokenUse === undefined || tokenUse === "access" || tokenUse === "both",
    `oidc(): tokenUse is 'access' or 'both', not ${JSON.stringify(tokenUse)}: no claim proves an ID token`,
  );
}

function rightsOf({ rights, groupsClaim, scopesClaim }: OidcIssuer): RightsReader {
  if (rights !== undefined) return rightsBy("oidc()", rights);
  return rightsFrom(groupsClaim, scopesClaim === undefined ? scopeClaims : [scopesClaim]);
}
