import { Cache } from "../lib/cache.ts";
import { crypto } from "#crypto";
import type { Settings } from "../auth/description.ts";
import { AuthError, refused, shown } from "../refusal/error.ts";
import type { Claims } from "../identity.ts";
import { askable } from "../auth/recheck.ts";
import type { Fit } from "../types.ts";
import { type Confirmation, type RequestCheck, requestCheckOf } from "./confirmation.ts";
import { deepFreeze } from "../lib/json.ts";
import type { KeySet } from "./key-set.ts";
import { checkTimes, checkType, type TimeOptions } from "./claims.ts";
import type { SigningKey } from "./signing-key.ts";
import { isFlaw, malformed, type ParsedToken, type Reading, readToken } from "./token.ts";

/** What a mode asks of the tokens of one issuer. */
export interface TokenRules<I> {
  readonly algorithms: readonly string[];
  /** The header's `typ`, where exactly one is accepted. */
  readonly typ?: string | undefined;
  readonly times: TimeOptions;
  readonly confirmation?: Confirmation | undefined;
  /** The mode's own part of `check`, for people. */
  readonly settings?: Settings;
  /**
   * Checks the claims that are the mode's own. The signature held.
   * @throws AuthError
   */
  check(claims: Claims): void;
  /**
   * @param expiresAt seconds since 1970
   * @throws AuthError where the token names nobody
   */
  identify(claims: Claims, expiresAt: number): I;
}

/** Whom a mode trusts to make tokens. Nothing here is shared between issuers. */
export interface TokenIssuer<I> extends TokenRules<I> {
  readonly keys: KeySet;
}

/** Finds issuers that are known only at run time. */
export type FindTenant<I> = (issuer: string) => Promise<TokenIssuer<I> | undefined>;

/** Milliseconds. */
const maxRememberedAge = 300_000;

/** Proves tokens of known issuers, and remembers those that were good. */
export class TokenVerifier<I extends object> {
  readonly #issuers: ReadonlyMap<string, TokenIssuer<I>>;
  readonly #findTenant: FindTenant<I> | undefined;
  /** Rejections are not kept: callers could fill it with them. */
  readonly #remembered = new Cache<Remembered<I>>(maxCharacters);

  constructor(issuers: ReadonlyMap<string, TokenIssuer<I>>, findTenant: FindTenant<I> | undefined) {
    this.#issuers = issuers;
    this.#findTenant = findTenant;
  }

  remembered(text: string): Remembered<I> | undefined {
    const remembered = this.#remembered.get(text.slice(-keyLength));
    return remembered?.token === text ? remembered : undefined;
  }

  /** By what the token says of itself, which is not proven yet. */
  fit(reading: Reading | undefined): Fit {
    if (reading === undefined || isFlaw(reading)) return "foreign";
    if (this.#issuerOf(reading.claims) !== undefined) return "own";
    return this.#findTenant === undefined ? "foreign" : "possible";
  }

  /**
   * Proves all of a token that does not depend on the request. `exp` and the ages come last: only a token that was
   * good before is reported as expired.
   * @param now milliseconds since 1970
   * @throws AuthError
   */
  async verify(text: string, now: number): Promise<Remembered<I>> {
    const reading = readToken(text) ?? malformed("it has not three parts of base64url");
    if (isFlaw(reading)) throw refused(reading.reason, reading.detail);
    const { header, claims } = reading;
    const issuer = this.#issuerOf(claims) ?? (await this.#tenantOf(claims));
    if (!issuer.algorithms.includes(header.alg)) {
      throw refused("algorithm_refused", `${shown(header.alg)} is none of ${issuer.algorithms.join(", ")}`);
    }
    checkType(header.typ, issuer.typ);
    const key = await signerOf(reading, issuer.keys, now);
    issuer.check(claims);
    const check = requestCheckOf(claims, issuer.confirmation);
    const { expiresAt, until } = checkTimes(claims, issuer.times, now);
    const remembered: Remembered<I> = {
      token: text,
      identity: deepFreeze(askable(issuer.identify(claims, expiresAt))),
      check,
      keys: issuer.keys,
      key,
      since: now,
      until: Math.min(until * 1000, now + maxRememberedAge),
    };
    this.#remembered.set(text.slice(-keyLength), remembered, text.length);
    return remembered;
  }

  #issuerOf({ iss }: Claims): TokenIssuer<I> | undefined {
    return typeof iss === "string" ? this.#issuers.get(iss) : undefined;
  }

  async #tenantOf(claims: Claims): Promise<TokenIssuer<I>> {
    const { iss } = claims;
    const tenant = typeof iss === "string" ? await this.#findTenant?.(iss) : undefined;
    if (tenant !== undefined) return tenant;
    const known = [...this.#issuers.keys()];
    const wanted = known.length === 0 ? "which is not known" : `not ${known.join(", ")}`;
    throw refused("issuer_unknown", `iss is ${shown(iss)}, ${wanted}${hintOf(claims, known)}`);
  }
}

/** `aud` of Microsoft Graph: its URL or its application id. */
const graph = /^(?:https:\/\/graph\.microsoft\.com\/?|00000003-0000-0000-c000-000000000000)$/;

/** How to fix a token that clients often send by mistake. */
function hintOf({ iss, aud }: Claims, issuers: readonly string[] = []): string {
  if (graph.test(String(aud))) return ": the token is for Microsoft Graph; request a scope of this API";
  const isNear = issuers.some((issuer) => issuer === `${String(iss)}/` || iss === `${issuer}/`);
  return isNear ? ": they differ by the slash at the end; write issuer as the tokens have it" : "";
}

/**
 * The key of the issuer that signed a token.
 * @throws AuthError
 */
async function signerOf(token: ParsedToken, keys: KeySet, now: number): Promise<SigningKey> {
  const named = await keys.find(token, now);
  const key =
    (await verifying(token, named)) ??
    (await verifying(token, await keys.findReplacement(token, named, now)));
  if (key !== undefined) return key;
  const hint = hintOf(token.claims);
  throw refused("signature_mismatch", `the signature is not of the key ${shown(named[0]?.kid)}${hint}`);
}

/**
 * The first of the keys under which the signature holds.
 * @throws AuthError `unavailable` if there is none, and a key could not be tried
 */
async function verifying(token: ParsedToken, keys: readonly SigningKey[]): Promise<SigningKey | undefined> {
  const { alg } = token.header;
  let unusable: AuthError | undefined;
  for (const key of keys) {
    let imported;
    try {
      imported = await key.imported(alg);
    } catch (cause) {
      unusable = new AuthError("unavailable", "key_unusable", {
        cause,
        detail: `the key ${shown(key.kid)} of the key set cannot be imported for ${alg}`,
        retryAfter: 60,
      });
      continue;
    }
    if (await crypto.verifySignature(imported, token.signingInput, token.signature)) return key;
  }
  if (unusable !== undefined) throw unusable;
  return undefined;
}

/** A token that was verified. Times are milliseconds since 1970. */
export interface Remembered<I> {
  readonly token: string;
  readonly identity: I;
  /** To be asked about every request with the token. */
  readonly check: RequestCheck | undefined;
  readonly keys: KeySet;
  /** It counts as long as this key is in the set. */
  readonly key: SigningKey;
  readonly since: number;
  readonly until: number;
}

/** By the length of the tokens: what was read from them takes a few times as much. */
const maxCharacters = 8 * 1024 * 1024;

/** The end of a signature, which tells tokens apart quicker than all of them would; the whole is compared after it. */
const keyLength = 43;

/** The entry, if it still counts. A clock that was set back to before it was proven proves nothing. */
export function recall<I>(entry: Remembered<I> | undefined, now: number): Remembered<I> | undefined {
  if (entry === undefined || now < entry.since || now >= entry.until) return undefined;
  return entry.keys.trusts(entry.key, now) ? entry : undefined;
}
