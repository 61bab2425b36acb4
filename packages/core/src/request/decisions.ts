import type { SharedAuth } from "../auth/shared-auth.ts";
import type { Verification } from "../auth/verification.ts";
import type { AuthError } from "../refusal/error.ts";
import type { Detection, IdentityBase, MaybePromise, RequestView } from "../types.ts";

/** The decision of an auth's last guard about a request. */
export interface Admission {
  /** The auth that decided, with all its restricted copies. */
  readonly by: SharedAuth;
  /** The view that was verified. */
  readonly view: RequestView;
  /** The caller for handlers; undefined after a rejection. */
  readonly identity: IdentityBase | undefined;
  /** The verified credentials; undefined after a rejection, and if only report-only let the request pass. */
  readonly detection: Detection<IdentityBase> | undefined;
  /** Set if the request was rejected: it stays closed until a guard of the same auth accepts it. */
  readonly rejection: AuthError | undefined;
}

/** A header that forwards a verified caller's credentials to another service. */
export type ForwardableCredential = NonNullable<Detection<IdentityBase>["forward"]>;

/** The verified credentials of a request, for code that calls another service as the caller. */
export interface Forwardable {
  readonly mode: string;
  /** undefined for modes whose credentials cannot be forwarded. */
  readonly credential: ForwardableCredential | undefined;
}

interface Count {
  readonly usage: object;
  readonly caller: string;
  readonly result: MaybePromise<void>;
  readonly next: Count | undefined;
}

interface Entry extends Admission {
  /** The decision of another auth. */
  readonly next: Entry | undefined;
}

/** A request that is verified once for many handlers, which have views and decisions of their own. */
interface Whole {
  readonly view: RequestView;
  readonly decisions: Decisions;
}

/**
 * The verifications of a request by the auths of a server, and the decisions of their guards. Views of one request, for
 * auths with different public URLs, share it: a rejection of one view closes the others.
 */
export class Decisions {
  readonly #whole: Whole | undefined;
  #verifications: Verification | undefined;
  #admissions: Entry | undefined;
  #counts: Count | undefined;

  constructor(whole?: Whole) {
    this.#whole = whole;
  }

  /** The one verification of a view by an auth. */
  verification(
    by: SharedAuth,
    view: RequestView,
    make: (by: SharedAuth, view: RequestView, previous: Verification | undefined) => Verification,
  ): Verification {
    if (this.#whole !== undefined) return this.#whole.decisions.verification(by, this.#whole.view, make);
    let known = this.#verifications;
    while (known !== undefined && (known.by !== by || known.request !== view)) known = known.previous;
    return known ?? (this.#verifications = make(by, view, this.#verifications));
  }

  /** Counts the request of a caller once for each `usage`. */
  count(
    usage: object,
    { mode, id }: Pick<IdentityBase, "mode" | "id">,
    ask: () => MaybePromise<void>,
  ): MaybePromise<void> {
    if (this.#whole !== undefined) return this.#whole.decisions.count(usage, { mode, id }, ask);
    const caller = JSON.stringify([mode, id]);
    let known = this.#counts;
    while (known !== undefined && (known.usage !== usage || known.caller !== caller)) known = known.next;
    known ??= this.#counts = { usage, caller, result: ask(), next: this.#counts };
    return known.result;
  }

  /** Stores the decision of a guard, in place of that of earlier guards of the same auth. */
  keep({ by, view, identity, detection, rejection }: Admission): void {
    const next = without(this.#admissions, by);
    this.#admissions = { by, view, identity, detection, rejection, next };
  }

  admission(by: SharedAuth, view: RequestView): Admission | undefined {
    let entry = this.#admissions;
    while (entry !== undefined && entry.by !== by) entry = entry.next;
    return entry?.view === view ? entry : undefined;
  }

  /**
   * The verified credentials of this view; undefined before verification.
   * @throws AuthError if any auth rejected the request: the rejection itself
   */
  forwardable(view: RequestView): Forwardable | undefined {
    let found: Forwardable | undefined;
    for (let entry = this.#admissions; entry !== undefined; entry = entry.next) {
      const { rejection, identity, detection } = entry;
      if (rejection !== undefined) throw rejection;
      if (identity === undefined || detection === undefined || entry.view !== view) continue;
      found ??= { mode: identity.mode, credential: detection.forward };
    }
    return found;
  }
}

function without(entry: Entry | undefined, by: SharedAuth): Entry | undefined {
  if (entry === undefined) return undefined;
  if (entry.by === by) return entry.next;
  const next = without(entry.next, by);
  return next === entry.next ? entry : { ...entry, next };
}
