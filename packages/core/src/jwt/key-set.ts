import type { KeySetDescription } from "../description.ts";
import { AuthError } from "../error.ts";
import { checkOptionNames, checkSeconds, must } from "../options.ts";
import type { MaybePromise } from "../types.ts";
import { withoutQuery } from "./fetch-json.ts";
import { fetchKeys, type Fetch, type KeySource } from "./key-source.ts";
import { refused } from "./refused.ts";
import { type SigningKey, signingKeyOf } from "./signing-key.ts";
import type { TokenHeader } from "./token.ts";

/** How an issuer's keys are fetched and kept. */
export interface KeySetOptions {
  /** The age at which keys are fetched anew, while requests go on with those at hand: default 600 seconds. */
  readonly refreshSeconds?: number;
  /** The age at which keys count no more although the issuer cannot be reached: default 86400 seconds. */
  readonly maxStaleSeconds?: number;
  /** For discovery and key set together: default 5 seconds. */
  readonly timeoutSeconds?: number;
  /** Between two fetches that failed or that an unknown key asked for: default 10 seconds. */
  readonly cooldownSeconds?: number;
  /** How to fetch discovery documents and key sets, for proxies and tests. */
  readonly fetch?: Fetch;
}

/** Real sets have two to ten. */
const maxKeys = 100;

/** @throws TypeError */
export function checkKeySetOptions(where: string, options: KeySetOptions): void {
  const names = ["refreshSeconds", "maxStaleSeconds", "timeoutSeconds", "cooldownSeconds", "fetch"];
  checkOptionNames(`${where}: keySet`, options, names, {
    cacheMaxAge: "refreshSeconds",
    timeout: "timeoutSeconds",
    timeoutDuration: "timeoutSeconds",
    cooldownDuration: "cooldownSeconds",
  });
  const {
    refreshSeconds = 600,
    maxStaleSeconds = 86_400,
    timeoutSeconds = 5,
    cooldownSeconds = 10,
  } = options;
  checkSeconds(where, "keySet.refreshSeconds", refreshSeconds, 1, 86_400);
  checkSeconds(where, "keySet.maxStaleSeconds", maxStaleSeconds, refreshSeconds, 30 * 86_400);
  checkSeconds(where, "keySet.timeoutSeconds", timeoutSeconds, 0.1, 60);
  checkSeconds(where, "keySet.cooldownSeconds", cooldownSeconds, 1, 3600);
  const { fetch } = options;
  must(fetch === undefined || typeof fetch === "function", `${where}: keySet.fetch is a function like fetch`);
}

/**
 * The keys of an issuer: fetched one fetch at a time, kept past their age while the issuer is down. Times are
 * milliseconds since 1970.
 */
export class KeySet {
  readonly #source: KeySource;
  readonly #options: KeySetOptions;
  readonly #refreshAge: number;
  readonly #maxAge: number;
  readonly #cooldown: number;
  #keys: readonly SigningKey[] = [];
  #fetchedAt: number | undefined;
  /** Of the last fetch that another one has to keep its distance from. */
  #attemptedAt: number | undefined;
  /** Why the last fetch failed; undefined where it did not. */
  #trouble: unknown;
  #fetching: Promise<void> | undefined;

  constructor(source: KeySource, options: KeySetOptions = {}) {
    this.#source = source;
    this.#options = options;
    this.#refreshAge = (options.refreshSeconds ?? 600) * 1000;
    this.#maxAge = (options.maxStaleSeconds ?? 86_400) * 1000;
    this.#cooldown = (options.cooldownSeconds ?? 10) * 1000;
  }

  /**
   * Fetches the keys unless they are at hand.
   * @throws AuthError `unavailable`
   */
  async ready(now: number): Promise<void> {
    if (this.#isUsable(now)) return;
    await this.#fetch(now, "ahead");
    if (!this.#isUsable(now)) throw this.#unavailable(now);
  }

  describe(now: number): KeySetDescription {
    return {
      count: this.#keys.length,
      fetchedAt: this.#fetchedAt ?? null,
      usable: this.#isUsable(now),
      trouble: this.#trouble === undefined ? null : describe(this.#trouble),
    };
  }

  /** Whether a signature that this key confirmed still counts. */
  trusts(key: SigningKey, now: number): boolean {
    this.#refreshInTime(now);
    return this.#isUsable(now) && this.#keys.includes(key);
  }

  /**
   * The key that a token names.
   * @throws AuthError `credentials_refused` (kid_unknown, kid_missing, kid_ambiguous, key_unfit) · `unavailable`
   */
  find(header: TokenHeader, now: number): MaybePromise<SigningKey> {
    const key = this.#isUsable(now) ? pick(this.#keys, header) : undefined;
    if (key === undefined) return this.#findInNewSet(header, now);
    this.#refreshInTime(now);
    return key;
  }

  async #findInNewSet(header: TokenHeader, now: number): Promise<SigningKey> {
    await this.#fetch(now, "asked");
    if (!this.#isUsable(now)) throw this.#unavailable(now);
    const key = pick(this.#keys, header);
    if (key !== undefined) return key;
    // The issuer may well have a new key, only it could not be asked.
    if (this.#trouble !== undefined) throw this.#unavailable(now);
    throw refused("kid_unknown", `the key set has no key '${header.kid ?? ""}' for ${header.alg}`);
  }

  #isUsable(now: number): boolean {
    return this.#fetchedAt !== undefined && distance(now, this.#fetchedAt) < this.#maxAge;
  }

  /** Requests do not wait for it. */
  #refreshInTime(now: number): void {
    if (this.#fetchedAt !== undefined && distance(now, this.#fetchedAt) >= this.#refreshAge) {
      void this.#fetch(now, "ahead");
    }
  }

  /** Joins a fetch in flight; does nothing within the cooldown. Never rejects. */
  #fetch(now: number, reason: "ahead" | "asked"): Promise<void> {
    if (this.#fetching !== undefined) return this.#fetching;
    if (this.#attemptedAt !== undefined && distance(now, this.#attemptedAt) < this.#cooldown) {
      return Promise.resolve();
    }
    this.#attemptedAt = now;
    this.#fetching = this.#fetchOnce(now, reason).finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #fetchOnce(now: number, reason: "ahead" | "asked"): Promise<void> {
    try {
      const keys = await this.#load();
      // A key that stays is the same object: what it has verified stays remembered.
      this.#keys = keys.map(
        (key) => this.#keys.find(({ fingerprint }) => fingerprint === key.fingerprint) ?? key,
      );
      this.#fetchedAt = now;
      this.#trouble = undefined;
      // Nobody asked for it: the next unknown key, perhaps a new one, is worth a fetch at once.
      if (reason === "ahead") this.#attemptedAt = undefined;
    } catch (error) {
      this.#trouble = error;
    }
  }

  async #load(): Promise<readonly SigningKey[]> {
    const { fetch = globalThis.fetch, timeoutSeconds = 5 } = this.#options;
    const signal = AbortSignal.timeout(timeoutSeconds * 1000);
    // The race is for a fetch of the user's that does not listen to the signal.
    const jwks = await Promise.race([
      fetchKeys(this.#source, fetch, signal),
      aborted(signal, timeoutSeconds),
    ]);
    if (jwks.length > maxKeys) throw new Error(`the key set has ${jwks.length} keys, more than ${maxKeys}`);
    const keys = jwks.map(signingKeyOf).filter((key) => key !== undefined);
    if (keys.length === 0) throw new Error("the key set has no key that can check signatures");
    return keys;
  }

  #unavailable(now: number): AuthError {
    const waited = this.#attemptedAt === undefined ? 0 : distance(now, this.#attemptedAt);
    const from = withoutQuery("jwksUri" in this.#source ? this.#source.jwksUri : this.#source.issuer);
    return new AuthError("unavailable", "keys_unavailable", {
      cause: this.#trouble,
      detail: `the keys of ${from} cannot be had: ${describe(this.#trouble)}`,
      retryAfter: Math.max(1, Math.ceil((this.#cooldown - waited) / 1000)),
    });
  }
}

/** A clock that was set back must not stop keys from ageing, nor fetches from being made. */
function distance(now: number, then: number): number {
  return Math.abs(now - then);
}

/**
 * The one key that a header can mean; undefined where a newer set may have it.
 * @throws AuthError where no newer set would help
 */
function pick(keys: readonly SigningKey[], { kid, alg }: TokenHeader): SigningKey | undefined {
  const named = kid === undefined ? keys : keys.filter((key) => key.kid === kid);
  const fitting = named.filter((key) => key.fits(alg));
  if (fitting.length === 1) return fitting[0];
  if (fitting.length > 1) {
    throw kid === undefined
      ? refused("kid_missing", `the token names no key, and the set has ${fitting.length} for ${alg}`)
      : refused("kid_ambiguous", `the key set has ${fitting.length} keys '${kid}' for ${alg}`);
  }
  if (kid !== undefined && named.length > 0) {
    throw refused("key_unfit", `the key '${kid}' is not for ${alg}`);
  }
  return undefined;
}

function aborted(signal: AbortSignal, seconds: number): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Error(`no answer within ${seconds} s`)), {
      once: true,
    });
  });
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return "a fetch is needed and was made a moment ago";
  // What fetch throws says why only in its cause.
  const { cause } = error;
  return cause instanceof Error ? `${error.message} (${cause.message})` : error.message;
}
