import { AuthError, refused, shown } from "../refusal/error.ts";
import type { Claims } from "../identity.ts";
import { checkSeconds } from "../lib/options.ts";

// Reading claims: what has another type than it should have counts as absent.

/** The subject, which names the caller. */
export function subjectOf(claims: Claims): string {
  const { sub } = claims;
  if (typeof sub === "string" && sub !== "") return sub;
  throw refused("subject_missing", "the token has no sub");
}

export function textOf(claims: Claims, name: string): string | undefined {
  const value = claims[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A list that holds text alone; a list that holds anything else is no list of names. */
export function textsOf(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.every((item) => typeof item === "string") ? value : [];
}

/** `scope` (RFC 8693 §4.2), or the `scp` of other issuers: a list, or text with spaces between. */
export function scopesOf({ scope, scp }: Claims): readonly string[] {
  const value = scope ?? scp;
  if (typeof value !== "string") return textsOf(value);
  return value.split(" ").filter((word) => word !== "");
}

/** Access tokens (RFC 9068 §2.1), and what most issuers write or leave out. Other types have other purposes. */
const usualTypes = new Set(["jwt", "at+jwt"]);

/**
 * Checks the header's `typ` (RFC 8725 §3.11): a logout token or a DPoP proof of the same issuer is not for logging in.
 * @param demanded the one type that is accepted; undefined for the usual ones
 */
export function checkType(typ: string | undefined, demanded: string | undefined): void {
  if (demanded !== undefined) {
    if (typ !== undefined && plain(typ) === plain(demanded)) return;
    throw refused("type_refused", `typ is ${shown(typ)}, not '${demanded}'`);
  }
  if (typ === undefined || usualTypes.has(plain(typ))) return;
  throw refused("type_refused", `typ is ${shown(typ)}, not JWT or at+jwt`);
}

/** RFC 7515 §4.1.9: letter case does not matter, and `application/` may be left out. */
function plain(typ: string): string {
  return typ.toLowerCase().replace(/^application\//, "");
}

export interface TimeOptions {
  /** The oldest token, in seconds since `iat`, which it must have then. AppSync's `iatTTL`, there in milliseconds. */
  readonly maxTokenAgeSeconds?: number;
  /** The longest time since sign-in, in seconds since `auth_time`. AppSync's `authTTL`, there in milliseconds. */
  readonly maxAuthAgeSeconds?: number;
  /**
   * How far the issuer's clock may run ahead of this server's, in seconds: default 5, at most 300. It is for `nbf`,
   * `iat` and `auth_time`; a token ends exactly at its `exp`.
   */
  readonly clockToleranceSeconds?: number;
}

/** @throws TypeError for numbers that are none, or too large to mean seconds */
export function checkTimeOptions(where: string, options: TimeOptions): void {
  const { maxTokenAgeSeconds, maxAuthAgeSeconds, clockToleranceSeconds } = options;
  const longest = 10 * 365 * 86_400;
  checkSeconds(where, "maxTokenAgeSeconds", maxTokenAgeSeconds, 1, longest);
  checkSeconds(where, "maxAuthAgeSeconds", maxAuthAgeSeconds, 1, longest);
  checkSeconds(where, "clockToleranceSeconds", clockToleranceSeconds, 0, 300);
}

/** In seconds since 1970. */
export interface Validity {
  readonly expiresAt: number;
  /** `exp`, or the end of an age before it. */
  readonly until: number;
}

/**
 * Checks `nbf`, `iat`, `auth_time` and `exp` (RFC 7519 §4.1) of a token whose signature held. `exp` comes last: only
 * a token that was good but for its age is told to be expired.
 * @param now milliseconds since 1970
 */
export function checkTimes(claims: Claims, options: TimeOptions, now: number): Validity {
  const seconds = now / 1000;
  const latest = seconds + (options.clockToleranceSeconds ?? 5);
  const exp = requiredTime(claims, "exp", "expiry_missing");
  const nbf = timeOf(claims, "nbf");
  const iat = timeOf(claims, "iat");
  if (nbf !== undefined && nbf > latest) throw refused("token_not_yet_valid", `nbf is ${nbf}`);
  if (iat !== undefined && iat > latest) throw refused("token_issued_in_future", `iat is ${iat}`);
  const signInEnd = endOfSignIn(claims, options.maxAuthAgeSeconds, latest);
  const ageEnd = endOfAge(claims, options.maxTokenAgeSeconds);
  // A refreshed token has the same sign-in: the caller has to sign in again, so this is no expiry.
  if (seconds >= signInEnd) throw refused("sign_in_too_old", `the sign-in counted until ${signInEnd}`);
  if (seconds >= exp) throw expired("token_expired", `exp is ${exp}`);
  if (seconds >= ageEnd) throw expired("token_too_old", `by its iat the token counted until ${ageEnd}`);
  return { expiresAt: exp, until: Math.min(exp, ageEnd, signInEnd) };
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
