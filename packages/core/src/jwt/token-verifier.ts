import { Cache } from "../lib/cache.ts";
import { crypto } from "#crypto";
import { after, isPromise, type Wait, within } from "../lib/promises.ts";
import type { Settings, Fit, MaybePromise, CallContext, RequestView } from "../types.ts";
import { AuthError, refused, shown } from "../refusal/error.ts";
import type { Claims } from "../identity.ts";
import { askable } from "../auth/recheck.ts";
import { deepFreeze, isObject } from "../lib/json.ts";
import type { Keys } from "./key-set.ts";
import { differBySlash, slashHint } from "./key-source.ts";
import { checkTimes, checkType } from "./claims.ts";
import type { IssuerOptions } from "./issuer-options.ts";
import type { Rights, RightsReader } from "./rights.ts";
import type { SigningKey } from "./signing-key.ts";
import { isFlaw, malformed, type ParsedToken, type Reading, type TokenHeader } from "./token.ts";
import { list, must } from "../lib/options.ts";

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

/** Milliseconds. */
const maxRememberedAge = 300_000;

/** Verifies tokens of known issuers, and caches those that are valid. */
export class TokenVerifier<I extends object> {
  readonly #issuers: ReadonlyMap<string, TokenIssuer<I>>;
  readonly #findTenant: FindTenant<I> | undefined;
  /** Rejections are not cached, since callers could fill it with them. */
  readonly #remembered = new Cache<Remembered<I>>(maxCharacters);

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

  remembered(text: string): Remembered<I> | undefined {
    const remembered = this.#remembered.get(text.slice(-keyLength));
    return remembered?.token === text ? remembered : undefined;
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
  verify(text: string, now: number): MaybePromise<Remembered<I>> {
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
          const remembered: Remembered<I> = {
            token: text,
            identity: deepFreeze(askable(identity, issuer.rights)),
            check,
            keys: issuer.keys,
            key,
            since: now,
            until: Math.min(until * 1000, now + maxRememberedAge),
          };
          this.#remembered.set(text.slice(-keyLength), remembered, text.length);
          return remembered;
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

/** A verified token. Times are milliseconds since 1970. */
export interface Remembered<I> {
  readonly token: string;
  readonly identity: I;
  /** Called for every request with the token. */
  readonly check: RequestCheck | undefined;
  readonly keys: Keys;
  /** The token is valid as long as this key is in the set. */
  readonly key: SigningKey;
  readonly since: number;
  readonly until: number;
}

/** The total length of the tokens; their identities take a few times as much memory. */
const maxCharacters = 8 * 1024 * 1024;

// The end of a signature, which is quicker than the whole token. V8 copies such a short text, and cuts longer ones out of the
// whole, which takes three times as long to look up. The whole token is compared after.
/** The length of a cache key. */
const keyLength = 12;

/** The entry, if it is still valid. After the clock was set back to before its verification, it is not. */
export function recall<I>(entry: Remembered<I> | undefined, now: number): Remembered<I> | undefined {
  if (entry === undefined || now < entry.since || now >= entry.until) return undefined;
  return entry.keys.trusts(entry.key, now) ? entry : undefined;
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
type RequestCheck = (request: RequestView) => MaybePromise<void>;

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
function requestCheckOf({ cnf }: Claims, confirmation: Confirmation | undefined): RequestCheck | undefined {
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
