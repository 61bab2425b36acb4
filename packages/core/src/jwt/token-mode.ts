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

/** Uses the first source that holds a token. A cached token is not decoded again. */
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

  /** A DPoP token is not forwarded, since its proof is only for this server. */
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

  /** Checks what depends on the request, for new and cached tokens. */
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
