import type { KeySet } from "./key-set.ts";
import type { SigningKey } from "./signing-key.ts";

/** A token that was verified. Times are milliseconds since 1970. */
export interface Remembered<I> {
  readonly identity: I;
  readonly keys: KeySet;
  /** It counts as long as this key stands in the set. */
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
 * Bounded: the oldest go first.
 */
export class RememberedTokens<I> {
  readonly #entries = new Map<string, Entry<I>>();
  readonly #maxCharacters: number;
  #characters = 0;

  constructor(limit: number = maxCharacters) {
    this.#maxCharacters = limit;
  }

  get(token: string): Remembered<I> | undefined {
    const entry = this.#entries.get(token.slice(-keyLength));
    return entry?.token === token ? entry.remembered : undefined;
  }

  add(token: string, remembered: Remembered<I>): void {
    const key = token.slice(-keyLength);
    this.#delete(key);
    this.#entries.set(key, { token, remembered });
    this.#characters += token.length;
    for (const oldest of this.#entries.keys()) {
      if (this.#characters <= this.#maxCharacters) break;
      this.#delete(oldest);
    }
  }

  #delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#characters -= entry.token.length;
  }
}

/** The identity, where it still stands. A clock that was set back to before it was proven proves nothing. */
export function recall<I>(entry: Remembered<I> | undefined, now: number): I | undefined {
  if (entry === undefined || now < entry.since || now >= entry.until) return undefined;
  return entry.keys.trusts(entry.key, now) ? entry.identity : undefined;
}
