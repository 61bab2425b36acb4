import { admissionOf, rememberAdmission } from "./admission.ts";
import { asAuthError, type Attempt, Server } from "./attempt.ts";
import { type AuthOptions, unknownModeText } from "./auth-options.ts";
import type { ModeDescription } from "./description.ts";
import { AuthError, type RefusalContext } from "./error.ts";
import type { AuthListener, ListenOptions } from "./events.ts";
import type { ApiKeyIdentity, RefusedIdentity } from "./identity.ts";
import { isPromise } from "./is-promise.ts";
import { must } from "./options.ts";
import { type AllowedByRule, type Policy, refusedByRule, type RuleDecision } from "./policy.ts";
import { isPreflightView, type PreflightAction, PreflightAnswer } from "./preflight.ts";
import type { PublicUrl } from "./public-url.ts";
import { meet, readRequirements } from "./requirements.ts";
import type { Found } from "./select.ts";
import type { AuthMode, IdentityBase, MaybePromise, Requirements, RequestView } from "./types.ts";

/** The modes of a server, or those of a route. */
export interface Auth<I extends IdentityBase = IdentityBase> {
  /** The names of the modes that are accepted. */
  readonly modes: readonly string[];
  readonly publicUrl: PublicUrl | undefined;
  /**
   * Verifies the request and returns its caller. It is verified once; asking again, also of a narrowed auth, reuses what
   * was found. A rejection closes the request: `identity` throws it and `outbound.forward` sends nothing, until an
   * `authenticate` of this auth accepts the request.
   * @throws AuthError, with the answer to send: a rejection, or the 204 of a CORS preflight, which is never
   *   authenticated; TypeError if `needs` would guard nothing: see `Requirements`
   */
  authenticate(request: RequestView, needs?: Requirements): Promise<I>;
  /**
   * As `authenticate`, and without a promise where none is needed, as for a token that is remembered. For adapters:
   * waiting may take a framework longer than verifying.
   * @throws AuthError, at once or by the promise
   */
  authenticateAtOnce(request: RequestView, needs?: Requirements): MaybePromise<I>;
  /**
   * For servers that parse bodies before they authenticate: verifies what reads the body while it is there. It neither
   * rejects nor reports; `authenticate` does, by what was found. Returns undefined if no body is needed.
   * @returns false if the body stopped arriving: call `authenticate` then, since a parser would wait for the rest
   */
  verifyAhead(request: RequestView): Promise<boolean> | undefined;
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
   * @param closes whether a denial closes the request like a rejection of `authenticate`. A guard's does, since no
   *   handler runs then. Default false: a handler that asks about several records can go on after a denial.
   * @throws AuthError `forbidden` or `not_found` by a denial; as `requireIdentity` if the caller is not known
   */
  authorize(request: RequestView, decide: (identity: I) => RuleDecision, closes?: boolean): AllowedByRule;
  /**
   * The caller that `authenticate` accepted; undefined before that, and for modes that this auth does not accept. In
   * report-only, the caller of a rejected request is `{ mode: "refused" }`.
   * @throws AuthError the rejection, if the request was rejected
   */
  identity(request: RequestView): I | undefined;
  /**
   * As `identity`, for handlers, which run behind `authenticate`. For adapters.
   * @param mistake the cause, for the log, if no `authenticate` ran: what was called, and what to write
   * @throws AuthError `misconfigured` if no `authenticate` of this auth ran before, reported once per request;
   *   `mode_not_accepted` for a caller of another mode; `credentials_missing` for a preflight that was let through
   */
  requireIdentity(request: RequestView, mistake: string): I;
  /**
   * Reports a mistake of the app that a request brought to light, once per request. For adapters, to throw: it is
   * answered with 500 `misconfigured`.
   * @param detail what is wrong, and what to write; for the log
   */
  mistake(request: RequestView, reason: string, detail: string): AuthError;
  /**
   * What a guard does with a CORS preflight: `answer` it with 204 and run no handler, or let it `pass`, without an
   * identity. undefined for any other request. For adapters; `authenticate` throws a `PreflightAnswer` for the first.
   * @param advice how to answer preflights before the guard, for the log of an app in development
   */
  preflight(request: RequestView, advice?: string): PreflightAction | undefined;
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
    const asked = needs === undefined ? undefined : readRequirements("auth.authenticate()", needs);
    if (this.preflight(request) === "answer") throw new PreflightAnswer();
    const attempt = this.#server.attempt(request);
    try {
      const proven = this.#prove(attempt);
      if (!isPromise(proven)) return this.#admitted(request, attempt, proven, asked);
      return proven
        .then((identity) => this.#admitted(request, attempt, identity, asked))
        .catch((error: unknown) => this.#refused(request, attempt, error));
    } catch (error) {
      return this.#refused(request, attempt, error);
    }
  }

  admits(request: RequestView, needs?: Requirements): MaybePromise<boolean> {
    if (this.#server.mirror || isPreflightView(request)) return true;
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

  /** @throws AuthError if the route requires more */
  #admitted(
    request: RequestView,
    attempt: Attempt,
    identity: IdentityBase,
    needs: Requirements | undefined,
  ): IdentityBase {
    attempt.reportAccepted(identity);
    if (needs !== undefined) meet(identity, needs);
    const detection = attempt.chosen?.detection;
    rememberAdmission(request, { by: this.#server, identity, detection, rejection: undefined });
    return identity;
  }

  /** @throws AuthError unless this is report-only */
  #refused(request: RequestView, attempt: Attempt, thrown: unknown): RefusedIdentity {
    const error = asAuthError(thrown).within(this.#refusal(attempt));
    const { mirror: mirrored } = this.#server;
    this.#server.emit({ type: "refused", caller: attempt.identity?.id ?? null, error, mirrored }, attempt);
    if (!mirrored) throw this.#closing(request, error);
    const identity = refusedIdentity(error);
    const by = this.#server;
    rememberAdmission(request, { by, identity, detection: undefined, rejection: undefined });
    return identity;
  }

  /** From here on nothing is told of the caller, and nothing sent as them. */
  #closing(request: RequestView, rejection: AuthError): AuthError {
    rememberAdmission(request, { by: this.#server, identity: undefined, detection: undefined, rejection });
    return rejection;
  }

  carriesCredentials(request: RequestView): boolean {
    const found = this.#server.attempt(request).detect();
    return found.some(({ mode, detection }) => detection.place !== null && this.#accepted.includes(mode));
  }

  verifyAhead(request: RequestView): Promise<boolean> | undefined {
    if (isPreflightView(request)) return undefined;
    const attempt = this.#server.attempt(request);
    try {
      const chosen = attempt.choose();
      if (chosen.mode.readsBody !== true) return undefined;
      return Promise.resolve(attempt.verify(chosen)).then(
        () => true,
        (error: unknown) => !(error instanceof AuthError && error.code === "body_timeout"),
      );
    } catch {
      return undefined;
    }
  }

  identity(request: RequestView): IdentityBase | undefined {
    const admission = admissionOf(request, this.#server);
    if (admission?.rejection !== undefined) throw admission.rejection;
    const identity = admission?.identity;
    // Without a detection it stands for a caller that only report-only let pass, whatever the modes.
    const isAccepted = admission?.detection === undefined || this.modes.includes(identity?.mode ?? "");
    return isAccepted ? identity : undefined;
  }

  requireIdentity(request: RequestView, mistake: string): IdentityBase {
    const identity = this.identity(request);
    if (identity !== undefined) return identity;
    const attempt = this.#server.attempt(request);
    if (isPreflightView(request) && this.#server.preflights.passes) {
      const detail = "a CORS preflight has no caller; this auth lets preflights through to handlers";
      throw this.#report(attempt, new AuthError("credentials_missing", "no_credentials", { detail }));
    }
    const { chosen } = attempt;
    const isOther = admissionOf(request, this.#server) !== undefined && chosen !== undefined;
    throw isOther
      ? this.#report(attempt, notAccepted(chosen, this.modes))
      : this.mistake(request, "not_authenticated", mistake);
  }

  mistake(request: RequestView, reason: string, detail: string): AuthError {
    return this.#report(this.#server.attempt(request), new AuthError("misconfigured", reason, { detail }));
  }

  /** Once for each cause, however often a handler asks. */
  #report(attempt: Attempt, error: AuthError): AuthError {
    if (attempt.mistake !== undefined && attempt.mistake.detail === error.detail) return attempt.mistake;
    attempt.mistake = error.within(this.#refusal(attempt));
    this.#server.emit({ type: "refused", caller: attempt.identity?.id ?? null, error }, attempt);
    return error;
  }

  preflight(
    request: RequestView,
    advice = "mount cors() before authenticate()",
  ): PreflightAction | undefined {
    return this.#server.preflights.actionFor(request, advice);
  }

  authorize(
    request: RequestView,
    decide: (identity: IdentityBase) => RuleDecision,
    closes = false,
  ): AllowedByRule {
    const identity = this.requireIdentity(
      request,
      "the rules were asked before authenticate() of this auth ran",
    );
    const attempt = this.#server.attempt(request);
    const caller = identity.id;
    try {
      const decision = decide(identity);
      if (!decision.allowed) throw refusedByRule(decision);
      this.#server.emit({ type: "allowed", caller, allowed: decision }, attempt);
      return decision;
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
      error.within(this.#refusal(attempt));
      this.#server.emit({ type: "refused", caller, error }, attempt);
      throw closes ? this.#closing(request, error) : error;
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

function refusedIdentity(error: AuthError): RefusedIdentity {
  const identity: RefusedIdentity = {
    mode: "refused",
    id: null,
    groups: [],
    scopes: [],
    expiresAt: null,
    error,
  };
  // A handler may answer with the identity as JSON. The reason is for the log, not for the caller.
  return Object.freeze(Object.defineProperty(identity, "error", { enumerable: false }));
}
