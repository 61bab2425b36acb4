import {
  type ApiKeyOptions,
  type Clock,
  type NewApiKey,
  newApiKey,
  type StoredApiKey,
} from "@authmodes/core";

/** Options of `apiKeys.add`. */
export interface AddApiKeyOptions {
  readonly id?: string;
  readonly scopes?: readonly string[];
  /** Seconds from the kit's now, negative for an expired key. Default null: no expiry. */
  readonly expiresInSeconds?: number | null;
}

/** API keys and the store that knows them by their hash. */
export class TestApiKeys {
  readonly valid: NewApiKey;
  readonly expired: NewApiKey;
  /** For `apiKey()`. */
  readonly options: ApiKeyOptions = { keys: (hash) => this.find(hash) };
  readonly #clock: Clock;
  readonly #stored: Map<string, StoredApiKey>;

  private constructor(clock: Clock, valid: NewApiKey, expired: NewApiKey) {
    this.#clock = clock;
    this.valid = valid;
    this.expired = expired;
    this.#stored = new Map([valid, expired].map(({ stored }) => [stored.hash, stored]));
  }

  static async create(clock: Clock): Promise<TestApiKeys> {
    const valid = await makeKey(clock, { id: "valid" });
    const expired = await makeKey(clock, { id: "expired", expiresInSeconds: -3600 });
    return new TestApiKeys(clock, valid, expired);
  }

  /** Makes a key that the store knows from now on. */
  async add(options: AddApiKeyOptions = {}): Promise<NewApiKey> {
    const made = await makeKey(this.#clock, options);
    this.#stored.set(made.stored.hash, made.stored);
    return made;
  }

  find(hash: string): StoredApiKey | undefined {
    return this.#stored.get(hash);
  }
}

async function makeKey(clock: Clock, options: AddApiKeyOptions): Promise<NewApiKey> {
  const { expiresInSeconds = null, ...rest } = options;
  const { key, stored } = await newApiKey({ expiresInSeconds: null, ...rest });
  const expiresAt = expiresInSeconds === null ? null : Math.floor(clock() / 1000) + expiresInSeconds;
  return { key, stored: { ...stored, expiresAt } };
}
