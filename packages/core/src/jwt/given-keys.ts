import { crypto } from "#crypto";
import type { KeySetDescription } from "../auth/description.ts";
import { isPromise } from "../lib/is-promise.ts";
import { isObject } from "../lib/json.ts";
import { must } from "../lib/options.ts";
import { refused } from "../refusal/error.ts";
import type { MaybePromise } from "../types.ts";
import type { KeyClaim, Keys } from "./key-set.ts";
import { maxTwins, type SigningKey, signingKeyOf, weakKeysOf } from "./signing-key.ts";

/** Public keys of an issuer as data: a JWK set (RFC 7517 §5), or text with one or several keys in PEM. */
export type GivenKeys = string | { readonly keys: readonly object[] };

/** Keys that were given as an option. Nothing is fetched, and they never change. */
export class FixedKeys implements Keys {
  readonly #keys: MaybePromise<readonly SigningKey[]>;
  #count = 0;

  /** @throws TypeError if a key is weak or private, or if none can check signatures */
  constructor(where: string, given: GivenKeys) {
    const jwks = jwksOf(where, given);
    this.#keys = isPromise(jwks) ? jwks.then((all) => this.#checked(where, all)) : this.#checked(where, jwks);
    // Of runtimes that read PEM asynchronously. The requests report it.
    if (isPromise(this.#keys)) this.#keys.then(undefined, () => undefined);
  }

  async ready(): Promise<void> {
    await this.#keys;
  }

  describe(): KeySetDescription {
    return { count: this.#count, skipped: [], fetchedAt: null, usable: true, trouble: null };
  }

  trusts(): boolean {
    return true;
  }

  /** Keys without a name may have signed any token. */
  async find({ header: { kid, alg } }: KeyClaim): Promise<readonly SigningKey[]> {
    const fitting = (await this.#keys).filter(
      (key) => key.fits(alg) && (kid === undefined || key.kid === undefined || key.kid === kid),
    );
    if (fitting.length === 0)
      throw refused("kid_unknown", `none of the given keys is '${kid ?? ""}' for ${alg}`);
    if (fitting.length <= maxTwins) return fitting;
    throw refused(
      "kid_ambiguous",
      `${fitting.length} of the given keys fit ${alg}, and the token's kid picks none`,
    );
  }

  async findReplacement(): Promise<readonly SigningKey[]> {
    return [];
  }

  #checked(where: string, jwks: readonly unknown[]): readonly SigningKey[] {
    const [weak] = weakKeysOf(jwks);
    must(weak === undefined, `${where}: keys has one that others can sign with, ${weak}`);
    const keys = jwks.map(signingKeyOf).filter((key) => key !== undefined);
    must(keys.length > 0, `${where}: keys has no key that can check signatures`);
    this.#count = keys.length;
    return keys;
  }
}

const blocks = /-----BEGIN [^-]+-----[^-]*-----END [^-]+-----/g;

function jwksOf(where: string, given: GivenKeys): MaybePromise<readonly unknown[]> {
  if (isObject(given) && Array.isArray(given["keys"])) return given["keys"];
  // Files of environment variables have line breaks as \n.
  const pems = typeof given === "string" ? given.replaceAll("\\n", "\n").match(blocks) : null;
  must(
    pems !== null,
    `${where}: keys is a JWK set, { keys: […] }, or text with public keys in PEM (-----BEGIN PUBLIC KEY-----)`,
  );
  const jwks = pems.map((pem) => {
    try {
      return crypto.publicJwk(pem);
    } catch (cause) {
      const sentence = `${where}: keys has a block that is not a public key in PEM (BEGIN PUBLIC KEY)`;
      throw new TypeError(sentence, { cause });
    }
  });
  return jwks.some(isPromise) ? Promise.all(jwks.map(async (jwk) => jwk)) : jwks;
}
