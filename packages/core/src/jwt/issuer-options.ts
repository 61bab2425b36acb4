import { checkInsecureHttp } from "../lib/urls.ts";
import { checkOptions, must, type OptionNames } from "../lib/options.ts";
import { type Keys, KeySet, type KeyClaim } from "./key-set.ts";
import { checkKeySetOptions, checkKeyUrl, keySetOf, keySetAt, type KeySetOptions } from "./key-source.ts";
import type { FindRights } from "./rights.ts";
import { type Source, sourcesOf, type TokenSource } from "./source.ts";
import { checkConfirmation, checkTimeOptions, type Confirmation, type TimeOptions } from "./claims.ts";
import { defaultTokenLength } from "./token.ts";
import { crypto } from "#crypto";
import type { KeySetDescription, MaybePromise } from "../types.ts";
import { after, isPromise } from "../lib/promises.ts";
import { isObject } from "../lib/json.ts";
import { refused } from "../refusal/error.ts";
import { maxTwins, type SigningKey, signingKeyOf, weakKeysOf } from "./signing-key.ts";

/** The options of every issuer. */
export interface IssuerOptions extends TimeOptions {
  /**
   * Checks tokens that only the holder of a key may send: those with `cnf`, such as `jkt` (DPoP, RFC 9449) and `x5t#S256`
   * (certificates, RFC 8705). The function is called for every request with such a token, cached ones too; false rejects
   * the request, an error is a 503. Reject a `cnf` without the member that you check. `"ignore"` accepts these tokens from
   * any sender, also stolen ones. Default: they are rejected.
   */
  readonly confirmation?: Confirmation;
  /**
   * Its public keys as data, so that nothing is fetched: a JWK set, or text with keys in PEM. They never change: if the issuer
   * changes its keys, its tokens are rejected until this option follows. Default: they are fetched.
   */
  readonly keys?: GivenKeys;
  /** The URL of its key set. Default: the one that the issuer names. `iss` is checked all the same. */
  readonly jwksUri?: string;
  /**
   * Hosts from which keys may be fetched over plain http, such as `["keycloak:8080"]`: with the port, unless that is
   * 80. Others on the network can replace such keys and sign tokens with their own. Default: none; this machine
   * (`localhost`, `127.0.0.0/8`, `[::1]`) needs no entry.
   */
  readonly allowInsecureHttp?: readonly string[];
  /**
   * Returns the groups and scopes of a verified token, in place of the claims that are read by default. Called for every token
   * that is not cached (for at most 300 seconds). The answer is 503 if it throws, takes over 5 seconds or returns anything but
   * two lists of texts.
   */
  readonly rights?: FindRights;
}

/** The options of an issuer that decide the source of its keys. */
export type KeyPlace = Pick<IssuerOptions, "keys" | "jwksUri" | "allowInsecureHttp">;

/** Where a mode finds tokens, and how it caches keys. */
export interface TokenModeOptions {
  /** Default `header`. The same for all entries of a list. */
  readonly from?: TokenSource;
  /** Default: see `KeySetOptions`. */
  readonly keySet?: KeySetOptions;
  /** The longest token, in characters, from 1,024 to 262,144. Default 8,192. The same for all entries of a list. */
  readonly maxTokenLength?: number;
}

const names = {
  confirmation: ["cnf", "dpop"],
  keys: ["jwks", "publicKey", "jwtKey", "pem", "secretOrKey"],
  jwksUri: ["jwksUrl", "jwks_uri"],
  allowInsecureHttp: ["allowHttp", "allowInsecureRequests"],
  maxTokenAgeSeconds: ["maxTokenAge", "maxAge"],
  maxAuthAgeSeconds: [],
  clockToleranceSeconds: ["clockTolerance", "clockSkewSeconds", "graceSeconds"],
  rights: ["claims", "mapClaims", "customJwtCheck"],
};

/** The names of `TokenModeOptions`. */
export const tokenModeNames: OptionNames = {
  from: ["cookie", "tokenSource"],
  keySet: ["cache", "fetch"],
  maxTokenLength: ["maxLength"],
};

/** Options of others that have no counterpart of the same meaning. */
const otherOptions: Readonly<Record<string, string>> = {
  iatTTL: "iatTTL is in milliseconds in AppSync; write maxTokenAgeSeconds, in seconds",
  authTTL: "authTTL is in milliseconds in AppSync; write maxAuthAgeSeconds, in seconds",
  secret:
    "with a shared secret, a server that verifies tokens could also make them; let the issuer sign with a key pair",
};

/**
 * Checks names, and the options of every issuer.
 * @param own the names that the mode adds, with their names in other libraries
 * @throws TypeError
 */
export function checkIssuerOptions(where: string, options: IssuerOptions, own: OptionNames): void {
  for (const [name, sentence] of Object.entries(otherOptions)) {
    const isSet = typeof options === "object" && options !== null && Object.hasOwn(options, name);
    must(!isSet, `${where}: ${sentence}`);
  }
  checkOptions(where, options, { ...own, ...names });
  checkTimeOptions(where, options);
  checkConfirmation(where, options.confirmation);
  const { jwksUri, allowInsecureHttp, keys } = options;
  must(
    keys === undefined || (jwksUri === undefined && !("keySet" in options)),
    `${where}: with keys nothing is fetched; remove jwksUri and keySet`,
  );
  if (jwksUri !== undefined) checkKeyUrl(where, "jwksUri", jwksUri);
  // Without a jwksUri, the URLs depend on the issuer.
  const urls = jwksUri === undefined ? {} : { jwksUri: [jwksUri] };
  checkInsecureHttp(where, allowInsecureHttp, urls, jwksUri === undefined && keys === undefined);
}

/** @throws TypeError for keys that are given and unfit */
export function keysOf(where: string, issuer: string, place: KeyPlace, keySet?: KeySetOptions): Keys {
  const { keys, jwksUri, allowInsecureHttp } = place;
  if (keys !== undefined) return new FixedKeys(where, keys);
  const source = jwksUri === undefined ? keySetOf(issuer, allowInsecureHttp) : keySetAt(jwksUri);
  return new KeySet(source, keySet);
}

/** The options that all entries of a list share: a token is read before its issuer is known. */
interface SharedOptions {
  readonly sources: readonly Source[];
  readonly maxTokenLength: number;
}

/** @throws TypeError if the entries of a list differ */
export function sharedOptions(where: string, entries: readonly TokenModeOptions[]): SharedOptions {
  const [first] = entries;
  must(first !== undefined, `${where}: the list is empty`);
  for (const entry of entries) {
    must(
      JSON.stringify([entry.from, entry.maxTokenLength]) ===
        JSON.stringify([first.from, first.maxTokenLength]),
      `${where}: all entries of the list read tokens from the same places; give each the same 'from' and 'maxTokenLength'`,
    );
    if (entry.keySet !== undefined) checkKeySetOptions(where, entry.keySet);
  }
  const { maxTokenLength = defaultTokenLength } = first;
  must(
    Number.isInteger(maxTokenLength) && maxTokenLength >= 1024 && maxTokenLength <= 262_144,
    `${where}: maxTokenLength is a number of characters from 1024 to 262144, not ${String(maxTokenLength)}`,
  );
  return { sources: sourcesOf(where, first.from), maxTokenLength };
}

/** Public keys of an issuer as data: a JWK set (RFC 7517 §5), or text with one or several keys in PEM. */
export type GivenKeys = string | { readonly keys: readonly object[] };

/** Keys that were given as an option. Nothing is fetched, and they never change. */
class FixedKeys implements Keys {
  readonly #keys: MaybePromise<readonly SigningKey[]>;
  #count = 0;

  /** @throws TypeError if a key is weak or private, or if none can check signatures */
  constructor(where: string, given: GivenKeys) {
    const jwks = jwksOf(where, given);
    this.#keys = after(jwks, (all) => this.#checked(where, all));
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
