import { isObject, isText } from "../lib/json.ts";
import { isPromise, type Wait, within } from "../lib/promises.ts";
import { AuthError, refused, shown } from "../refusal/error.ts";
import type { Claims } from "../identity.ts";
import { checkSeconds, list, must } from "../lib/options.ts";
import type { CallContext, MaybePromise, RequestView } from "../types.ts";

// Reads claims. A claim of the wrong type counts as absent; a time or a `cnf` of the wrong type rejects the token.

/** The subject: the caller's id. */
export function subjectOf(claims: Claims): string {
  const { sub } = claims;
  if (isText(sub)) return sub;
  throw refused("subject_missing", "the token has no sub, which identifies the caller");
}

export function textOf(claims: Claims, name: string): string | undefined {
  const value = claims[name];
  return isText(value) ? value : undefined;
}

/** The types of access tokens (RFC 9068 §2.1) and of most issuers. Tokens of other types have other purposes. */
const usualTypes = new Set(["jwt", "at+jwt"]);

/**
 * Checks the header's `typ` (RFC 8725 §3.11): a logout token or a DPoP proof of the same issuer must not authenticate.
 * @param demanded the one accepted type; undefined for the default ones
 */
export function checkType(typ: string | undefined, demanded: string | undefined): void {
  if (demanded !== undefined) {
    if (typ !== undefined && plain(typ) === plain(demanded)) return;
    throw refused("type_refused", `typ is ${shown(typ)}, not '${demanded}'`);
  }
  if (typ === undefined || typ === "JWT" || usualTypes.has(plain(typ))) return;
  throw refused("type_refused", `typ is ${shown(typ)}, not JWT or at+jwt`);
}

/** RFC 7515 §4.1.9: letter case does not matter, and `application/` is optional. */
function plain(typ: string): string {
  return typ.toLowerCase().replace(/^application\//, "");
}

export interface TimeOptions {
  /**
   * The greatest age of a token, in seconds since `iat`, which is then required. AppSync's `iatTTL`, there in
   * milliseconds. Default: any.
   */
  readonly maxTokenAgeSeconds?: number;
  /**
   * The longest time since sign-in, in seconds since `auth_time`, which is then required. AppSync's `authTTL`, there in
   * milliseconds. Default: any.
   */
  readonly maxAuthAgeSeconds?: number;
  /**
   * How far the clocks of the issuer and of this server may differ, in seconds, at most 300. Default 5 for `nbf`, `iat` and
   * `auth_time`, and 0 for `exp`: without this option a token expires exactly at its `exp`.
   */
  readonly clockToleranceSeconds?: number;
}

/** @throws TypeError for values that are no numbers, or too large for seconds */
export function checkTimeOptions(where: string, options: TimeOptions): void {
  const { maxTokenAgeSeconds, maxAuthAgeSeconds, clockToleranceSeconds } = options;
  const longest = 10 * 365 * 86_400;
  checkSeconds(where, "maxTokenAgeSeconds", maxTokenAgeSeconds, 1, longest);
  checkSeconds(where, "maxAuthAgeSeconds", maxAuthAgeSeconds, 1, longest);
  checkSeconds(where, "clockToleranceSeconds", clockToleranceSeconds, 0, 300);
}

/** In seconds since 1970. */
interface Validity {
  readonly expiresAt: number;
  /** `exp` with the tolerance, or an earlier end by a greatest age. */
  readonly until: number;
}

/**
 * Checks `nbf`, `iat`, `auth_time` and `exp` (RFC 7519 §4.1) of a token with a valid signature. `exp` comes last: only a
 * token that is valid except for its age is reported as expired.
 * @param now milliseconds since 1970
 */
export function checkTimes(claims: Claims, options: TimeOptions, now: number): Validity {
  const seconds = now / 1000;
  const latest = seconds + (options.clockToleranceSeconds ?? 5);
  const exp = requiredTime(claims, "exp", "expiry_missing");
  const nbf = timeOf(claims, "nbf");
  const iat = timeOf(claims, "iat");
  if (nbf !== undefined && nbf > latest) throw refused("token_not_yet_valid", `nbf ${nbf} is in the future`);
  if (iat !== undefined && iat > latest)
    throw refused("token_issued_in_future", `iat ${iat} is in the future`);
  const signInEnd = endOfSignIn(claims, options.maxAuthAgeSeconds, latest);
  const ageEnd = endOfAge(claims, options.maxTokenAgeSeconds);
  // Not an expiry: a refreshed token has the same sign-in, so the user has to sign in again.
  if (seconds >= signInEnd)
    throw refused("sign_in_too_old", `by maxAuthAgeSeconds it expired at ${signInEnd}`);
  const expEnd = exp + (options.clockToleranceSeconds ?? 0);
  if (seconds >= expEnd) throw expired("token_expired", `exp was ${exp}, ${Math.ceil(seconds - exp)} s ago`);
  if (seconds >= ageEnd) throw expired("token_too_old", `by maxTokenAgeSeconds it expired at ${ageEnd}`);
  return { expiresAt: exp, until: Math.min(expEnd, ageEnd, signInEnd) };
}

function endOfSignIn(claims: Claims, maxAuthAgeSeconds: number | undefined, latest: number): number {
  if (maxAuthAgeSeconds === undefined) return Infinity;
  const authTime = requiredTime(claims, "auth_time", "sign_in_time_missing");
  if (authTime > latest) throw refused("sign_in_in_future", `auth_time is ${authTime}`);
  return authTime + maxAuthAgeSeconds;
}

function endOfAge(claims: Claims, maxTokenAgeSeconds: number | undefined): number {
  if (maxTokenAgeSeconds === undefined) return Infinity;
  return requiredTime(claims, "iat", "issue_time_missing") + maxTokenAgeSeconds;
}

function requiredTime(claims: Claims, name: string, reason: string): number {
  const time = timeOf(claims, name);
  if (time === undefined) throw refused(reason, `the token has no ${name}`);
  return time;
}

/** Seconds since 1970. JSON can hold numbers that become infinite. */
function timeOf(claims: Claims, name: string): number | undefined {
  const value = claims[name];
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw refused("claim_malformed", `${name} is not a number of seconds: ${shown(value)}`);
}

function expired(reason: string, detail: string): AuthError {
  return new AuthError("credentials_expired", reason, { detail });
}

/** Who may receive a token, by the options of `oidc`. */
export interface Receiver {
  readonly audience: Matcher | undefined;
  readonly client: Matcher | undefined;
  readonly clientIdClaim: string | undefined;
  /** By RFC 9068. */
  readonly isProfiled: boolean;
  readonly isAccessOnly: boolean;
}

/** @throws AuthError */
export function checkReceiver(claims: Claims, receiver: Receiver): void {
  const { audience, client } = receiver;
  const { aud } = claims;
  if (receiver.isProfiled) checkProfile(claims);
  const sign = receiver.isAccessOnly ? signOfIdToken(claims) : undefined;
  if (sign !== undefined) {
    const detail = `the token has ${sign}, so it is an ID token; send an access token, or set tokenUse: "both"`;
    throw refused("token_use_refused", detail);
  }
  if (audience !== undefined && !list<unknown>(aud).some(audience.accepts)) {
    throw refused("audience_refused", `aud is ${shown(aud)}, not ${audience.text}`);
  }
  if (client !== undefined) checkClient(claims, client, receiver.clientIdClaim);
}

function checkClient(claims: Claims, client: Matcher, claim: string | undefined): void {
  if (claim !== undefined) {
    if (client.accepts(claims[claim])) return;
    throw refused("client_refused", `${claim} is ${shown(claims[claim])}, not ${client.text}`);
  }
  const name = claims["azp"] === undefined && claims["client_id"] !== undefined ? "client_id" : "azp";
  if ([claims[name], ...list<unknown>(claims["aud"])].some(client.accepts)) return;
  throw refused(
    "client_refused",
    `${name} is ${shown(claims[name])} and aud ${shown(claims["aud"])}, not ${client.text}${clientHint(claims)}`,
  );
}

/** The claims of other issuers. */
function clientHint(claims: Claims): string {
  const name = ["cid", "appid"].find(
    (one) => claims["azp"] === undefined && textOf(claims, one) !== undefined,
  );
  return name === undefined ? "" : `; the token names its client in ${name}: set clientIdClaim: "${name}"`;
}

/** RFC 9068 §2.2. Type, subject, issuer, expiry and audience are checked for every token. */
function checkProfile(claims: Claims): void {
  const missing = ["client_id", "jti"].find((name) => textOf(claims, name) === undefined);
  const absent = missing ?? ["iat", "aud"].find((name) => claims[name] === undefined);
  if (absent === undefined) return;
  throw refused("claim_missing", `the token has no ${absent}, which the profile 'at+jwt' requires`);
}

/** OpenID Connect Core 1.0 §2 and §3.3.2.11: these claims bind an ID token to a login. */
function signOfIdToken(claims: Claims): string | undefined {
  if (claims["typ"] === "ID") return "typ 'ID'";
  // Until version 25, Keycloak wrote the nonce into access tokens too.
  const names = claims["typ"] === "Bearer" ? ["at_hash", "c_hash"] : ["nonce", "at_hash", "c_hash"];
  return names.find((name) => claims[name] !== undefined);
}

/** The expected value of a claim: one of these texts, or an expression for the whole value; null accepts any. */
export type Expected = string | readonly string[] | RegExp | null;

/** The check of a claim by an option. */
export interface Matcher {
  readonly accepts: (value: unknown) => boolean;
  /** For the log. */
  readonly text: string;
}

/**
 * @param where the call and the option: `oidc(): audience`
 * @returns undefined if any value is accepted
 * @throws TypeError if no value could be accepted
 */
export function matcherOf(where: string, expected: Expected): Matcher | undefined {
  if (expected === null) return undefined;
  if (expected instanceof RegExp) return expressionMatcher(expected);
  const texts = [...list(expected)];
  must(texts.length > 0, `${where} is an empty list: every token would be rejected`);
  for (const text of texts) {
    must(isText(text), `${where} is text, a list of texts, a RegExp, or null to accept any; not '${text}'`);
  }
  return {
    accepts: (value) => typeof value === "string" && texts.includes(value),
    text: texts.join(" or "),
  };
}

/**
 * A copy of the expression that matches the whole value and keeps no state: without `g` and `y` it always starts at the
 * front, without `m` one line of a longer value does not match.
 */
export function expressionMatcher(expected: RegExp): Matcher {
  const whole = new RegExp(`^(?:${expected.source})$`, expected.flags.replaceAll(/[gmy]/g, ""));
  return { accepts: (value) => typeof value === "string" && whole.test(value), text: String(whole) };
}

/**
 * Returns whether the client that sent a request holds the key that `cnf` (RFC 7800 §3.1) of its token names. false
 * rejects the request. The answer is 503 if it throws or takes over 5 seconds.
 */
export type ConfirmKey = (cnf: Claims, request: RequestView, context: CallContext) => MaybePromise<boolean>;

/** What to do with tokens that have a `cnf`. */
export type Confirmation = ConfirmKey | "ignore";

/**
 * Checks that a bound token may be on a request, for each request.
 * @throws AuthError
 */
export type RequestCheck = (request: RequestView) => MaybePromise<void>;

const ignoring: RequestCheck = () => {};

const confirmationWait: Wait = { what: "confirmation", reason: "confirmation_timeout" };

/** @throws TypeError */
export function checkConfirmation(where: string, confirmation: Confirmation | undefined): void {
  must(
    confirmation === undefined || confirmation === "ignore" || typeof confirmation === "function",
    `${where}: confirmation is a function (cnf, request) => boolean, or 'ignore' to accept such tokens from any sender`,
  );
}

/**
 * Returns the check for every request with a token; undefined if the token is not bound to a key.
 * @throws AuthError if it is bound, and no `confirmation` is set
 */
export function requestCheckOf(
  { cnf }: Claims,
  confirmation: Confirmation | undefined,
): RequestCheck | undefined {
  if (cnf === undefined) return undefined;
  if (!isObject(cnf)) throw refused("cnf_malformed", `cnf is not an object: ${shown(cnf)}`);
  if (confirmation === "ignore") return ignoring;
  const members = Object.keys(cnf).join(", ");
  if (confirmation === undefined) {
    throw refused(
      "sender_constrained",
      `only the holder of a key may send the token (cnf: ${shown(members)}), and no 'confirmation' is set to check that`,
    );
  }
  const judge = (answer: unknown) => {
    if (answer === true) return;
    const what = answer === false ? "false" : `${typeof answer}, which is not a boolean`;
    throw refused("confirmation_failed", `confirmation returned ${what} for cnf: ${shown(members)}`);
  };
  return (request) => {
    const answer = within(confirmationWait, (context) => confirmation(cnf, request, context));
    return isPromise(answer) ? answer.then(judge) : judge(answer);
  };
}
