import { crypto } from "#crypto";
import type { ApiKeyIdentity } from "../identity.ts";
import { after, isPromise } from "../lib/is-promise.ts";
import { type Wait, within } from "../lib/within.ts";
import { asAuthError, AuthError } from "../refusal/error.ts";
import { viewState } from "../request/state.ts";
import type { Detection, IdentityBase, MaybePromise, RequestView } from "../types.ts";
import { hasToken } from "./credentials.ts";
import type { TraceEntry } from "./events.ts";
import { detectBy } from "./own-modes.ts";
import { askable, rememberRecheck, rightsReaderOf } from "./recheck.ts";
import { choose, detectAll, type Found } from "./select.ts";
import type { SharedAuth } from "./shared-auth.ts";

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
      const proven = after(detection.verify(this.by.now()), (identity) =>
        this.#askFurther(identity, detection),
      );
      if (isPromise(proven)) this.#proven = proven;
      return proven;
    } catch (thrown) {
      this.#failure = { thrown };
      throw thrown;
    }
  }

  #askFurther(identity: IdentityBase, detection: Detection<IdentityBase>): MaybePromise<IdentityBase> {
    const { by } = this;
    return after(rejectRevoked(by, identity), () => {
      const key = this.#requiredKey();
      return after(withKey(identity, key?.verify(by.now())), (accepted) => {
        this.identity = accepted;
        // Bound, so that the identity of a cached token does not keep its request alive.
        const again = detection.again?.bind(detection);
        const isRevocable = by.revoked !== undefined && tokenFacts(identity) !== undefined;
        if (isRevocable || again !== undefined || key?.again !== undefined) {
          rememberRecheck(accepted, by, by.now(), async (now) => {
            await rejectRevoked(by, identity);
            return withKey((await again?.(now)) ?? identity, key?.again?.(now));
          });
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

  /** Whether the rejected credential is a token, for the challenge. */
  isToken(): boolean {
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
    if (this.#mistake?.detail === error.detail) return this.#mistake ?? error;
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
  return viewState(request).decisions.verification(by, request, newVerification);
}

function newVerification(
  by: SharedAuth,
  request: RequestView,
  previous: Verification | undefined,
): Verification {
  return new Verification(by, request, previous);
}

function rejectRevoked({ revoked }: SharedAuth, identity: IdentityBase): MaybePromise<void> {
  const facts = revoked === undefined ? undefined : tokenFacts(identity);
  if (revoked === undefined || facts === undefined) return;
  return after(
    within(revokedWait, (context) => revoked(facts, context)),
    (isRevoked) => {
      if (isRevoked) throw new AuthError("credentials_refused", "token_revoked");
    },
  );
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

/**
 * The claims that identify a token, for `revoked`. A member is undefined if the token lacks the claim. For temporary
 * credentials of an identity pool: `iss` is the pool's id, `sub` the identity id and `jti` the access key id.
 */
export interface TokenFacts {
  readonly iss: string | undefined;
  readonly jti: string | undefined;
  /** Cognito's id of the session that the token belongs to. */
  readonly originJti: string | undefined;
  /** The id of the session at an OpenID Connect provider. */
  readonly sid: string | undefined;
  readonly sub: string | undefined;
  /** Seconds since 1970. */
  readonly iat: number | undefined;
}

/** The facts of the token behind an identity; undefined for modes without tokens. */
function tokenFacts(identity: IdentityBase & Partial<TokenBearer>): TokenFacts | undefined {
  const { claims, cognitoIdentityId, cognitoIdentityPoolId, accessKeyId } = identity;
  const isSession = identity.mode === "iam" && typeof cognitoIdentityId === "string";
  const session = { iss: cognitoIdentityPoolId, sub: cognitoIdentityId, jti: accessKeyId };
  const found = isSession ? session : claims;
  if (typeof found !== "object" || found === null) return undefined;
  const facts = new Map<string, unknown>(Object.entries(found));
  const text = (name: string) => {
    const value = facts.get(name);
    return typeof value === "string" ? value : undefined;
  };
  const iat = facts.get("iat");
  return {
    iss: text("iss"),
    jti: text("jti"),
    originJti: text("origin_jti"),
    sid: text("sid"),
    sub: text("sub"),
    iat: typeof iat === "number" ? iat : undefined,
  };
}

/** What an identity of some mode may have. */
interface TokenBearer {
  readonly claims: unknown;
  readonly cognitoIdentityId: unknown;
  readonly cognitoIdentityPoolId: unknown;
  readonly accessKeyId: unknown;
}
