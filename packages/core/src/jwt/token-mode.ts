import { settingsOf } from "../auth/description.ts";
import { isPromise } from "../lib/is-promise.ts";
import { must } from "../lib/options.ts";
import { builtIn } from "../auth/own-modes.ts";
import type { AuthMode, Detection, Fit, IdentityBase, MaybePromise, RequestView } from "../types.ts";
import { refused } from "../refusal/error.ts";
import {
  type FindTenant,
  recall,
  type Remembered,
  type TokenIssuer,
  TokenVerifier,
} from "./token-verifier.ts";
import type { Found, Source } from "./source.ts";
import { readToken } from "./token.ts";
import { sharedSources, type TokenModeOptions } from "./issuer-options.ts";

export interface TokenModeParts<I extends IdentityBase> {
  readonly name: I["mode"];
  /** The options of each entry of the list that the mode was given. */
  readonly entries: readonly TokenModeOptions[];
  /** By name, for each entry: several if tokens of one may have any of these issuers, which need not all exist. */
  readonly issuers: readonly (readonly NamedIssuer<I>[])[];
  readonly findTenant?: FindTenant<I>;
}

export type NamedIssuer<I> = readonly [name: string, issuer: TokenIssuer<I>];

/** A mode of signed tokens: all that user pools and OIDC issuers have in common. */
export function tokenMode<I extends IdentityBase>(parts: TokenModeParts<I>): AuthMode<I> {
  const { name } = parts;
  const sources = sharedSources(`${name}()`, parts.entries);
  const issuers = issuersByName(`${name}()`, parts.issuers.flat());
  const verifier = new TokenVerifier(issuers, parts.findTenant);
  const readsHeader = sources.some(({ place }) => place === "authorization");
  return builtIn({
    name,
    scheme: "Bearer",
    requestHeaders: readsHeader ? ["authorization", "x-amz-user-agent"] : [],
    issuers: [...issuers.keys()],
    detect: (request) => detectToken(request, sources, verifier),
    async ready(now) {
      await Promise.all(parts.issuers.map((alternatives) => anyReady(alternatives, now)));
    },
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
function issuersByName<I>(
  where: string,
  entries: readonly NamedIssuer<I>[],
): ReadonlyMap<string, TokenIssuer<I>> {
  const issuers = new Map(entries);
  const [twice] = entries.find(([name, issuer]) => issuers.get(name) !== issuer) ?? [];
  must(twice === undefined, `${where}: the issuer ${twice} stands twice; give its options once, as lists`);
  return issuers;
}

/** Fetches the keys of one of several issuers ahead. */
async function anyReady<I>(alternatives: readonly NamedIssuer<I>[], now: number): Promise<void> {
  const results = await Promise.allSettled(alternatives.map(([, { keys }]) => keys.ready(now)));
  const failed = results.filter((result) => result.status === "rejected");
  if (failed.length === results.length) throw failed[0]?.reason;
}
