import type { RequestCheck } from "./confirmation.ts";
import type { KeySet } from "./key-set.ts";
import type { SigningKey } from "./signing-key.ts";

/** A token that was verified. Times are milliseconds since 1970. */
export interface Remembered<I> {
  readonly identity: I;
  /** To be asked about every request with the token. */
  readonly check: RequestCheck | undefined;
  readonly keys: KeySet;
  /** It counts as long as this key is in the set. */
  readonly key: SigningKey;
  readonly since: number;
  readonly until: number;
}

interface Entry<I> {
  readonly token: string;
  readonly remembered: Remembered<I>;
}

/** By the length of the tokens: what was read from them takes a few times as much. */
const maxCharacters = 8 * 1024 * 1024;

/** The end of a signature, which tells tokens apart quicker than all of them would; the whole is compared after it. */
const keyLength = 43;

/**
 * What verified tokens proved, under the whole token. Refusals are not kept: they would let anybody fill it.
 * Bounded, in two generations: when the younger is full, the older goes all at once. Taking out single entries would
 * leave holes that looking for the next oldest has to step over.
 */
export class RememberedTokens<I> {
  readonly #maxCharacters: number;
  #younger = new Map<string, Entry<I>>();
  #older: ReadonlyMap<string, Entry<I>> = new Map();
  /** Of the younger. */
  #characters = 0;

  constructor(limit: number = maxCharacters) {
    this.#maxCharacters = limit / 2;
  }

  get(token: string): Remembered<I> | undefined {
    const key = token.slice(-keyLength);
    const entry = this.#younger.get(key) ?? this.#older.get(key);
    return entry?.token === token ? entry.remembered : undefined;
  }

  add(token: string, remembered: Remembered<I>): void {
    const key = token.slice(-keyLength);
    const replaced = this.#younger.get(key)?.token.length ?? 0;
    if (this.#characters - replaced + token.length > this.#maxCharacters) this.#startGeneration();
    else this.#characters -= replaced;
    this.#younger.set(key, { token, remembered });
    this.#characters += token.length;
  }

  #startGeneration(): void {
    this.#older = this.#younger;
    this.#younger = new Map();
    this.#characters = 0;
  }
}

/** The entry, if it still counts. A clock that was set back to before it was proven proves nothing. */
export function recall<I>(entry: Remembered<I> | undefined, now: number): Remembered<I> | undefined {
  if (entry === undefined || now < entry.since || now >= entry.until) return undefined;
  return entry.keys.trusts(entry.key, now) ? entry : undefined;
}
