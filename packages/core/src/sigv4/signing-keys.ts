import { after } from "../lib/is-promise.ts";
import type { MaybePromise } from "../types.ts";
import { deriveSigningKey, type Scope } from "./canonical.ts";

interface Secret {
  readonly secretAccessKey: string;
  readonly secretVersion?: string;
}

interface Entry {
  readonly secretAccessKey: string;
  readonly secretVersion: string | undefined;
  readonly signingKey: Uint8Array;
}

/**
 * Remembers derived keys: deriving one takes longer than the rest of a verification. Only keys that the server knows
 * come here, in scopes that it accepts, so nobody fills it from outside.
 */
export class SigningKeys {
  /** Two halves of which the older is dropped whole: what is in use moves to the newer, and a look-up changes nothing. */
  #newer = new Map<string, Entry>();
  #older = new Map<string, Entry>();
  readonly #limit: number;

  /** @param limit how many are remembered */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#newer.size + this.#older.size;
  }

  /** @param credential access key id, date, region, service: `AKID/20150830/us-east-1/execute-api/aws4_request` */
  get(credential: string, secret: Secret, scope: Scope): MaybePromise<Uint8Array> {
    const entry = this.#newer.get(credential);
    if (entry !== undefined && isOf(entry, secret)) return entry.signingKey;
    return this.#promoteOrDerive(credential, secret, scope);
  }

  #promoteOrDerive(credential: string, secret: Secret, scope: Scope): MaybePromise<Uint8Array> {
    const { secretAccessKey, secretVersion } = secret;
    const old = this.#older.get(credential);
    const known = old !== undefined && isOf(old, secret);
    return after(known ? old.signingKey : deriveSigningKey(secretAccessKey, scope), (signingKey) => {
      this.#older.delete(credential);
      this.#newer.set(credential, { secretAccessKey, secretVersion, signingKey });
      if (this.#newer.size * 2 >= this.#limit) {
        this.#older = this.#newer;
        this.#newer = new Map();
      }
      return signingKey;
    });
  }
}

/** A rotated secret never meets the key of the old one, whether or not whoever rotates counts versions. */
function isOf(entry: Entry, { secretAccessKey, secretVersion }: Secret): boolean {
  return entry.secretAccessKey === secretAccessKey && entry.secretVersion === secretVersion;
}
