import { crypto } from "#crypto";
import { type AuthOptions, checkModes } from "./options.ts";
import { AuthError } from "../refusal/error.ts";
import { type AuthEvent, Listeners, printable, type TraceEntry } from "./events.ts";
import type { ApiKeyIdentity } from "../identity.ts";
import { after, isPromise } from "../lib/is-promise.ts";
import { detectBy } from "./own-modes.ts";
import { wholeView } from "../request/part-view.ts";
import type { AllowedByRule, Policy } from "../policy/policy.ts";
import { Preflights } from "../refusal/preflight.ts";
import { type PublicUrl, parsePublicUrl } from "../request/public-url.ts";
import type { ErrorFormat } from "../refusal/reply.ts";
import { askable, rememberRecheck } from "./recheck.ts";
import { choose, detectAll, type Found } from "./select.ts";
import { tokenFacts } from "./token-facts.ts";
import type { AuthMode, Clock, Detection, IdentityBase, MaybePromise, RequestView } from "../types.ts";
import { type Wait, within } from "../lib/within.ts";

/** What an event tells. */
interface Happening extends Pick<AuthEvent, "type" | "caller"> {
  readonly error?: AuthError;
  readonly allowed?: AllowedByRule;
  /** Default false. */
  readonly mirrored?: boolean;
}

const revokedWait: Wait = { what: "createAuth({ revoked })", reason: "revoked_timeout" };

/** What all narrowings of one auth share. */
export class Server {
  readonly modes: readonly AuthMode[];
  readonly requires: AuthMode<ApiKeyIdentity> | undefined;
  readonly precedence: readonly string[] | undefined;
  readonly publicUrl: PublicUrl | undefined;
  readonly format: ErrorFormat;
  readonly mirror: boolean;
  readonly policy: Policy | undefined;
  readonly listeners: Listeners = new Listeners();
  readonly preflights: Preflights;
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
    this.preflights = new Preflights(options.preflight);
    this.#revoked = options.revoked;
    this.#clock = options.clock ?? Date.now;
  }

  attempt(request: RequestView): Attempt {
    const whole: AttemptedView = wholeView(request);
    let attempt = whole[attempts];
    while (attempt !== undefined && attempt.server !== this) attempt = attempt.previous;
    return attempt ?? (whole[attempts] = new Attempt(this, whole, whole[attempts]));
  }

  now(): number {
    return this.#clock();
  }

  /** At once where it can be told at once, as for a token that is remembered. */
  verify({ detection }: Found, attempt: Attempt): MaybePromise<IdentityBase> {
    const proven = detection.verify(this.#clock());
    return this.#revoked === undefined && this.requires === undefined && detection.again === undefined
      ? proven
      : this.#askFurther(proven, detection, attempt);
  }

  #askFurther(
    proven: MaybePromise<IdentityBase>,
    detection: Detection<IdentityBase>,
    attempt: Attempt,
  ): MaybePromise<IdentityBase> {
    return after(proven, (identity) =>
      after(this.#refuseRevoked(identity), () => {
        const key = this.requires === undefined ? undefined : this.#requiredKey(this.requires, attempt);
        return after(withKey(identity, key?.verify(this.#clock())), (accepted) => {
          // Bound, so that the identity of a cached token does not keep its request alive.
          const again = detection.again?.bind(detection);
          const isRevocable = this.#revoked !== undefined && tokenFacts(identity) !== undefined;
          if (!isRevocable && again === undefined && key?.again === undefined) return accepted;
          rememberRecheck(accepted, this, this.#clock(), async (now) => {
            await this.#refuseRevoked(identity);
            return withKey((await again?.(now)) ?? identity, key?.again?.(now));
          });
          return accepted;
        });
      }),
    );
  }

  #requiredKey(requires: AuthMode<ApiKeyIdentity>, attempt: Attempt): Detection<ApiKeyIdentity> {
    attempt.deciding = requires.name;
    const key = detectBy(requires, attempt.request);
    if (key === undefined) throw new AuthError("credentials_missing", "required_key_missing");
    return key;
  }

  #refuseRevoked(identity: IdentityBase): MaybePromise<void> {
    const revoked = this.#revoked;
    const facts = revoked === undefined ? undefined : tokenFacts(identity);
    if (revoked === undefined || facts === undefined) return;
    return after(
      within(revokedWait, (context) => revoked(facts, context)),
      (isRevoked) => {
        if (isRevoked) throw new AuthError("credentials_refused", "token_revoked");
      },
    );
  }

  emit(event: Happening, attempt: Attempt): void {
    const { error, allowed, mirrored = false } = event;
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
      mirrored,
      trace: attempt.trace(error),
    });
  }
}

// What is known of a request is kept on its view: a WeakMap would take longer than verifying a remembered token.
const attempts: unique symbol = Symbol("attempts");
type AttemptedView = RequestView & { [attempts]?: Attempt | undefined };

/** The one verification of a request: detect, choose, verify; each done at most once. */
export class Attempt {
  readonly server: Server;
  readonly request: RequestView;
  /** That of another auth, where a request passes several. */
  readonly previous: Attempt | undefined;
  /** The caller that was verified, admitted or not. */
  identity: IdentityBase | undefined;
  /** The mode whose word counts at the moment. */
  deciding: string | undefined;
  /** The last mistake of the app that was reported for this request. */
  mistake: AuthError | undefined;
  #id: string | undefined;
  #found: readonly Found[] | undefined;
  #chosen: Found | AuthError | undefined;
  #verification: Promise<IdentityBase> | undefined;
  #failure: { readonly thrown: unknown } | undefined;
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

  /** What each mode of the server sees; asked for once. */
  detect(): readonly Found[] {
    return (this.#found ??= detectAll(this.server.modes, this.request));
  }

  choose(): Found {
    this.#chosen ??= this.#select();
    if (this.#chosen instanceof AuthError) throw this.#chosen;
    this.deciding ??= this.#chosen.mode.name;
    return this.#chosen;
  }

  #select(): Found | AuthError {
    try {
      return choose(this.detect(), this.request, this.server.precedence);
    } catch (error) {
      return asAuthError(error);
    }
  }

  verify(chosen: Found): MaybePromise<IdentityBase> {
    if (this.#verification !== undefined) return this.#verification;
    if (this.identity !== undefined) return this.identity;
    if (this.#failure !== undefined) throw this.#failure.thrown;
    const proven = this.#verifyOnce(chosen);
    if (!isPromise(proven)) return (this.identity = proven);
    return (this.#verification = Promise.resolve(proven).then((identity) => (this.identity = identity)));
  }

  #verifyOnce(chosen: Found): MaybePromise<IdentityBase> {
    try {
      return this.server.verify(chosen, this);
    } catch (thrown) {
      this.#failure = { thrown };
      throw thrown;
    }
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

/** The identity with the API key that has to come along. */
function withKey(
  identity: IdentityBase,
  key: MaybePromise<ApiKeyIdentity> | undefined,
): MaybePromise<IdentityBase> {
  return key === undefined ? identity : after(key, (key) => askable({ ...identity, key }));
}

/** Whatever else a mode or an option throws is trouble on this side: it lets nobody in and is not the caller's fault. */
export function asAuthError(thrown: unknown): AuthError {
  if (thrown instanceof AuthError) return thrown;
  const detail =
    thrown instanceof Error
      ? `${thrown.name}: ${thrown.message}`
      : "something was thrown that is not an Error";
  return new AuthError("unavailable", "verification_failed", { cause: thrown, detail, retryAfter: 5 });
}
