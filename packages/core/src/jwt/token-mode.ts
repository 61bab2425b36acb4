import { settingsOf } from "../description.ts";
import { builtIn } from "../own-modes.ts";
import type { AuthMode, Detection, Fit, IdentityBase, MaybePromise, RequestView } from "../types.ts";
import { recall, type Remembered } from "./remembered.ts";
import type { Source } from "./source.ts";
import { readToken } from "./token.ts";
import { type FindTenant, type TokenIssuer, TokenVerifier } from "./token-verifier.ts";

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
      settings: { from: sources.map(({ place }) => place).join(", ") },
      issuers: [...issuers].map(([issuer, { keys, settings, times, algorithms }]) => {
        const { maxTokenAgeSeconds, maxAuthAgeSeconds } = times;
        return {
          issuer,
          settings: { ...settings, ...settingsOf({ maxTokenAgeSeconds, maxAuthAgeSeconds, algorithms }) },
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
    const text = source.read(request);
    if (text === undefined) continue;
    const remembered = verifier.remembered(text);
    if (remembered !== undefined) return new FoundToken(request, source, text, verifier, "own", remembered);
    const reading = readToken(text);
    if (reading === undefined && !source.exclusive) continue;
    return new FoundToken(request, source, text, verifier, verifier.fit(reading), undefined);
  }
  return undefined;
}

/** A token on a request. */
class FoundToken<I extends IdentityBase> implements Detection<I> {
  readonly fit: Fit;
  readonly #request: RequestView;
  readonly #source: Source;
  readonly #text: string;
  readonly #verifier: TokenVerifier<I>;
  readonly #remembered: Remembered<I> | undefined;

  constructor(
    request: RequestView,
    source: Source,
    text: string,
    verifier: TokenVerifier<I>,
    fit: Fit,
    remembered: Remembered<I> | undefined,
  ) {
    this.#request = request;
    this.#source = source;
    this.#text = text;
    this.#verifier = verifier;
    this.fit = fit;
    this.#remembered = remembered;
  }

  get place(): string {
    return this.#source.place;
  }

  get forward(): { readonly name: string; readonly value: string } {
    return { name: "authorization", value: this.#source.forwardable(this.#request, this.#text) };
  }

  verify(now: number): MaybePromise<I> {
    this.#source.guard(this.#request);
    return recall(this.#remembered, now) ?? this.#verifier.verify(this.#text, now);
  }
}
