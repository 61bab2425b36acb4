import type { CallContext, MaybePromise } from "../types.ts";
import { Cache } from "../lib/cache.ts";
import { type Wait, within } from "../lib/within.ts";
import { type KeyPlace, keysOf } from "./issuer-options.ts";
import { isSafeIssuer, type KeySetOptions } from "./key-source.ts";
import { refused, shown } from "../refusal/error.ts";
import type { FindTenant, TokenIssuer, TokenRules } from "./token-verifier.ts";

const finderWait: Wait = { what: "oidc({ issuers })", reason: "finder_timeout" };

interface Tenant<O, I> {
  readonly options: O;
  readonly issuer: TokenIssuer<I>;
}

/** At most twice as many are kept; the least recently used ones are dropped with their keys. */
const keptTenants = 1000;

/** Finds issuers that are known only at run time: their rules are looked up each time, their keys are cached. */
export function tenantFinder<O extends KeyPlace, I>(
  lookUp: (issuer: string, context: CallContext) => MaybePromise<O | undefined>,
  rulesOf: (issuer: string, options: O) => TokenRules<I>,
  keySetOptions: KeySetOptions | undefined,
): FindTenant<I> {
  const tenants = new Cache<Tenant<O, I>>(2 * keptTenants);
  // A look-up may return a new object each time, which must not cause a new fetch of the keys.
  const build = (issuer: string, options: O, known: Tenant<O, I> | undefined) => {
    const rules = rulesOf(issuer, options);
    const isFetched = options.jwksUri === undefined && options.keys === undefined;
    if (isFetched && !isSafeIssuer(issuer, options.allowInsecureHttp)) {
      throw refused(
        "issuer_unsafe",
        `keys of ${shown(issuer)} cannot be fetched over https; set jwksUri in its options, or add its host to ` +
          "allowInsecureHttp",
      );
    }
    const keys =
      known !== undefined && isSamePlace(known.options, options)
        ? known.issuer.keys
        : keysOf("oidc(): issuers", issuer, options, keySetOptions);
    return { options, issuer: { ...rules, keys } };
  };
  return async (issuer) => {
    const options = await within(finderWait, (context) => lookUp(issuer, context));
    const known = tenants.get(issuer);
    tenants.delete(issuer);
    if (options === undefined || options === null) return undefined;
    const tenant = known?.options === options ? known : build(issuer, options, known);
    tenants.set(issuer, tenant);
    return tenant.issuer;
  };
}

function isSamePlace(a: KeyPlace, b: KeyPlace): boolean {
  const text = ({ keys, jwksUri, allowInsecureHttp }: KeyPlace) =>
    JSON.stringify([keys, jwksUri, allowInsecureHttp]);
  return text(a) === text(b);
}
