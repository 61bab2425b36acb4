import { Budget } from "../lib/bounds.ts";

/** A value that expires, such as a token. */
export interface Perishable<T> {
  readonly value: T;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

interface Held<T> extends Perishable<T> {
  readonly since: number;
  readonly renewAt: number;
}

const minute = 60_000;

/**
 * Fetches a value on first use, with one call at a time, and again a minute before it expires (a tenth of its life before,
 * if that is less). If that fails, the value is used until it expires. After the clock was set back, it is fetched again.
 */
export class Remembered<T> {
  readonly #fetch: () => Promise<Perishable<T>>;
  #held: Held<T> | undefined;
  #pending: Promise<Held<T>> | undefined;
  readonly #drops = new Budget(1);

  constructor(fetch: () => Promise<Perishable<T>>) {
    this.#fetch = fetch;
  }

  async get(): Promise<T> {
    const held = this.#held;
    const now = Date.now();
    if (held !== undefined && held.since <= now && now < held.renewAt) return held.value;
    try {
      return (await (this.#pending ??= this.#renew())).value;
    } catch (error) {
      if (held !== undefined && Date.now() < held.expiresAt) return held.value;
      throw error;
    }
  }

  /**
   * Drops the value after a service rejected it: once a minute, so that a service that rejects everything does not become
   * load for the provider.
   */
  refused(): void {
    if (this.#drops.take(Date.now())) this.#held = undefined;
  }

  async #renew(): Promise<Held<T>> {
    try {
      const asked = Date.now();
      const { value, expiresAt } = await this.#fetch();
      const early = Math.min(minute, (expiresAt - asked) / 10);
      return (this.#held = { value, expiresAt, since: asked, renewAt: expiresAt - early });
    } finally {
      this.#pending = undefined;
    }
  }
}
