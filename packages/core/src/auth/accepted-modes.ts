import type { RefusedIdentity } from "../identity.ts";
import { isPromise } from "../lib/promises.ts";
import { must } from "../lib/options.ts";
import type { AllowedByRule, AllowedList, DeniedByRule, Question, Values } from "../policy/policy.ts";
import { refusedByRule, asAuthError, AuthError } from "../refusal/error.ts";
import { isPreflight, PreflightAnswer } from "../refusal/preflight.ts";
import type { PublicUrl } from "../lib/urls.ts";
import { viewState } from "../request/state.ts";
import type {
  AuthMode,
  Detection,
  IdentityBase,
  MaybePromise,
  Requirements,
  RequestView,
  ModeDescription,
} from "../types.ts";
import type { Auth, SharedAuth } from "./auth.ts";
import type { AuthListener, ListenOptions } from "./events.ts";
import { unknownModeText } from "./options.ts";
import { meet, readRequirements } from "./requirements.ts";
import { notAccepted } from "./select.ts";
import { type Verification, verificationOf } from "./verification.ts";

/** The class behind `Auth`: an auth, or a restricted copy. Members that `Auth` lacks are for adapters. */
export class AcceptedModes implements Auth {
  readonly modes: readonly string[];
  readonly #shared: SharedAuth;
  readonly #accepted: readonly AuthMode[];

  constructor(shared: SharedAuth, accepted: readonly AuthMode[]) {
    this.#shared = shared;
    this.#accepted = accepted;
    this.modes = accepted.map((mode) => mode.name);
  }

  get publicUrl(): PublicUrl | undefined {
    return this.#shared.publicUrl;
  }

  authenticate(request: RequestView, needs?: Requirements): Promise<IdentityBase> {
    // Not `async`: that would wait three times for a promise that is there already.
    try {
      return Promise.resolve(this.guard(request, needs) ?? this.#verified(request, needs));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  identity(request: RequestView): IdentityBase | undefined {
    const admission = viewState(request).decisions.admission(this.#shared, request);
    if (admission?.rejection !== undefined) throw admission.rejection;
    const identity = admission?.identity;
    // Without a detection, only report-only let the request pass, whatever the modes.
    const isAccepted = admission?.detection === undefined || this.modes.includes(identity?.mode ?? "");
    return isAccepted ? identity : undefined;
  }

  only(...names: readonly string[]): Auth<never> {
    for (const name of names) {
      if (!this.modes.includes(name)) throw new TypeError(unknownModeText("auth.only()", name, this.modes));
    }
    must(names.length > 0, "auth.only() takes at least one mode");
    return new AcceptedModes(
      this.#shared,
      this.#accepted.filter((mode) => names.includes(mode.name)),
    ) as unknown as Auth<never>;
  }

  onEvent(listener: AuthListener, options?: ListenOptions): () => void {
    return this.#shared.listeners.add(listener, options);
  }

  describe(): readonly ModeDescription[] {
    const now = this.#shared.now();
    return this.#accepted.map((mode) => ({
      mode: mode.name,
      ...(mode.describe?.(now) ?? { settings: {}, issuers: [] }),
    }));
  }

  async ready(): Promise<void> {
    await Promise.all(this.#accepted.map(async (mode) => mode.ready?.(this.#shared.now())));
  }

  // From here on: for adapters; `adapter/` has the documentation. Getters, since logs show the fields of an auth.

  get shared(): SharedAuth {
    return this.#shared;
  }

  get accepted(): readonly AuthMode[] {
    return this.#accepted;
  }

  get issuers(): readonly string[] {
    return this.#accepted.flatMap(({ issuers }) => issuers ?? []);
  }

  get requestHeaders(): readonly string[] {
    const { modes, requires } = this.#shared;
    const all = requires === undefined ? modes : [...modes, requires];
    return [...new Set(all.flatMap((mode) => mode.requestHeaders ?? []))];
  }

  guard(request: RequestView, needs?: Requirements, advice?: string): MaybePromise<IdentityBase> | undefined {
    if (!isPreflight(request)) return this.#verified(request, needs);
    if (this.#shared.preflights.passes) return undefined;
    this.#shared.preflights.log(request, advice);
    throw new PreflightAnswer();
  }

  prove(verification: Verification): MaybePromise<IdentityBase> {
    const chosen = verification.choose();
    if (!this.#accepted.includes(chosen.mode)) throw notAccepted(chosen, this.modes);
    return verification.verify(chosen);
  }

  requireIdentity(request: RequestView, mistake: string): IdentityBase {
    const identity = this.identity(request);
    if (identity !== undefined) return identity;
    const verification = verificationOf(this.#shared, request);
    if (isPreflight(request) && this.#shared.preflights.passes) {
      const detail = "a CORS preflight has no caller; this auth lets preflights through to handlers";
      throw this.#mistake(verification, new AuthError("credentials_missing", "no_credentials", { detail }));
    }
    const { chosen } = verification;
    const admission = viewState(request).decisions.admission(this.#shared, request);
    throw admission !== undefined && chosen !== undefined
      ? this.#mistake(verification, notAccepted(chosen, this.modes))
      : this.mistake(request, "not_authenticated", mistake);
  }

  mistake(request: RequestView, reason: string, detail: string): AuthError {
    const error = new AuthError("misconfigured", reason, { detail });
    return this.#mistake(verificationOf(this.#shared, request), error);
  }

  thrown(request: RequestView, error: AuthError): AuthError {
    if (error.id !== "") return error; // of a guard or of the rules, which reported it
    const verification = verificationOf(this.#shared, request);
    const { identity } = verification;
    // A copy, since an app may throw one error for many requests, and keep it.
    const rejection = error.copy().within(verification.refusal(this.#accepted));
    const subject = identity && { identity, question: undefined };
    const report = { type: "refused", caller: identity?.id ?? null, error: rejection, subject } as const;
    this.#shared.emit(report, verification);
    return rejection;
  }

  authorize<A extends AllowedByRule | AllowedList>(
    request: RequestView,
    decide: (identity: IdentityBase) => A | DeniedByRule,
    closes = false,
    question?: Question<Values>,
  ): A {
    const identity = this.requireIdentity(request, "authenticate() of this auth has to run before the rules");
    const verification = verificationOf(this.#shared, request);
    const about = { caller: identity.id, subject: { identity, question } };
    try {
      const decision = decide(identity);
      if (!decision.allowed) throw refusedByRule(decision);
      this.#shared.emit({ type: "allowed", allowed: decision, ...about }, verification);
      return decision;
    } catch (thrown) {
      if (!(thrown instanceof AuthError)) throw thrown;
      const error = this.#within(verification, thrown);
      this.#shared.emit({ type: "refused", error, ...about }, verification);
      throw closes ? this.#closed(request, error) : error;
    }
  }

  #verified(request: RequestView, needs: Requirements | undefined): MaybePromise<IdentityBase> {
    const asked = needs === undefined ? undefined : readRequirements("auth.authenticate()", needs);
    const verification = verificationOf(this.#shared, request);
    let proven;
    try {
      proven = this.prove(verification);
    } catch (error) {
      return orThrow(this.#refused(request, verification, error, asked));
    }
    return isPromise(proven)
      ? this.#awaited(request, verification, proven, asked)
      : this.#admitted(request, verification, proven, asked);
  }

  #awaited(
    request: RequestView,
    verification: Verification,
    proven: Promise<IdentityBase>,
    needs: Requirements | undefined,
  ): Promise<IdentityBase> {
    return proven.then(
      (identity) => this.#admitted(request, verification, identity, needs),
      (error: unknown) => {
        const outcome = this.#refused(request, verification, error, needs);
        // Not thrown: an exception takes as long as the rest of a rejection.
        return outcome instanceof AuthError ? Promise.reject(outcome) : outcome;
      },
    );
  }

  /** @throws AuthError if the route requires more, unless this is report-only */
  #admitted(
    view: RequestView,
    verification: Verification,
    identity: IdentityBase,
    needs: Requirements | undefined,
  ): IdentityBase {
    try {
      verification.reportAccepted(identity);
      if (needs !== undefined) meet(identity, needs);
    } catch (error) {
      return orThrow(this.#refused(view, verification, error, needs));
    }
    return this.#kept(view, identity, verification.chosen?.detection);
  }

  #kept<I extends IdentityBase>(view: RequestView, identity: I, detection?: Detection<IdentityBase>): I {
    viewState(view).decisions.keep({ by: this.#shared, view, identity, detection });
    return identity;
  }

  /** Returns the rejection, or in report-only the caller that stands for it. */
  #refused(
    view: RequestView,
    verification: Verification,
    thrown: unknown,
    needs: Requirements | undefined,
  ): RefusedIdentity | AuthError {
    const error = this.#within(verification, asAuthError(thrown), needs);
    const { reportOnly } = this.#shared;
    const caller = verification.identity?.id ?? null;
    this.#shared.emit({ type: "refused", caller, error, reportOnly }, verification);
    return reportOnly ? this.#kept(view, refusedIdentity(error)) : this.#closed(view, error);
  }

  /** Callers that wait for one look-up may get one error: each answer needs the id of its own request. */
  #within(verification: Verification, error: AuthError, needs?: Requirements): AuthError {
    const isOthers = error.id !== "" && error.id !== verification.id;
    return (isOthers ? error.copy() : error).within(verification.refusal(this.#accepted, needs));
  }

  /** Closes the request: it has no caller, and nothing is forwarded. */
  #closed(view: RequestView, rejection: AuthError): AuthError {
    viewState(view).decisions.keep({ by: this.#shared, view, rejection });
    return rejection;
  }

  #mistake(verification: Verification, error: AuthError): AuthError {
    return verification.reportMistake(error.within(verification.refusal(this.#accepted)));
  }
}

/** The members of an auth for adapters. `createAuth` and `only` return nothing else. */
export function opened(auth: Auth): AcceptedModes {
  return auth as AcceptedModes;
}

function orThrow(outcome: RefusedIdentity | AuthError): RefusedIdentity {
  if (outcome instanceof AuthError) throw outcome;
  return outcome;
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
  // Not enumerable: a handler may answer with the identity as JSON, and the reason is only for the log.
  return Object.freeze(Object.defineProperty(identity, "error", { enumerable: false }));
}
