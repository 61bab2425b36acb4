import type { CallContext, MaybePromise } from "../types.ts";
import { Cache } from "../lib/cache.ts";
import { type Wait, within } from "../lib/within.ts";
import { KeySet } from "./key-set.ts";
import { isSafeIssuer, type KeyPlace, type KeySetOptions, keySourceOf } from "./key-source.ts";
import { refused, shown } from "./claims.ts";
import type { TokenIssuer, TokenRules } from "./token-verifier.ts";

type LookUp<O> = (issuer: string, context: CallContext) => MaybePromise<O | undefined>;

const finderWait: Wait = { what: "oidc({ issuers })", reason: "finder_timeout" };

interface Tenant<O, I> {
  readonly options: O;
  readonly issuer: TokenIssuer<I>;
}

/** Of twice as many, those that were not seen for longest go, and with them their keys. */
const keptTenants = 1000;

/** Issuers that are known only at run time: their rules are looked up each time, their keys are kept. */
export class Tenants<O extends KeyPlace, I> {
  readonly #lookUp: LookUp<O>;
  readonly #rulesOf: (issuer: string, options: O) => TokenRules<I>;
  readonly #keySetOptions: KeySetOptions | undefined;
  readonly #tenants = new Cache<Tenant<O, I>>(2 * keptTenants);

  constructor(
    lookUp: LookUp<O>,
    rulesOf: (issuer: string, options: O) => TokenRules<I>,
    keySetOptions: KeySetOptions | undefined,
  ) {
    this.#lookUp = lookUp;
    this.#rulesOf = rulesOf;
    this.#keySetOptions = keySetOptions;
  }

  async find(issuer: string): Promise<TokenIssuer<I> | undefined> {
    const options = await within(finderWait, (context) => this.#lookUp(issuer, context));
    const known = this.#tenants.get(issuer);
    if (options === undefined || options === null) {
      this.#tenants.delete(issuer);
      return undefined;
    }
    const tenant = known?.options === options ? known : this.#build(issuer, options, known);
    this.#tenants.set(issuer, tenant);
    return tenant.issuer;
  }

  /** A look-up that makes its answer anew each time must not make the keys be fetched anew. */
  #build(issuer: string, options: O, known: Tenant<O, I> | undefined): Tenant<O, I> {
    const rules = this.#rulesOf(issuer, options);
    const { jwksUri, allowInsecureHttp } = options;
    if (jwksUri === undefined && !isSafeIssuer(issuer, allowInsecureHttp)) {
      throw refused(
        "issuer_unsafe",
        `keys of ${shown(issuer)} cannot be fetched over https; give its options a jwksUri, or name its host in ` +
          "allowInsecureHttp",
      );
    }
    const keys =
      known !== undefined && isSamePlace(known.options, options)
        ? known.issuer.keys
        : new KeySet(keySourceOf(issuer, options), this.#keySetOptions);
    return { options, issuer: { ...rules, keys } };
  }
}

function isSamePlace(a: KeyPlace, b: KeyPlace): boolean {
  return (
    JSON.stringify([a.jwksUri, a.allowInsecureHttp]) === JSON.stringify([b.jwksUri, b.allowInsecureHttp])
  );
}
