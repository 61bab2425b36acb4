import { settingsOf, builtIn } from "../auth/mode.ts";
import { after, type Wait, within } from "../lib/promises.ts";
import { must } from "../lib/options.ts";
import type {
  AuthMode,
  Detection,
  Fit,
  IdentityBase,
  MaybePromise,
  RequestView,
  CallContext,
} from "../types.ts";
import type { Claims } from "../identity.ts";
import { refused, shown } from "../refusal/error.ts";
import {
  type FindTenant,
  type TokenIssuer,
  type TokenRules,
  TokenVerifier,
  type VerifiedToken,
} from "./token-verifier.ts";
import type { Found, Source } from "./source.ts";
import { readToken, type TokenHeader } from "./token.ts";
import { sharedOptions, type TokenModeOptions, type KeyPlace, keysOf } from "./issuer-options.ts";
import type { Keys } from "./key-set.ts";
import { loadBalancerAlgorithm, LoadBalancerKeys } from "./load-balancer.ts";
import { Cache } from "../lib/cache.ts";
import { isSafeIssuer, type KeySetOptions } from "./key-source.ts";

interface TokenModeParts<I extends IdentityBase> {
  readonly name: I["mode"];
  /** The options of the mode, one entry for each element of a list. */
  readonly entries: readonly TokenModeOptions[];
  /** By name, for each entry: several if its tokens may have any of these issuers, which need not all exist. */
  readonly issuers: readonly (readonly NamedIssuer<I>[])[];
  readonly findTenant?: FindTenant<I>;
}

export type NamedIssuer<I> = readonly [name: string, issuer: TokenIssuer<I>];

/** A mode of signed tokens: the common part of `userPool` and `oidc`. */
export function tokenMode<I extends IdentityBase>(parts: TokenModeParts<I>): AuthMode<I> {
  const { name } = parts;
  const { sources, maxTokenLength } = sharedOptions(`${name}()`, parts.entries);
  const issuers = issuersByName(`${name}()`, parts.issuers.flat());
  const direct = new TokenVerifier(issuers, parts.findTenant, (text) => readToken(text, maxTokenLength));
  const balancedKeys = new LoadBalancerKeys(parts.entries[0]?.keySet);
  const places = sources.map((source): Place<I> => {
    const { readBalanced } = source;
    if (readBalanced === undefined) return { source, verifier: direct };
    const balanced = new Map(
      [...issuers].map(([issuer, rules]) => [issuer, balancedRules(name, rules, balancedKeys)]),
    );
    must(
      balanced.size > 0,
      `${name}(): the issuer of a load balancer is known; write issuer in place of issuers`,
    );
    return {
      source,
      verifier: new TokenVerifier(balanced, undefined, (text) => readBalanced(text, maxTokenLength)),
    };
  });
  const isFetching = places.some(({ verifier }) => verifier === direct);
  const headers = sources.flatMap(({ requestHeader }) => requestHeader ?? []);
  return builtIn({
    name,
    scheme: "Bearer",
    requestHeaders: [...new Set(headers), ...(headers.includes("authorization") ? ["x-amz-user-agent"] : [])],
    places: sources.filter(({ exclusive }) => exclusive).map(({ place }) => place),
    issuers: [...issuers.keys()],
    detect: (request) => detectToken(request, places),
    async ready(now) {
      if (isFetching) await Promise.all(parts.issuers.map((alternatives) => anyReady(alternatives, now)));
    },
    describe: (now) => ({
      settings: { from: [...new Set(sources.map(({ place }) => place))].join(", ") },
      issuers: [...issuers].map(([issuer, { keys, settings, options, algorithms, confirmation }]) => {
        const { maxTokenAgeSeconds, maxAuthAgeSeconds, rights, allowInsecureHttp } = options;
        return {
          issuer,
          settings: {
            ...settings,
            ...settingsOf({
              rights: rights && "by a function",
              allowInsecureHttp,
              maxTokenAgeSeconds,
              maxAuthAgeSeconds,
              algorithms,
              confirmation: typeof confirmation === "function" ? "checked" : confirmation,
            }),
          },
          keys: (isFetching ? keys : balancedKeys).describe(now),
        };
      }),
    }),
  });
}

/** A place of tokens, with what verifies them. */
interface Place<I extends IdentityBase> {
  readonly source: Source;
  readonly verifier: TokenVerifier<I>;
}

/** The rules of an issuer for tokens that a load balancer signed for its users. */
function balancedRules<I>(name: string, rules: TokenIssuer<I>, keys: Keys): TokenIssuer<I> {
  const { checkClient } = rules;
  must(
    checkClient !== undefined,
    `${name}(): tokens of a load balancer are read by oidc({ issuer, clientId, from: { loadBalancer } }), with the issuer ` +
      "and the client that the load balancer signs users in with",
  );
  const check = (_claims: Claims, { balanced }: TokenHeader) => checkClient(balanced?.client);
  return {
    ...rules,
    keys,
    check,
    algorithms: [loadBalancerAlgorithm],
    typ: undefined,
    confirmation: undefined,
  };
}

/** Uses the first place that holds a token. A cached token is not decoded again. */
function detectToken<I extends IdentityBase>(
  request: RequestView,
  places: readonly Place<I>[],
): Detection<I> | undefined {
  for (const place of places) {
    const { source, verifier } = place;
    const found = source.read(request);
    if (found === undefined) continue;
    const verified = verifier.verified(found.text);
    if (verified !== undefined) return new FoundToken(request, place, found, "own", verified);
    const fit = verifier.fit(found.text);
    if (fit !== undefined || source.exclusive)
      return new FoundToken(request, place, found, fit ?? "foreign", undefined);
  }
  return undefined;
}

/** A token on a request. */
class FoundToken<I extends IdentityBase> implements Detection<I> {
  readonly fit: Fit;
  readonly #request: RequestView;
  readonly #place: Place<I>;
  readonly #found: Found;
  readonly #verified: VerifiedToken<I> | undefined;

  constructor(
    request: RequestView,
    place: Place<I>,
    found: Found,
    fit: Fit,
    verified: VerifiedToken<I> | undefined,
  ) {
    this.#request = request;
    this.#place = place;
    this.#found = found;
    this.fit = fit;
    this.#verified = verified;
  }

  get place(): string {
    return this.#place.source.place;
  }

  /** A DPoP token is not forwarded, since its proof is only for this server. */
  get forward(): Detection<I>["forward"] {
    const { source } = this.#place;
    const value = source.bound ? undefined : source.forwardable(this.#request, this.#found.text);
    return value === undefined ? undefined : { name: "authorization", value };
  }

  verify(now: number): MaybePromise<I> {
    const { source, verifier } = this.#place;
    source.guard(this.#request, this.#found);
    if (this.#verified?.isValid(now) === true) return this.#accept(this.#verified);
    return after(verifier.verify(this.#found.text, now), (verified) => this.#accept(verified));
  }

  /** Checks what depends on the request, for new and cached tokens. */
  #accept({ identity, check }: VerifiedToken<I>): MaybePromise<I> {
    if (check !== undefined) return after(check(this.#request), () => identity);
    if (!this.#place.source.bound) return identity;
    throw refused("cnf_missing", "the token was sent as DPoP, but no key is in its cnf");
  }
}

/** By name. Each name must occur once: otherwise the order of a list would decide how a token is checked. */
function issuersByName<I>(
  where: string,
  entries: readonly NamedIssuer<I>[],
): ReadonlyMap<string, TokenIssuer<I>> {
  const issuers = new Map(entries);
  const [twice] = entries.find(([name, issuer]) => issuers.get(name) !== issuer) ?? [];
  must(twice === undefined, `${where}: the issuer ${twice} is there twice; write its options once, as lists`);
  return issuers;
}

/** Fetches the keys of several issuers in advance. Rejects if all fail. */
async function anyReady<I>(alternatives: readonly NamedIssuer<I>[], now: number): Promise<void> {
  const results = await Promise.allSettled(alternatives.map(([, { keys }]) => keys.ready(now)));
  const failed = results.filter((result) => result.status === "rejected");
  if (failed.length === results.length) throw failed[0]?.reason;
}

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
      known !== undefined && placeText(known.options) === placeText(options)
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

function placeText({ keys, jwksUri, allowInsecureHttp }: KeyPlace): string {
  return JSON.stringify([keys, jwksUri, allowInsecureHttp]);
}
