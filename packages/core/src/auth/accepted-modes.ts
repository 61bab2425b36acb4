import { admissionOf, rememberAdmission } from "../request/admissions.ts";
import { asAuthError, type Attempt, type Server } from "./attempt.ts";
import type { Auth } from "./auth.ts";
import { unknownModeText } from "./options.ts";
import type { ModeDescription } from "./description.ts";
import { AuthError, type RefusalContext } from "../refusal/error.ts";
import type { AuthListener, ListenOptions } from "./events.ts";
import type { RefusedIdentity } from "../identity.ts";
import { isPromise } from "../lib/is-promise.ts";
import { must } from "../lib/options.ts";
import { type AllowedByRule, type Policy, refusedByRule, type RuleDecision } from "../policy/policy.ts";
import { isPreflightView, type PreflightAction, PreflightAnswer } from "../refusal/preflight.ts";
import type { PublicUrl } from "../request/public-url.ts";
import { meet, readRequirements } from "./requirements.ts";
import type { Found } from "./select.ts";
import type { AuthMode, IdentityBase, MaybePromise, Requirements, RequestView } from "../types.ts";

/** An auth, or a restricted copy of one: the modes that it accepts, and the server that it shares with its copies. */
export class AcceptedModes implements Auth {
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
