import type { KeySetDescription, MaybePromise } from "../types.ts";
import { type AuthError, refused, unavailable } from "../refusal/error.ts";
import { printable } from "../lib/log.ts";
import type { Claims } from "../identity.ts";
import { after, withinSeconds } from "../lib/promises.ts";
import { Budget } from "../lib/bounds.ts";
import { fetchText, type KeySetOptions, type KeySource } from "./key-source.ts";
import { pickKeys, type SigningKey, signingKeyOf, weakKeysOf } from "./signing-key.ts";
import type { ParsedToken } from "./token.ts";

/** Real sets have two to ten. */
const maxKeys = 100;
/** Per issuer and minute: for unknown keys, and as many for keys that verified no signature. */
export const fetchesPerMinute = 5;
/** How long after its first signature a key may be published, and how far an issuer's clock may be behind. */
const publishingTime = 60_000;

/** The unverified parts of a token that name the key that signed it. */
export type KeyClaim = Pick<ParsedToken, "header" | "claims">;

/** The keys of an issuer, as a mode sees them. */
export type Keys = Pick<KeySet, "ready" | "describe" | "trusts" | "find" | "findReplacement">;

/**
 * The fetched keys of an issuer. At most one fetch runs at a time, and keys are used past their age while the issuer is down.
 * Times are milliseconds since 1970.
 *
 * Tokens can cause a fetch of a newer set, within budgets that all callers share: one caller can exhaust them with
 * invented keys. So a token with an unknown key is rejected with 401 only if a fetch began after it arrived, or if it is
 * older than the set; else the answer is 503. The `kid` and `iat` that decide are unverified, but both answers reject.
 */
export class KeySet {
  readonly #source: KeySource;
  readonly #options: KeySetOptions;
  readonly #refreshAge: number;
  readonly #maxAge: number;
  readonly #cooldown: number;
  readonly #forUnknown = new Budget(fetchesPerMinute);
  readonly #forReplaced = new Budget(fetchesPerMinute);
  #keys: readonly SigningKey[] = [];
  #skipped: readonly string[] = [];
  #fetchedAt: number | undefined;
  #failedAt: number | undefined;
  /** Why the last fetch failed; undefined if it did not. */
  #trouble: unknown;
  #fetching: Promise<void> | undefined;
  /** How many fetches have begun. */
  #fetches = 0;

  constructor(source: KeySource, options: KeySetOptions = {}) {
    this.#source = source;
    this.#options = options;
    this.#refreshAge = (options.refreshSeconds ?? 600) * 1000;
    this.#maxAge = (options.maxStaleSeconds ?? 86_400) * 1000;
    this.#cooldown = (options.cooldownSeconds ?? 10) * 1000;
  }

  /**
   * Fetches the keys unless they are cached.
   * @throws AuthError `unavailable`
   */
  async ready(now: number): Promise<void> {
    if (this.#isUsable(now)) return;
    await this.#fetch(now);
    if (!this.#isUsable(now)) throw this.#unavailable(now);
  }

  describe(now: number): KeySetDescription {
    return {
      count: this.#keys.length,
      skipped: this.#skipped,
      fetchedAt: this.#fetchedAt ?? null,
      usable: this.#isUsable(now),
      trouble: this.#trouble === undefined ? null : describe(this.#trouble),
    };
  }

  /** Whether the key is still in the set: then the signatures that it verified are still valid. */
  trusts(key: SigningKey, now: number): boolean {
    this.#refreshInTime(now);
    return this.#isUsable(now) && this.#keys.includes(key);
  }

  /**
   * Finds the keys that may have signed a token, at least one: several if the set has its `kid` several times.
   * @throws AuthError `credentials_refused` (kid_unknown, kid_missing, kid_ambiguous, key_unfit) · `unavailable`
   */
  find(token: KeyClaim, now: number): MaybePromise<readonly SigningKey[]> {
    const keys = this.#isUsable(now) ? pickKeys(this.#keys, token.header) : none;
    if (keys.length === 0) return this.#findInNewSet(token, now);
    this.#refreshInTime(now);
    return keys;
  }

  /**
   * Finds the keys of a newer set that may have signed a token, without those that were tried: the issuer may have
   * replaced a key and kept its `kid`. None if the budget is spent or the fetch fails.
   */
  findReplacement(
    { header }: KeyClaim,
    tried: readonly SigningKey[],
    now: number,
  ): MaybePromise<readonly SigningKey[]> {
    const before = this.#fetches;
    const untried = () => pickKeys(this.#keys, header).filter((key) => !tried.includes(key));
    return after(this.#fetching, () => {
      const found = untried();
      if (found.length > 0) return found;
      return after(this.#fetchSince(before, this.#forReplaced, now), (isNew) => (isNew ? untried() : none));
    });
  }

  async #findInNewSet(token: KeyClaim, now: number): Promise<readonly SigningKey[]> {
    const { kid, alg } = token.header;
    const before = this.#fetches;
    await (this.#isUsable(now) ? this.#fetching : this.#fetch(now));
    if (!this.#isUsable(now)) throw this.#unavailable(now);
    let keys = pickKeys(this.#keys, token.header);
    if (keys.length > 0) return keys;
    const isKnown = kid !== undefined && this.#keys.some((key) => key.kid === kid);
    const budget = isKnown ? this.#forReplaced : this.#forUnknown;
    const isNew = await this.#fetchSince(before, budget, now);
    if (isNew) keys = pickKeys(this.#keys, token.header);
    if (keys.length > 0) return keys;
    if (isKnown) throw refused("key_unfit", `the key '${kid}' is not for ${alg}`);
    // The issuer may have a new key, but the fetch failed.
    if (this.#trouble !== undefined) throw this.#unavailable(now);
    if (!isNew && this.#mayBeNewer(token.claims)) throw this.#spent(kid, now);
    throw refused("kid_unknown", `the key set has no key '${kid ?? ""}' for ${alg}`);
  }

  /** Whether a token may have been signed with a key that is newer than the set. */
  #mayBeNewer({ iat }: Claims): boolean {
    return typeof iat !== "number" || iat * 1000 > (this.#fetchedAt ?? 0) - publishingTime;
  }

  #isUsable(now: number): boolean {
    return this.#fetchedAt !== undefined && distance(now, this.#fetchedAt) < this.#maxAge;
  }

  /** Requests do not wait for it. */
  #refreshInTime(now: number): void {
    if (this.#fetchedAt !== undefined && distance(now, this.#fetchedAt) >= this.#refreshAge) {
      void this.#fetch(now);
    }
  }

  /**
   * Makes sure that a fetch begins after the first `before` of them; all that wait share it.
   * @returns false if budget or cooldown do not allow one, or if it failed
   */
  #fetchSince(before: number, budget: Budget, now: number): MaybePromise<boolean> {
    const isAllowed = this.#fetches === before && !this.#isCoolingDown(now) && budget.take(now);
    return after(isAllowed ? this.#fetch(now) : this.#fetching, () => {
      return this.#fetches > before && this.#trouble === undefined;
    });
  }

  #isCoolingDown(now: number): boolean {
    return this.#failedAt !== undefined && distance(now, this.#failedAt) < this.#cooldown;
  }

  /** Joins a fetch in flight; does nothing within the cooldown. Never rejects. */
  #fetch(now: number): Promise<void> {
    if (this.#fetching !== undefined) return this.#fetching;
    if (this.#isCoolingDown(now)) return Promise.resolve();
    this.#fetches++;
    this.#fetching = this.#fetchOnce(now).finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #fetchOnce(now: number): Promise<void> {
    try {
      const keys = await this.#load();
      // A key that stays is the same object, so that cached tokens stay valid.
      this.#keys = keys.map(
        (key) => this.#keys.find(({ fingerprint }) => fingerprint === key.fingerprint) ?? key,
      );
      this.#fetchedAt = now;
      this.#failedAt = undefined;
      this.#trouble = undefined;
    } catch (error) {
      this.#failedAt = now;
      this.#trouble = error;
    }
  }

  async #load(): Promise<readonly SigningKey[]> {
    const { fetch = globalThis.fetch, timeoutSeconds = 5 } = this.#options;
    const jwks = await withinSeconds(timeoutSeconds, (signal) =>
      this.#source.load((url) => fetchText(url, fetch, signal)),
    );
    if (jwks.length > maxKeys) throw new Error(`the key set has ${jwks.length} keys, more than ${maxKeys}`);
    this.#report(weakKeysOf(jwks));
    const keys = jwks.map(signingKeyOf).filter((key) => key !== undefined);
    if (keys.length === 0) throw new Error("the key set has no key that can check signatures");
    return keys;
  }

  /** Logs the skipped keys once, until they change. */
  #report(skipped: readonly string[]): void {
    const text = skipped.join("; ");
    const isKnown = text === this.#skipped.join("; ");
    this.#skipped = skipped;
    if (isKnown || text === "") return;
    console.error(`authmodes: keys of ${this.#source.place} are skipped: ${printable(text, 1000)}`);
  }

  #unavailable(now: number): AuthError {
    const waited = this.#failedAt === undefined ? 0 : distance(now, this.#failedAt);
    const detail = `the keys of ${this.#source.place} cannot be fetched: ${describe(this.#trouble)}`;
    return unavailable("keys_unavailable", detail, this.#trouble, inSeconds(this.#cooldown - waited));
  }

  #spent(kid: string | undefined, now: number): AuthError {
    const detail =
      `the key set of ${this.#source.place} has no key '${kid ?? ""}', and was fetched ${fetchesPerMinute} times within ` +
      "a minute for unknown keys";
    return unavailable("key_fetches_spent", detail, undefined, inSeconds(this.#forUnknown.wait(now)));
  }
}

const none: readonly SigningKey[] = [];

/** For `Retry-After`. */
export function inSeconds(milliseconds: number): number {
  return Math.max(1, Math.ceil(milliseconds / 1000));
}

/** Absolute, so that keys age and are fetched also after a clock was set back. */
function distance(now: number, then: number): number {
  return Math.abs(now - then);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return "a fetch is needed and was made a moment ago";
  // The error of `fetch` has the reason in its cause.
  const { cause } = error;
  return cause instanceof Error ? `${error.message} (${cause.message})` : error.message;
}
