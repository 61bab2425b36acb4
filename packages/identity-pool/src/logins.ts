import {
  AuthError,
  type Claims,
  type Clock,
  type OidcIdentity,
  type RequestView,
  type TokenFacts,
  type UserPoolIdentity,
} from "@authmodes/core";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { notAuthorized, PoolError } from "./errors.ts";
import type { Providers } from "./options.ts";

/** A verified login: a user of a provider. */
export interface Login {
  /** The issuer without its scheme, as clients name it in `Logins`. */
  readonly provider: string;
  readonly issuer: string;
  readonly subject: string;
  readonly claims: Claims;
  /** `cognitoAuthenticationProvider`, as services behind API Gateway parse it. */
  readonly authProvider: string;
  /** What `revoked` is asked for. */
  readonly facts: TokenFacts;
}

/** The name of an issuer in `Logins`. */
export function providerName(issuer: string): string {
  return issuer.replace(/^https?:\/\//, "");
}

interface Verifier {
  readonly providers: Providers;
  readonly clock: Clock;
}

/**
 * Verifies an id token by the modes of the providers.
 * @throws PoolError
 */
export async function verifyLogin(
  { providers, clock }: Verifier,
  provider: string,
  token: string,
): Promise<Login> {
  const identity = await verified(providers, token, clock);
  if (providerName(identity.issuer) !== provider) throw issuerMismatch();
  if (!isIdToken(identity, token)) throw notAnIdToken();
  const { issuer, sub: subject, claims, mode } = identity;
  const kind = mode === "userPool" ? "CognitoSignIn" : "OIDC";
  const authProvider = `${provider},${provider}:${kind}:${escaped(subject)}`;
  return { provider, issuer, subject, claims, authProvider, facts: factsOf(identity) };
}

function factsOf({ issuer, sub, claims }: UserPoolIdentity | OidcIdentity): TokenFacts {
  const text = (value: unknown) => (typeof value === "string" ? value : undefined);
  const { jti, origin_jti: originJti, sid, iat } = claims;
  return {
    iss: issuer,
    jti: text(jti),
    originJti: text(originJti),
    sid: text(sid),
    sub,
    iat: typeof iat === "number" ? iat : undefined,
  };
}

/** Services take what follows the last colon for the subject: one with a colon could pass for another user's. */
function escaped(subject: string): string {
  return subject.replaceAll(/[%:,]/g, encodeURIComponent);
}

async function verified(
  providers: Providers,
  token: string,
  clock: Clock,
): Promise<UserPoolIdentity | OidcIdentity> {
  try {
    const identity = await providers.authenticate(requestWith(token));
    if ("issuer" in identity) return identity;
  } catch (error) {
    throw error instanceof AuthError ? rejectionOf(error, token, clock) : error;
  }
  // An auth that only reports lets rejected callers pass.
  throw invalidLogin(unverified);
}

/** A request with nothing but the token, so that the providers' modes verify it as they verify any other. */
function requestWith(token: string): RequestView {
  return {
    method: "POST",
    target: "/",
    host: undefined,
    rawHeaders: ["authorization", token],
    exact: true,
    header: (name) => (name === "authorization" ? token : undefined),
    body: () => Promise.resolve(new Uint8Array()),
  };
}

/** Access tokens are for APIs, which may see them, and do not prove a sign-in at the client. */
function isIdToken(identity: UserPoolIdentity | OidcIdentity, token: string): boolean {
  if (identity.mode === "userPool") return identity.tokenUse === "id";
  const { typ, token_use: use, scope, scp } = identity.claims;
  const isMarked = /^(?:application\/)?at\+jwt$/i.test(decodeProtectedHeader(token).typ ?? "");
  const isOther = (use ?? "id") !== "id" || (typ ?? "ID") !== "ID"; // Cognito's and Keycloak's marks
  return !isMarked && !isOther && scope === undefined && scp === undefined;
}

const unverified = "Couldn't verify signed token.";

/** The messages are those of Amazon's pools, which apps compare. */
function rejectionOf({ code, reason }: AuthError, token: string, clock: Clock): PoolError {
  if (code === "unavailable" || code === "misconfigured") {
    return new PoolError("ExternalServiceException", "The login cannot be verified at the moment.", 503);
  }
  if (code === "rate_limited") return new PoolError("TooManyRequestsException", "Too many requests", 429);
  if (code === "credentials_expired") {
    // Its signature was verified before its times.
    return invalidLogin(`Token expired: ${Math.floor(clock() / 1000)} >= ${decodeJwt(token).exp}`);
  }
  if (reason === "issuer_unknown") return issuerMismatch();
  if (reason === "token_use_refused") return notAnIdToken();
  if (reason === "audience_refused" || reason === "client_refused")
    return invalidLogin("Incorrect token audience.");
  if (code === "credentials_malformed") return invalidLogin("Not a valid OpenId Connect identity token.");
  return invalidLogin(unverified);
}

function issuerMismatch(): PoolError {
  return invalidLogin("Issuer doesn't match providerName");
}

function notAnIdToken(): PoolError {
  return invalidLogin("Token is not an ID token");
}

function invalidLogin(sentence: string): PoolError {
  return notAuthorized(`Invalid login token. ${sentence}`);
}
