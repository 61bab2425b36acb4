import { Cache } from "../lib/cache.ts";
import { crypto } from "#crypto";
import { after, isPromise } from "../lib/promises.ts";
import type { Settings, Fit, MaybePromise } from "../types.ts";
import { AuthError, refused, shown } from "../refusal/error.ts";
import type { Claims } from "../identity.ts";
import { askable } from "../auth/recheck.ts";
import { deepFreeze } from "../lib/json.ts";
import type { Keys } from "./key-set.ts";
import { differBySlash, slashHint } from "./key-source.ts";
import { checkTimes, checkType, type Confirmation, type RequestCheck, requestCheckOf } from "./claims.ts";
import type { IssuerOptions } from "./issuer-options.ts";
import type { Rights, RightsReader } from "./rights.ts";
import type { SigningKey } from "./signing-key.ts";
import { isFlaw, malformed, type ParsedToken, type Reading, type TokenHeader } from "./token.ts";
import { list } from "../lib/options.ts";

/** The rules for the tokens of one issuer. */
export interface TokenRules<I> {
  readonly algorithms: readonly string[];
  /** The one accepted `typ`; undefined for the default ones. */
  readonly typ?: string | undefined;
  readonly options: IssuerOptions;
  readonly confirmation?: Confirmation | undefined;
  /** The mode's own part of `check`, for people. */
  readonly settings?: Settings;
  /**
   * Checks the claims that are specific to the mode, after the signature.
   * @throws AuthError
   */
  check(claims: Claims, header: TokenHeader): void;
  /** Checks the client of a token that a load balancer signed. Default: the mode does not read such tokens. */
  readonly checkClient?: (client: unknown) => void;
  readonly rights: RightsReader;
  /**
   * @param expiresAt seconds since 1970
   * @throws AuthError if the token has no subject
   */
  identify(claims: Claims, expiresAt: number, rights: Rights): I;
}

/** An issuer of a mode. Issuers share nothing. */
export interface TokenIssuer<I> extends TokenRules<I> {
  readonly keys: Keys;
}

/** Finds issuers that are known only at run time. */
export type FindTenant<I> = (issuer: string) => Promise<TokenIssuer<I> | undefined>;

/** Verifies tokens of known issuers, and caches those that are valid. */
export class TokenVerifier<I extends object> {
  readonly #issuers: ReadonlyMap<string, TokenIssuer<I>>;
  readonly #findTenant: FindTenant<I> | undefined;
  /** Rejections are not cached, since callers could fill it with them. */
  readonly #verified = new Cache<VerifiedToken<I>>(maxCharacters, ({ text }) => text.length);

  readonly #read: (text: string) => Reading | undefined;

  constructor(
    issuers: ReadonlyMap<string, TokenIssuer<I>>,
    findTenant: FindTenant<I> | undefined,
    read: (text: string) => Reading | undefined,
  ) {
    this.#issuers = issuers;
    this.#findTenant = findTenant;
    this.#read = read;
  }

  /** Returns the token if it was verified a while ago; it may not be valid any more. */
  verified(text: string): VerifiedToken<I> | undefined {
    const verified = this.#verified.get(text.slice(-keyLength));
    return verified?.text === text ? verified : undefined;
  }

  /** By the unverified claims of the token. @returns undefined for text without the shape of a token */
  fit(text: string): Fit | undefined {
    const reading = this.#read(text);
    if (reading === undefined) return undefined;
    if (isFlaw(reading)) return "foreign";
    if (this.#issuerOf(reading.claims) !== undefined) return "own";
    return this.#findTenant === undefined ? "foreign" : "possible";
  }

  /**
   * Verifies everything about a token that does not depend on the request. `exp` and the ages come last: only a token that
   * is valid otherwise is reported as expired.
   * Synchronous if the keys are at hand and the runtime's cryptography is.
   * @param now milliseconds since 1970
   * @throws AuthError
   */
  verify(text: string, now: number): MaybePromise<VerifiedToken<I>> {
    const reading = this.#read(text) ?? malformed("it does not have three parts of base64url");
    if (isFlaw(reading)) throw refused(reading.reason, reading.detail);
    const { header, claims } = reading;
    return after(this.#issuerOf(claims) ?? this.#tenantOf(claims), (issuer) => {
      if (!issuer.algorithms.includes(header.alg)) {
        throw refused("algorithm_refused", `${shown(header.alg)} is none of ${issuer.algorithms.join(", ")}`);
      }
      checkType(header.typ, issuer.typ);
      return after(signerOf(reading, issuer.keys, now), (key) => {
        issuer.check(claims, header);
        const check = requestCheckOf(claims, issuer.confirmation);
        const { expiresAt, until } = checkTimes(claims, issuer.options, now);
        return after(issuer.rights.read(claims), (rights) => {
          const identity = issuer.identify(claims, expiresAt, rights);
          const frozen = deepFreeze(askable(identity, issuer.rights));
          const verified = new VerifiedToken(text, frozen, check, issuer.keys, key, now, until);
          this.#verified.set(text.slice(-keyLength), verified);
          return verified;
        });
      });
    });
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
  if (list<unknown>(aud).some((one) => typeof one === "string" && graph.test(one)))
    return ": the token is for Microsoft Graph; request a scope of this API";
  const near = typeof iss === "string" ? issuers.find((issuer) => differBySlash(iss, issuer)) : undefined;
  return near === undefined ? "" : `: ${slashHint(iss, near)}`;
}

/**
 * Returns the issuer's key that signed a token.
 * @throws AuthError
 */
function signerOf(token: ParsedToken, keys: Keys, now: number): MaybePromise<SigningKey> {
  return after(keys.find(token, now), (named) =>
    after(verifying(token, named), (key) => key ?? replacementOf(named, token, keys, now)),
  );
}

/** Returns the key that signed a token in place of those that its header names. */
function replacementOf(
  named: readonly SigningKey[],
  token: ParsedToken,
  keys: Keys,
  now: number,
): MaybePromise<SigningKey> {
  return after(keys.findReplacement(token, named, now), (others) =>
    after(verifying(token, others), (key) => {
      if (key !== undefined) return key;
      const detail = `the signature is not of the key ${shown(named[0]?.kid)}${hintOf(token.claims)}`;
      // Not thrown: an exception takes as long as the rest of a rejection.
      return Promise.reject(refused("signature_mismatch", detail));
    }),
  );
}

/**
 * Returns the first key that verifies the signature.
 * @throws AuthError `unavailable` if there is none, and a key could not be tried
 */
function verifying(
  token: ParsedToken,
  keys: readonly SigningKey[],
  from = 0,
  unusable?: AuthError,
): MaybePromise<SigningKey | undefined> {
  const key = keys[from];
  if (key === undefined && unusable !== undefined) throw unusable;
  if (key === undefined) return undefined;
  return after(isSignedBy(token, key), (held) =>
    held === true ? key : verifying(token, keys, from + 1, held || unusable),
  );
}

/** Whether the key verifies the signature; an error if the key cannot be tried. */
function isSignedBy(token: ParsedToken, key: SigningKey): MaybePromise<boolean | AuthError> {
  const { signingInput, signature } = token;
  const { alg } = token.header;
  let imported;
  try {
    imported = key.imported(alg);
  } catch (cause) {
    return unusable(key, alg, cause);
  }
  if (!isPromise(imported)) return crypto.verifySignature(imported, signingInput, signature);
  return imported.then(
    (ready) => crypto.verifySignature(ready, signingInput, signature),
    (cause: unknown) => unusable(key, alg, cause),
  );
}

function unusable({ kid }: SigningKey, alg: string, cause: unknown): AuthError {
  const detail = `the key ${shown(kid)} of the key set cannot be imported for ${alg}`;
  return new AuthError("unavailable", "key_unusable", { cause, detail, retryAfter: 60 });
}

/** How long a verified token is cached, in seconds. */
const longestAge = 300;

/** A token that was verified. A class: V8 would allocate literals among objects that live long, which takes longer. */
export class VerifiedToken<I> {
  readonly text: string;
  readonly identity: I;
  /** Called for every request with the token. */
  readonly check: RequestCheck | undefined;
  readonly #keys: Keys;
  readonly #key: SigningKey;
  // In seconds since 1970: for whole numbers of this size V8 needs no objects on Node.
  readonly #since: number;
  readonly #until: number;

  /**
   * @param key of these keys; the token is valid as long as it is among them
   * @param now milliseconds since 1970
   * @param until seconds since 1970
   */
  constructor(
    text: string,
    identity: I,
    check: RequestCheck | undefined,
    keys: Keys,
    key: SigningKey,
    now: number,
    until: number,
  ) {
    this.text = text;
    this.identity = identity;
    this.check = check;
    this.#keys = keys;
    this.#key = key;
    this.#since = Math.floor(now / 1000);
    this.#until = Math.min(until, this.#since + longestAge);
  }

  /**
   * Whether it is still valid. If the clock was set back to before the second of its verification, it is not.
   * @param now milliseconds since 1970
   */
  isValid(now: number): boolean {
    return now >= this.#since * 1000 && now < this.#until * 1000 && this.#keys.trusts(this.#key, now);
  }
}

/** The total length of the tokens; their identities take a few times as much memory. */
const maxCharacters = 8 * 1024 * 1024;

// The end of a signature, which is quicker than the whole token. V8 copies such a short text, and cuts longer ones out of the
// whole, which takes three times as long to look up. The whole token is compared after.
/** The length of a cache key. */
const keyLength = 12;
