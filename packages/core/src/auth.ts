import { crypto } from "#crypto";
import { type AuthOptions, checkModes, unknownModeText } from "./auth-options.ts";
import type { ModeDescription } from "./description.ts";
import { AuthError, type RefusalContext } from "./error.ts";
import {
  type AuthListener,
  type AuthEvent,
  Listeners,
  type ListenOptions,
  printable,
  type TraceEntry,
} from "./events.ts";
import { rememberForwardable } from "./forwardable.ts";
import type { ApiKeyIdentity } from "./identity.ts";
import { must } from "./options.ts";
import { type AllowedByRule, type Policy, refusedByRule, type RuleDecision } from "./policy.ts";
import { type PublicUrl, parsePublicUrl } from "./public-url.ts";
import type { ErrorFormat } from "./reply.ts";
import { meet } from "./requirements.ts";
import { choose, detectAll, type Found } from "./select.ts";
import { tokenFacts } from "./token-facts.ts";
import type { AuthMode, Clock, IdentityBase, MaybePromise, Requirements, RequestView } from "./types.ts";

/** Whom `mirror` let pass although the request would have been refused. */
export interface RefusedIdentity extends IdentityBase {
  readonly mode: "refused";
  readonly id: null;
  readonly error: AuthError;
}

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

/** What an event tells. */
interface Happening extends Pick<AuthEvent, "type" | "caller"> {
  readonly error?: AuthError;
  readonly allowed?: AllowedByRule;
}

/** What all narrowings of one auth share. */
class Server {
  readonly modes: readonly AuthMode[];
  readonly requires: AuthMode<ApiKeyIdentity> | undefined;
  readonly precedence: readonly string[] | undefined;
  readonly publicUrl: PublicUrl | undefined;
  readonly format: ErrorFormat;
  readonly mirror: boolean;
  readonly policy: Policy | undefined;
  readonly listeners: Listeners = new Listeners();
  readonly #revoked: AuthOptions["revoked"];
  readonly #clock: Clock;

  constructor(modes: readonly AuthMode[], options: AuthOptions) {
    checkModes(modes, options);
    this.modes = modes;
    this.requires = options.requires;
    this.precedence = options.precedence;
    this.publicUrl = options.publicUrl === undefined ? undefined : parsePublicUrl(options.publicUrl);
    this.format = options.errorFormat ?? "problem";
    this.mirror = options.mirror ?? false;
    this.policy = options.policy;
    this.#revoked = options.revoked;
    this.#clock = options.clock ?? Date.now;
  }

  attempt(request: AttemptedView): Attempt {
    return this.known(request) ?? (request[attempts] = new Attempt(this, request, request[attempts]));
  }

  now(): number {
    return this.#clock();
  }

  known(request: AttemptedView): Attempt | undefined {
    let attempt = request[attempts];
    while (attempt !== undefined && attempt.server !== this) attempt = attempt.previous;
    return attempt;
  }

  /** At once where it can be told at once, as for a token that is remembered. */
  verify({ detection }: Found, attempt: Attempt): MaybePromise<IdentityBase> {
    const proven = detection.verify(this.#clock());
    return this.#revoked === undefined && this.requires === undefined
      ? proven
      : this.#askFurther(proven, attempt);
  }

  async #askFurther(proven: MaybePromise<IdentityBase>, attempt: Attempt): Promise<IdentityBase> {
    const identity = await proven;
    if (this.#revoked !== undefined) await this.#refuseRevoked(identity, this.#revoked);
    if (this.requires === undefined) return identity;
    attempt.deciding = this.requires.name;
    const key = this.requires.detect(attempt.request);
    if (key === undefined) throw new AuthError("credentials_missing", "required_key_missing");
    return Object.freeze({ ...identity, key: await key.verify(this.#clock()) });
  }

  async #refuseRevoked(identity: IdentityBase, revoked: NonNullable<AuthOptions["revoked"]>): Promise<void> {
    const facts = tokenFacts(identity);
    if (facts !== undefined && (await revoked(facts)))
      throw new AuthError("credentials_refused", "token_revoked");
  }

  emit(event: Happening, attempt: Attempt): void {
    const { error, allowed } = event;
    const detail = error === undefined ? allowed?.explanation : error.detail;
    if (error === undefined && this.listeners.size === 0) return;
    const { method, target } = attempt.request;
    this.listeners.emit({
      type: event.type,
      id: attempt.id,
      time: this.#clock(),
      method: printable(method, 20),
      path: printable(target.split("?", 1)[0] ?? ""),
      mode: error === undefined ? attempt.chosen?.mode.name : error.mode,
      caller: event.caller === null ? null : printable(event.caller),
      code: error?.code,
      reason: error?.reason,
      detail: detail === undefined ? undefined : printable(detail, 600),
      rule: allowed?.rule,
      cause: error?.cause,
      mirrored: error !== undefined && this.mirror,
      trace: attempt.trace(error),
    });
  }
}

// What is known of a request is kept on its view: a WeakMap would take longer than verifying a remembered token.
const attempts: unique symbol = Symbol("attempts");
type AttemptedView = RequestView & { [attempts]?: Attempt | undefined };

/** The one verification of a request: detect, choose, verify; each done at most once. */
class Attempt {
  readonly server: Server;
  readonly request: RequestView;
  /** That of another auth, where a request passes several. */
  readonly previous: Attempt | undefined;
  identity: IdentityBase | undefined;
  /** The mode whose word counts at the moment. */
  deciding: string | undefined;
  /** Stands for a caller that was refused on paper only. */
  mirrored: RefusedIdentity | undefined;
  #id: string | undefined;
  #found: readonly Found[] | undefined;
  #chosen: Found | AuthError | undefined;
  #verification: Promise<IdentityBase> | undefined;
  #isReported = false;

  constructor(server: Server, request: RequestView, previous: Attempt | undefined) {
    this.server = server;
    this.request = request;
    this.previous = previous;
  }

  get id(): string {
    return (this.#id ??= crypto.randomUUID());
  }

  get chosen(): Found | undefined {
    return this.#chosen instanceof AuthError ? undefined : this.#chosen;
  }

  choose(): Found {
    this.#chosen ??= this.#select();
    if (this.#chosen instanceof AuthError) throw this.#chosen;
    this.deciding ??= this.#chosen.mode.name;
    return this.#chosen;
  }

  #select(): Found | AuthError {
    try {
      this.#found = detectAll(this.server.modes, this.request);
      return choose(this.#found, this.request, this.server.precedence);
    } catch (error) {
      return asAuthError(error);
    }
  }

  verify(chosen: Found): MaybePromise<IdentityBase> {
    if (this.#verification !== undefined) return this.#verification;
    if (this.identity !== undefined) return this.identity;
    const proven = this.server.verify(chosen, this);
    if (!isPromise(proven)) return this.#accept(proven, chosen);
    return (this.#verification = Promise.resolve(proven).then((identity) => this.#accept(identity, chosen)));
  }

  #accept(identity: IdentityBase, { mode, detection }: Found): IdentityBase {
    this.identity = identity;
    rememberForwardable(this.request, { mode: mode.name, detection });
    return identity;
  }

  /** Once, however often it is asked who calls. */
  reportAccepted({ id }: IdentityBase): void {
    if (this.#isReported) return;
    this.#isReported = true;
    this.server.emit({ type: "accepted", caller: id }, this);
  }

  trace(error: AuthError | undefined): TraceEntry[] {
    return this.server.modes.map((mode) => {
      const detection = this.#found?.find((found) => found.mode === mode)?.detection;
      if (detection === undefined) return { mode: mode.name, place: null, outcome: "absent" };
      const decided = this.chosen?.mode === mode;
      const outcome = !decided ? "ignored" : error === undefined ? "verified" : "refused";
      return { mode: mode.name, place: detection.place, outcome };
    });
  }
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
      const chosen = attempt.choose();
      if (!this.#accepted.includes(chosen.mode)) throw notAccepted(chosen, this.modes);
      const proven = attempt.verify(chosen);
      if (!(proven instanceof Promise)) return accepted(attempt, proven, needs);
      return proven
        .then((identity) => accepted(attempt, identity, needs))
        .catch((error: unknown) => this.#refused(attempt, error));
    } catch (error) {
      return this.#refused(attempt, error);
    }
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

/** Those of other libraries, and of a test runner's other realm, are no instances of this Promise. */
function isPromise(proven: MaybePromise<IdentityBase>): proven is Promise<IdentityBase> {
  return "then" in proven;
}

function ignore(): void {}

/** @throws AuthError where the route needs more */
function accepted(attempt: Attempt, identity: IdentityBase, needs: Requirements | undefined): IdentityBase {
  attempt.reportAccepted(identity);
  if (needs !== undefined) meet(identity, needs);
  return identity;
}

/** Whatever else a mode or an option throws is trouble on this side: it lets nobody in and is not the caller's fault. */
function asAuthError(thrown: unknown): AuthError {
  if (thrown instanceof AuthError) return thrown;
  const detail =
    thrown instanceof Error
      ? `${thrown.name}: ${thrown.message}`
      : "something was thrown that is not an Error";
  return new AuthError("unavailable", "verification_failed", { cause: thrown, detail, retryAfter: 5 });
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
