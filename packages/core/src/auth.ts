import { asAuthError, type Attempt, Server } from "./attempt.ts";
import { type AuthOptions, unknownModeText } from "./auth-options.ts";
import type { ModeDescription } from "./description.ts";
import { AuthError, type RefusalContext } from "./error.ts";
import type { AuthListener, ListenOptions } from "./events.ts";
import type { ApiKeyIdentity, RefusedIdentity } from "./identity.ts";
import { isPromise } from "./is-promise.ts";
import { must } from "./options.ts";
import { type AllowedByRule, type Policy, refusedByRule, type RuleDecision } from "./policy.ts";
import type { PublicUrl } from "./public-url.ts";
import { meet } from "./requirements.ts";
import { detectAll, type Found } from "./select.ts";
import type { AuthMode, IdentityBase, MaybePromise, Requirements, RequestView } from "./types.ts";

/** The modes of a server, or those of a route. */
export interface Auth<I extends IdentityBase = IdentityBase> {
  /** The names of the modes that are accepted. */
  readonly modes: readonly string[];
  readonly publicUrl: PublicUrl | undefined;
  /**
   * Who calls. The request is verified once; asking again, also of a narrowed auth, reuses what was found.
   * @throws AuthError, with the answer to send
   */
  authenticate(request: RequestView, needs?: Requirements): Promise<I>;
  /**
   * As `authenticate`, and without a promise where none is needed, as for a token that is remembered. For adapters:
   * waiting may take a framework longer than verifying.
   * @throws AuthError, at once or by the promise
   */
  authenticateAtOnce(request: RequestView, needs?: Requirements): MaybePromise<I>;
  /**
   * For servers that parse bodies before they ask who calls: verifies what reads the body while it is there. It refuses
   * nobody and reports nothing; `authenticate` does, by what was found. Returns at once where no body is needed.
   */
  verifyAhead(request: RequestView): Promise<void> | undefined;
  /**
   * Whether `authenticate` will let the request pass, for servers that wait for bodies before they ask it: nothing is
   * reported. It verifies, and reads the body only if the mode does.
   */
  admits(request: RequestView, needs?: Requirements): MaybePromise<boolean>;
  /** Whether a mode of this auth reads bodies; else there is nothing to verify ahead. */
  readonly readsBody: boolean;
  /** Whether a request carries something that a mode of this auth reads. Nothing is verified. */
  carriesCredentials(request: RequestView): boolean;
  /** The rules that `createAuth` was given. */
  readonly policy: Policy | undefined;
  /**
   * Asks the rules about a request whose caller is known, and reports what they say under the request's id. For
   * adapters. What `decide` throws goes on; an AuthError becomes the answer to this request and is reported.
   * @throws AuthError `forbidden` or `not_found` by a denial; `credentials_missing` where no `authenticate` let it pass
   */
  authorize(request: RequestView, decide: (identity: I) => RuleDecision): AllowedByRule;
  /** What `authenticate` found for this request; undefined before it did, and for modes that this auth does not accept. */
  identity(request: RequestView): I | undefined;
  /** The same auth, narrowed to these modes; so is the type of the identity. */
  only<const N extends I["mode"]>(...names: readonly N[]): Auth<Extract<I, { readonly mode: N }>>;
  /** Hears of every acceptance and refusal. Returns how to stop. */
  onEvent(listener: AuthListener, options?: ListenOptions): () => void;
  /** The modes that are accepted, for people: how they are set up, and the keys that are at hand. */
  describe(): readonly ModeDescription[];
  /** Fetches key sets ahead. Rejects where one cannot be had; requests try again by themselves. */
  ready(): Promise<void>;
  /** Names of request headers that its modes read, for CORS. */
  readonly requestHeaders: readonly string[];
}

export type IdentityOf<A> = A extends Auth<infer I> ? I : A extends AuthMode<infer I> ? I : never;

type Keyed<I, O> = O extends { readonly requires: AuthMode<ApiKeyIdentity> }
  ? I extends IdentityBase
    ? I & { readonly key: ApiKeyIdentity }
    : never
  : I;
type Mirrored<I, O> = O extends { readonly mirror: infer B } ? (true extends B ? I | RefusedIdentity : I) : I;

/**
 * The modes of a server as one list. The order of the list means nothing: what a request carries decides.
 * @throws TypeError where the options or the modes do not fit together
 */
export function createAuth<const M extends readonly AuthMode[], const O extends AuthOptions = AuthOptions>(
  modes: M,
  options?: O,
): Auth<Mirrored<Keyed<IdentityOf<M[number]>, O>, O>> {
  const server = new Server(modes, options ?? {});
  // The narrowing below is proven by the modes' own types: what a mode named N verifies has `mode: N`.
  return new AcceptedModes(server, modes) as unknown as Auth<Mirrored<Keyed<IdentityOf<M[number]>, O>, O>>;
}

class AcceptedModes implements Auth {
  readonly modes: readonly string[];
  readonly #server: Server;
  readonly #accepted: readonly AuthMode[];

  constructor(server: Server, accepted: readonly AuthMode[]) {
    this.#server = server;
    this.#accepted = accepted;
    this.modes = accepted.map((mode) => mode.name);
  }

  get publicUrl(): PublicUrl | undefined {
    return this.#server.publicUrl;
  }

  get policy(): Policy | undefined {
    return this.#server.policy;
  }

  get requestHeaders(): readonly string[] {
    const all = [
      ...this.#server.modes,
      ...(this.#server.requires === undefined ? [] : [this.#server.requires]),
    ];
    return [...new Set(all.flatMap((mode) => mode.requestHeaders ?? []))];
  }

  get readsBody(): boolean {
    return this.#accepted.some((mode) => mode.readsBody === true);
  }

  async authenticate(request: RequestView, needs?: Requirements): Promise<IdentityBase> {
    return this.authenticateAtOnce(request, needs);
  }

  authenticateAtOnce(request: RequestView, needs?: Requirements): MaybePromise<IdentityBase> {
    const attempt = this.#server.attempt(request);
    try {
      const proven = this.#prove(attempt);
      if (!isPromise(proven)) return accepted(attempt, proven, needs);
      return proven
        .then((identity) => accepted(attempt, identity, needs))
        .catch((error: unknown) => this.#refused(attempt, error));
    } catch (error) {
      return this.#refused(attempt, error);
    }
  }

  admits(request: RequestView, needs?: Requirements): MaybePromise<boolean> {
    if (this.#server.mirror) return true;
    try {
      const proven = this.#prove(this.#server.attempt(request));
      if (!isPromise(proven)) return meets(proven, needs);
      return proven.then(
        (identity) => meets(identity, needs),
        () => false,
      );
    } catch {
      return false;
    }
  }

  #prove(attempt: Attempt): MaybePromise<IdentityBase> {
    const chosen = attempt.choose();
    if (!this.#accepted.includes(chosen.mode)) throw notAccepted(chosen, this.modes);
    return attempt.verify(chosen);
  }

  /** @throws AuthError unless `mirror` lets everybody pass */
  #refused(attempt: Attempt, thrown: unknown): RefusedIdentity {
    const error = asAuthError(thrown).within(this.#refusal(attempt));
    this.#server.emit({ type: "refused", caller: attempt.identity?.id ?? null, error }, attempt);
    if (!this.#server.mirror) throw error;
    attempt.identity = undefined;
    return (attempt.mirrored = refusedIdentity(error));
  }

  carriesCredentials(request: RequestView): boolean {
    return detectAll(this.#accepted, request).some(({ detection }) => detection.place !== null);
  }

  verifyAhead(request: RequestView): Promise<void> | undefined {
    const attempt = this.#server.attempt(request);
    try {
      const chosen = attempt.choose();
      if (chosen.mode.readsBody !== true) return undefined;
      return Promise.resolve(attempt.verify(chosen)).then(ignore, ignore);
    } catch {
      return undefined;
    }
  }

  identity(request: RequestView): IdentityBase | undefined {
    const attempt = this.#server.known(request);
    const identity = attempt?.identity;
    return identity !== undefined && this.modes.includes(identity.mode) ? identity : attempt?.mirrored;
  }

  authorize(request: RequestView, decide: (identity: IdentityBase) => RuleDecision): AllowedByRule {
    const attempt = this.#server.attempt(request);
    const identity = this.identity(request);
    const caller = identity?.id ?? null;
    try {
      if (identity === undefined) throw notAuthenticated();
      const decision = decide(identity);
      if (!decision.allowed) throw refusedByRule(decision);
      this.#server.emit({ type: "allowed", caller, allowed: decision }, attempt);
      return decision;
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
      error.within(this.#refusal(attempt));
      this.#server.emit({ type: "refused", caller, error }, attempt);
      throw error;
    }
  }

  only(...names: readonly string[]): Auth<never> {
    for (const name of names) {
      if (!this.modes.includes(name)) throw new TypeError(unknownModeText("auth.only()", name, this.modes));
    }
    must(names.length > 0, "auth.only() takes at least one mode");
    return new AcceptedModes(
      this.#server,
      this.#accepted.filter((mode) => names.includes(mode.name)),
    ) as unknown as Auth<never>;
  }

  onEvent(listener: AuthListener, options?: ListenOptions): () => void {
    return this.#server.listeners.add(listener, options);
  }

  describe(): readonly ModeDescription[] {
    const now = this.#server.now();
    return this.#accepted.map((mode) => ({
      mode: mode.name,
      ...(mode.describe?.(now) ?? { settings: {}, issuers: [] }),
    }));
  }

  async ready(): Promise<void> {
    const now = this.#server.now();
    await Promise.all(this.#accepted.map(async (mode) => mode.ready?.(now)));
  }

  #refusal(attempt: Attempt): RefusalContext {
    const { chosen } = attempt;
    // Where a route wants credentials, to have none is not the refusal of a mode.
    const undecided = chosen?.detection.place === null && !this.#accepted.includes(chosen.mode);
    return {
      id: attempt.id,
      format: this.#server.format,
      mode: undecided ? undefined : attempt.deciding,
      accepted: this.#accepted,
    };
  }
}

function ignore(): void {}

/** @throws AuthError where the route needs more */
function accepted(attempt: Attempt, identity: IdentityBase, needs: Requirements | undefined): IdentityBase {
  attempt.reportAccepted(identity);
  if (needs !== undefined) meet(identity, needs);
  return identity;
}

function meets(identity: IdentityBase, needs: Requirements = {}): boolean {
  try {
    meet(identity, needs);
    return true;
  } catch {
    return false;
  }
}

function notAccepted({ mode, detection }: Found, accepted: readonly string[]): AuthError {
  if (detection.place === null) return new AuthError("credentials_missing", "no_credentials");
  return new AuthError("mode_not_accepted", "mode_not_on_route", {
    detail: `the request uses ${mode.name}; this route accepts ${accepted.join(", ")}`,
  });
}

function notAuthenticated(): AuthError {
  return new AuthError("credentials_missing", "not_authenticated", {
    detail: "the rules were asked about a request that no authenticate() of this auth let pass",
  });
}

function refusedIdentity(error: AuthError): RefusedIdentity {
  return Object.freeze({ mode: "refused", id: null, groups: [], scopes: [], expiresAt: null, error });
}
