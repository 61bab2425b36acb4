import { settingsOf } from "../auth/mode.ts";
import type { Claims, UserPoolIdentity } from "../identity.ts";
import { subjectOf, textOf, type Expected, type Matcher, matcherOf } from "../jwt/claims.ts";
import { refused, shown } from "../refusal/error.ts";
import {
  checkIssuerOptions,
  type IssuerOptions,
  keysOf,
  tokenModeNames,
  type TokenModeOptions,
} from "../jwt/issuer-options.ts";
import { type NamedIssuer, tokenMode } from "../jwt/token-mode.ts";
import { KeySet } from "../jwt/key-set.ts";
import { checkIssuerUrl, keySetAt } from "../jwt/key-source.ts";
import { type Rights, rightsBy, rightsFrom, scopeClaims, textsOf } from "../jwt/rights.ts";
import { checkInsecureHttp } from "../lib/urls.ts";
import { list, must } from "../lib/options.ts";
import type { AuthMode } from "../types.ts";

/** Options of `userPool`, for one user pool of Amazon Cognito (developer guide, "Verifying JSON web tokens"). */
export interface UserPoolOptions extends IssuerOptions, TokenModeOptions {
  /** Such as `us-east-1_AbCdEfGhI`. */
  readonly userPoolId: string;
  /**
   * The app clients whose tokens are accepted: `client_id` of access tokens, `aud` of id tokens. An expression matches the
   * whole id. null accepts any client of the pool.
   */
  readonly clientId: Expected;
  /**
   * The URL of this API, as clients name it in `resource` when they request a token: `aud` of access tokens must be or
   * contain it, and access tokens without `aud` are rejected. null accepts any. Default: access tokens need no `aud`; if
   * they have one, it must contain a `clientId`. Not for id tokens, whose `aud` is the client.
   */
  readonly audience?: Expected;
  /** Which tokens are accepted. Default `access`. */
  readonly tokenUse?: "access" | "id" | "both";
  /** For emulators: the exact `iss` of the tokens. Default: the two forms that AWS writes. */
  readonly issuer?: string;
}

type TokenUse = UserPoolIdentity["tokenUse"];

const names = {
  userPoolId: ["poolId", "region", "userPool", "aws_user_pools_id", "user_pool_id"],
  clientId: ["clientIds", "appClientId", "userPoolClientId", "appIdClientRegex"],
  audience: ["aud", "audiences", "resource"],
  tokenUse: ["token_use"],
  issuer: [],
  ...tokenModeNames,
};
const poolIdShape = /^[a-z]{2}(?:-[a-z]+)+-\d+_[A-Za-z0-9]+$/;

/**
 * Accepts tokens of user pools (Amazon Cognito's user directories), raw or after `Bearer `. With several pools, each token
 * is checked with the keys, clients and token use of its own pool only.
 * @throws TypeError if an option is missing, misspelt or contradicts another
 * @example
 * import { createAuth, userPool } from "@authmodes/core";
 *
 * export const auth = createAuth([
 *   userPool({ userPoolId: "us-east-1_AbCdEfGhI", clientId: "3n4b5urk1ft4fl3mg5e62d9ado" }),
 * ]);
 */
export function userPool(options: UserPoolOptions | readonly UserPoolOptions[]): AuthMode<UserPoolIdentity> {
  const entries = list<UserPoolOptions>(options);
  return tokenMode({ name: "userPool", entries, issuers: entries.map(poolOf) });
}

/** A pool's tokens have one of two issuers, each with a key set of its own. */
function poolOf(options: UserPoolOptions): readonly NamedIssuer<UserPoolIdentity>[] {
  const checks = checkPoolOptions(options);
  const { tokenUse, clientId, audience } = checks;
  const { jwksUri, keys, keySet, rights } = options;
  const shared =
    jwksUri === undefined && keys === undefined ? undefined : keysOf("userPool()", "", options, keySet);
  return issuersOf(options).map((issuer) => [
    issuer,
    {
      keys: shared ?? new KeySet(keySetAt(`${issuer.replace(/\/$/, "")}/.well-known/jwks.json`), keySet),
      algorithms: ["RS256"],
      options,
      confirmation: options.confirmation,
      settings: settingsOf({
        clientId: clientId?.text ?? "any",
        audience: audience === null ? "any" : audience?.text,
        tokenUse: tokenUse.join(" or "),
      }),
      check: (claims) => checkClaims(claims, checks),
      rights: rights === undefined ? cognitoRights : rightsBy("userPool()", rights),
      identify: (claims, expiresAt, found) => identityOf(claims, issuer, found, expiresAt),
    },
  ]);
}

interface PoolChecks {
  readonly tokenUse: readonly TokenUse[];
  /** Undefined for any client. */
  readonly clientId: Matcher | undefined;
  /** null for any audience; undefined if none is set. */
  readonly audience: Matcher | null | undefined;
}

function checkPoolOptions(options: UserPoolOptions): PoolChecks {
  checkIssuerOptions("userPool()", options, names);
  const { userPoolId, clientId, audience, tokenUse = "access", issuer } = options;
  must(
    typeof userPoolId === "string" && (issuer !== undefined || poolIdShape.test(userPoolId)),
    `userPool(): userPoolId is a region and a name, such as us-east-1_AbCdEfGhI, not '${userPoolId}'; ` +
      "for the pool of an emulator also give its 'issuer'",
  );
  must(
    clientId !== undefined,
    "userPool(): clientId is missing; write one or a list of the pool's app clients, or null to accept any client",
  );
  must(
    tokenUse === "access" || tokenUse === "id" || tokenUse === "both",
    `userPool(): tokenUse is 'access', 'id' or 'both', not '${tokenUse as string}'`,
  );
  if (options.jwksUri === undefined && options.keys === undefined) {
    if (issuer !== undefined) checkIssuerUrl("userPool()", issuer);
    checkInsecureHttp("userPool()", options.allowInsecureHttp, { issuer: issuersOf(options) });
  }
  must(
    audience === undefined || tokenUse !== "id",
    "userPool(): audience is checked on access tokens; id tokens have the client in aud, which clientId checks",
  );
  return {
    tokenUse: tokenUse === "both" ? ["access", "id"] : [tokenUse],
    clientId: matcherOf("userPool(): clientId", clientId),
    audience: audience === undefined ? undefined : (matcherOf("userPool(): audience", audience) ?? null),
  };
}

/** The second form is that of pools that are replicated to several regions. */
function issuersOf({ userPoolId, issuer }: UserPoolOptions): readonly string[] {
  if (issuer !== undefined) return [issuer];
  const region = userPoolId.split("_", 1)[0];
  return ["cognito-idp", "issuer-cognito-idp"].map(
    (service) => `https://${service}.${region}.amazonaws.com/${userPoolId}`,
  );
}

function checkClaims(claims: Claims, { tokenUse, clientId, audience }: PoolChecks): void {
  const { token_use: use } = claims;
  if (!tokenUse.some((one) => one === use)) {
    throw refused("token_use_refused", `token_use is ${shown(use)}, not ${tokenUse.join(" or ")}`);
  }
  const name = use === "id" ? "aud" : "client_id";
  if (clientId !== undefined && !clientId.accepts(claims[name])) {
    throw refused("client_refused", `${name} is ${shown(claims[name])}, not ${clientId.text}`);
  }
  if (use === "access" && audience !== null) checkAudience(claims["aud"], audience, clientId);
}

/** Cognito writes `aud` into access tokens for one resource. Tokens for another API must be rejected. */
function checkAudience(aud: unknown, audience: Matcher | undefined, clientId: Matcher | undefined): void {
  if (aud === undefined && audience === undefined) return;
  const expected = audience ?? clientId;
  if (expected !== undefined && list<unknown>(aud).some(expected.accepts)) return;
  const wanted =
    expected === undefined
      ? "and audience is not set: write this API, as clients name it"
      : `not ${expected.text}`;
  throw refused("audience_refused", `aud is ${shown(aud)}, ${wanted}`);
}

/** Cognito writes groups as a list only. */
const cognitoRights = rightsFrom("cognito:groups", scopeClaims, textsOf);

function identityOf(claims: Claims, issuer: string, rights: Rights, expiresAt: number): UserPoolIdentity {
  const sub = subjectOf(claims);
  return {
    mode: "userPool",
    id: sub,
    sub,
    // Tokens of client credentials name no user: their subject is the client.
    username: textOf(claims, "cognito:username") ?? textOf(claims, "username") ?? sub,
    issuer,
    tokenUse: claims["token_use"] === "id" ? "id" : "access",
    claims,
    ...rights,
    expiresAt,
  };
}
