import { crypto } from "#crypto";
import type { ApiKeyIdentity, IamIdentity } from "../identity.ts";
import { after, isPromise, type Wait, within } from "../lib/promises.ts";
import { isObject } from "../lib/json.ts";
import { asAuthError, AuthError, type RefusalContext, refused } from "../refusal/error.ts";
import { viewState } from "../request/state.ts";
import type {
  AuthMode,
  Detection,
  IdentityBase,
  MaybePromise,
  Requirements,
  RequestView,
  TokenFacts,
} from "../types.ts";
import { hasToken } from "./credentials.ts";
import type { TraceEntry } from "./events.ts";
import { detectBy } from "./mode.ts";
import { askable, type Check, rememberRecheck, rightsReaderOf } from "./recheck.ts";
import { choose, detectAll, type Found } from "./select.ts";
import type { SharedAuth } from "./auth.ts";

const revokedWait: Wait = { what: "createAuth({ revoked })", reason: "revoked_timeout" };
const usageWait: Wait = { what: "createAuth({ usage })", reason: "usage_timeout" };

/** The verification of a request by an auth: detect, choose, verify. Each runs at most once. */
export class Verification {
  readonly by: SharedAuth;
  readonly request: RequestView;
  /** The verification by another auth, or of another view of the request. */
  readonly previous: Verification | undefined;
  /** The verified caller, accepted by the route or not. */
  identity: IdentityBase | undefined;
  /** The mode that is deciding. */
  deciding: string | undefined;
  #id: string | undefined;
  #found: readonly Found[] | undefined;
  #chosen: Found | AuthError | undefined;
  #proven: Promise<IdentityBase> | undefined;
  #failure: { readonly thrown: unknown } | undefined;
  #isReported = false;
  #mistake: AuthError | undefined;

  constructor(by: SharedAuth, request: RequestView, previous: Verification | undefined) {
    this.by = by;
    this.request = request;
    this.previous = previous;
  }

  get id(): string {
    return (this.#id ??= crypto.randomUUID());
  }

  get chosen(): Found | undefined {
    return this.#chosen instanceof AuthError ? undefined : this.#chosen;
  }

  /** The credentials that the modes of the server find. */
  detect(): readonly Found[] {
    return (this.#found ??= detectAll(this.by.modes, this.request));
  }

  choose(): Found {
    this.#chosen ??= this.#select();
    if (this.#chosen instanceof AuthError) throw this.#chosen;
    this.deciding ??= this.#chosen.mode.name;
    return this.#chosen;
  }

  #select(): Found | AuthError {
    try {
      return choose(this.detect(), this.request, this.by);
    } catch (error) {
      return asAuthError(error);
    }
  }

  /** Synchronous if the mode is, as for a cached token. */
  verify({ detection }: Found): MaybePromise<IdentityBase> {
    if (this.#proven !== undefined) return this.#proven;
    // Before the identity, which a caller over its limit has too.
    if (this.#failure !== undefined) throw this.#failure.thrown;
    if (this.identity !== undefined) return this.identity;
    try {
      const now = this.by.now();
      const verified = detection.verify(now);
      if (!isPromise(verified) && !this.by.asksFurther && detection.again === undefined)
        return (this.identity = verified);
      const proven = this.#askFurther(verified, detection, now);
      if (isPromise(proven)) this.#proven = proven;
      return proven;
    } catch (thrown) {
      this.#failure = { thrown };
      throw thrown;
    }
  }

  // A method of its own: V8 makes room for what its functions use as soon as it begins, for each request.
  #askFurther(
    verified: MaybePromise<IdentityBase>,
    detection: Found["detection"],
    now: number,
  ): MaybePromise<IdentityBase> {
    const { by } = this;
    const valid = after(verified, (identity) => unlessRevoked(by, identity));
    return after(valid, (identity) => {
      const key = this.#requiredKey();
      return after(withKey(identity, key?.verify(by.now())), (accepted) => {
        this.identity = accepted;
        const isRevocable = by.revoked !== undefined && tokenFacts(identity) !== undefined;
        if (isRevocable || detection.again !== undefined || key?.again !== undefined) {
          rememberRecheck(accepted, by, now, checksOf(by, accepted, identity, detection, key));
        }
        const { usage } = by;
        const counted = accepted.key ?? (detection.place === null ? undefined : accepted);
        if (usage === undefined || counted === undefined) return accepted;
        // Once, also if several auths share one `usage`.
        const count = viewState(this.request).decisions.count(usage, counted, () =>
          within(usageWait, (context) => usage(counted, context)),
        );
        return after(count, () => accepted);
      });
    });
  }

  #requiredKey(): Detection<ApiKeyIdentity> | undefined {
    const { requires } = this.by;
    if (requires === undefined) return undefined;
    this.deciding = requires.name;
    const key = detectBy(requires, this.request);
    if (key === undefined) throw new AuthError("credentials_missing", "required_key_missing");
    return key;
  }

  /** @param accepted the modes that the route accepts */
  refusal(accepted: readonly AuthMode[], needs?: Requirements): RefusalContext {
    const { chosen } = this;
    const { format, resource } = this.by;
    // If a route wants credentials, a request without any was not rejected by a mode.
    const undecided = chosen?.detection.place === null && !accepted.includes(chosen.mode);
    const mode = undecided ? undefined : this.deciding;
    return { id: this.id, format, mode, accepted, resource, needs, isToken: () => this.#isToken() };
  }

  #isToken(): boolean {
    const { chosen, request } = this;
    if (chosen !== undefined && this.deciding !== chosen.mode.name) return false; // the required API key
    const place = chosen?.detection.place ?? "authorization";
    if (place !== "authorization") return chosen?.mode.scheme === "Bearer";
    return hasToken(request.header("authorization") ?? "");
  }

  /** Reports the caller once, however often a guard asks. */
  reportAccepted(identity: IdentityBase): void {
    if (this.#isReported) return;
    this.#isReported = true;
    // Before the report is made: once V8 allocates reports among objects that live long, each keeps its request, with all of
    // its state, until a full collection.
    if (this.by.listeners.size === 0) return;
    const subject = { identity, question: undefined };
    this.by.emit({ type: "accepted", caller: identity.id, subject }, this);
  }

  /** Reports a mistake of the app, once for each cause. */
  reportMistake(error: AuthError): AuthError {
    if (this.#mistake !== undefined && this.#mistake.detail === error.detail) return this.#mistake;
    this.#mistake = error;
    this.by.emit({ type: "refused", caller: this.identity?.id ?? null, error }, this);
    return error;
  }

  trace(error: AuthError | undefined): TraceEntry[] {
    return this.by.modes.map((mode) => {
      const detection = this.#found?.find((found) => found.mode === mode)?.detection;
      if (detection === undefined) return { mode: mode.name, place: null, outcome: "absent" };
      const decided = this.chosen?.mode === mode;
      const outcome = !decided ? "ignored" : error === undefined ? "verified" : "refused";
      return { mode: mode.name, place: detection.place, outcome };
    });
  }
}

export function verificationOf(by: SharedAuth, request: RequestView): Verification {
  return viewState(request).decisions.verification(by, request, Verification);
}

/** @throws AuthError if the token of the caller was revoked */
function unlessRevoked({ revoked }: SharedAuth, identity: IdentityBase): MaybePromise<IdentityBase> {
  const facts = revoked === undefined ? undefined : tokenFacts(identity);
  if (revoked === undefined || facts === undefined) return identity;
  const asked = within(revokedWait, (context) => revoked(facts, context));
  return after(asked, (isRevoked) => {
    if (isRevoked) throw refused("token_revoked");
    return identity;
  });
}

/** A function of its own, so that the identity of a cached token does not keep its request alive. */
function checksOf(
  by: SharedAuth,
  accepted: IdentityBase & { readonly key?: ApiKeyIdentity },
  identity: IdentityBase,
  detection: Detection<IdentityBase>,
  key: Detection<ApiKeyIdentity> | undefined,
): () => readonly Check[] {
  const asked = detection.again && detection;
  return () => [
    ...revokedOf(by, identity),
    ...againOf(asked, identity),
    ...againOf(key, accepted.key ?? identity),
  ];
}

function revokedOf(by: SharedAuth, identity: IdentityBase): readonly Check[] {
  if (by.revoked === undefined || tokenFacts(identity) === undefined) return [];
  return [{ before: identity, verify: () => unlessRevoked(by, identity), onChange: by.revoked.onChange }];
}

function againOf(detection: Detection<IdentityBase> | undefined, before: IdentityBase): readonly Check[] {
  if (detection?.again === undefined) return [];
  return [{ before, verify: detection.again.bind(detection), onChange: detection.onChange }];
}

/** The identity with the required API key. */
function withKey(
  identity: IdentityBase,
  key: MaybePromise<ApiKeyIdentity> | undefined,
): MaybePromise<IdentityBase & { readonly key?: ApiKeyIdentity }> {
  return key === undefined
    ? identity
    : after(key, (key) => askable({ ...identity, key }, rightsReaderOf(identity)));
}

/** The facts of the token behind an identity; undefined for modes without tokens. */
function tokenFacts(identity: IdentityBase & Partial<TokenBearer>): TokenFacts | undefined {
  const { claims, cognitoIdentityId, cognitoIdentityPoolId, accessKeyId, issuedAt, login } = identity;
  const isSession = identity.mode === "iam" && typeof cognitoIdentityId === "string";
  const session = { iss: cognitoIdentityPoolId, sub: cognitoIdentityId, jti: accessKeyId, iat: issuedAt };
  const facts: unknown = isSession ? session : claims;
  if (!isObject(facts)) return undefined;
  const text = (name: string) => (typeof facts[name] === "string" ? facts[name] : undefined);
  const { iat } = facts;
  return {
    iss: text("iss"),
    jti: text("jti"),
    originJti: text("origin_jti"),
    sid: text("sid"),
    sub: text("sub"),
    iat: typeof iat === "number" ? iat : undefined,
    login: isSession ? login : undefined,
  };
}

/** What an identity of some mode may have. */
type TokenBearer = Omit<IamIdentity, keyof IdentityBase> & { readonly claims: unknown };
