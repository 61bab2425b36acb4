import type { JWK } from "jose";
import { type SigningAlgorithm, type SigningKey, signingKey } from "./keys.ts";

/** Options of `rotate`. */
export interface RotateOptions {
  /** Keeps the old keys in the set, as providers do until the tokens that they signed expire. Default false. */
  readonly overlap?: boolean;
}

/** The keys of an issuer: one for each use, all replaced by `rotate`. */
export class KeySet<Use extends string> {
  readonly #issuer: string;
  readonly #uses: Readonly<Record<Use, SigningAlgorithm>>;
  #generation = 0;
  #signing: ReadonlyMap<Use, SigningKey> = new Map();
  #retired: readonly SigningKey[] = [];

  private constructor(issuer: string, uses: Readonly<Record<Use, SigningAlgorithm>>) {
    this.#issuer = issuer;
    this.#uses = uses;
  }

  static async create<Use extends string>(
    issuer: string,
    uses: Readonly<Record<Use, SigningAlgorithm>>,
  ): Promise<KeySet<Use>> {
    const keySet = new KeySet(issuer, uses);
    keySet.#signing = await keySet.#makeKeys();
    return keySet;
  }

  signingKey(use: Use): SigningKey {
    const key = this.#signing.get(use);
    if (key === undefined) throw new TypeError(`${this.#issuer} has no key for '${use}'`);
    return key;
  }

  async rotate(options: RotateOptions = {}): Promise<void> {
    this.#generation++;
    const old = [...this.#signing.values()];
    this.#signing = await this.#makeKeys();
    this.#retired = options.overlap === true ? old : [];
  }

  jwks(): { keys: JWK[] } {
    return { keys: [...this.#signing.values(), ...this.#retired].map((key) => key.publicJwk) };
  }

  async #makeKeys(): Promise<ReadonlyMap<Use, SigningKey>> {
    const uses = Object.entries<SigningAlgorithm>(this.#uses) as [Use, SigningAlgorithm][];
    return new Map(
      await Promise.all(
        uses.map(async ([use, algorithm]) => {
          const key = await signingKey(`${this.#issuer} ${use} ${this.#generation}`, algorithm);
          return [use, key] as const;
        }),
      ),
    );
  }
}
