import { settingsOf } from "../auth/description.ts";
import { isPromise } from "../lib/is-promise.ts";
import { builtIn } from "../auth/own-modes.ts";
import type { AuthMode, Detection, Fit, IdentityBase, MaybePromise, RequestView } from "../types.ts";
import { refused } from "./claims.ts";
import {
  type FindTenant,
  recall,
  type Remembered,
  type TokenIssuer,
  TokenVerifier,
} from "./token-verifier.ts";
import type { Found, Source } from "./source.ts";
import { readToken } from "./token.ts";
import type { KeySet } from "./key-set.ts";

export interface TokenModeParts<I extends IdentityBase> {
  readonly name: I["mode"];
  readonly sources: readonly Source[];
  readonly issuers: ReadonlyMap<string, TokenIssuer<I>>;
  readonly findTenant?: FindTenant<I>;
  readonly ready: (now: number) => Promise<void>;
}

/** A mode of signed tokens: all that user pools and OIDC issuers have in common. */
export function tokenMode<I extends IdentityBase>(parts: TokenModeParts<I>): AuthMode<I> {
  const { name, sources, issuers, ready } = parts;
  const verifier = new TokenVerifier(issuers, parts.findTenant);
  const readsHeader = sources.some(({ place }) => place === "authorization");
  return builtIn({
    name,
    scheme: "Bearer",
    requestHeaders: readsHeader ? ["authorization", "x-amz-user-agent"] : [],
    issuers: [...issuers.keys()],
    detect: (request) => detectToken(request, sources, verifier),
    ready,
    describe: (now) => ({
      settings: { from: [...new Set(sources.map(({ place }) => place))].join(", ") },
      issuers: [...issuers].map(([issuer, { keys, settings, times, algorithms, confirmation }]) => {
        const { maxTokenAgeSeconds, maxAuthAgeSeconds } = times;
        return {
          issuer,
          settings: {
            ...settings,
            ...settingsOf({
              maxTokenAgeSeconds,
              maxAuthAgeSeconds,
              algorithms,
              confirmation: typeof confirmation === "function" ? "checked" : confirmation,
            }),
          },
          keys: keys.describe(now),
        };
      }),
    }),
  });
}

/** The first of the sources that holds a token has it. A token that is remembered is not even decoded. */
function detectToken<I extends IdentityBase>(
  request: RequestView,
  sources: readonly Source[],
  verifier: TokenVerifier<I>,
): Detection<I> | undefined {
  for (const source of sources) {
    const found = source.read(request);
    if (found === undefined) continue;
    const remembered = verifier.remembered(found.text);
    if (remembered !== undefined) return new FoundToken(request, source, found, verifier, "own", remembered);
    const reading = readToken(found.text);
    if (reading === undefined && !source.exclusive) continue;
    return new FoundToken(request, source, found, verifier, verifier.fit(reading), undefined);
  }
  return undefined;
}

/** A token on a request. */
class FoundToken<I extends IdentityBase> implements Detection<I> {
  readonly fit: Fit;
  readonly #request: RequestView;
  readonly #source: Source;
  readonly #found: Found;
  readonly #verifier: TokenVerifier<I>;
  readonly #remembered: Remembered<I> | undefined;

  constructor(
    request: RequestView,
    source: Source,
    found: Found,
    verifier: TokenVerifier<I>,
    fit: Fit,
    remembered: Remembered<I> | undefined,
  ) {
    this.#request = request;
    this.#source = source;
    this.#found = found;
    this.#verifier = verifier;
    this.fit = fit;
    this.#remembered = remembered;
  }

  get place(): string {
    return this.#source.place;
  }

  /** The proof that goes along with a DPoP token is for this server alone. */
  get forward(): { readonly name: string; readonly value: string } | undefined {
    if (this.#source.bound) return undefined;
    return { name: "authorization", value: this.#source.forwardable(this.#request, this.#found.text) };
  }

  verify(now: number): MaybePromise<I> {
    this.#source.guard(this.#request, this.#found);
    const remembered = recall(this.#remembered, now);
    if (remembered !== undefined) return this.#accept(remembered);
    return this.#verifier.verify(this.#found.text, now).then((verified) => this.#accept(verified));
  }

  /** What depends on the request is checked here alone, however the token was proven. */
  #accept({ identity, check }: Remembered<I>): MaybePromise<I> {
    if (check === undefined) {
      if (this.#source.bound)
        throw refused("cnf_missing", "the token was sent as DPoP, but no key is in its cnf");
      return identity;
    }
    const checked = check(this.#request);
    return isPromise(checked) ? checked.then(() => identity) : identity;
  }
}

/** By name; the same one twice would let the order of a list decide what a token has to be. */
export function issuersByName<T>(
  where: string,
  entries: readonly (readonly [issuer: string, value: T])[],
): ReadonlyMap<string, T> {
  const issuers = new Map<string, T>();
  for (const [issuer, value] of entries) {
    if (issuers.has(issuer)) {
      throw new TypeError(`${where}: the issuer ${issuer} stands twice; give its options once, as lists`);
    }
    issuers.set(issuer, value);
  }
  return issuers;
}

/** Fetches keys ahead, of one of several sets that serve the same issuer: not all of them need to exist. */
export async function anyReady(keySets: readonly KeySet[], now: number): Promise<void> {
  const results = await Promise.allSettled(keySets.map((keys) => keys.ready(now)));
  const failed = results.filter((result) => result.status === "rejected");
  if (failed.length === results.length) throw failed[0]?.reason;
}
