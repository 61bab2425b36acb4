import type { SharedAuth } from "../auth/shared-auth.ts";
import type { Verification } from "../auth/verification.ts";
import type { AuthError } from "../refusal/error.ts";
import type { Detection, IdentityBase, RequestView } from "../types.ts";

/** What the last guard of one auth decided about a request. */
export interface Admission {
  /** The auth that decided, with all its restricted copies. */
  readonly by: SharedAuth;
  /** The view that was asked about. */
  readonly view: RequestView;
  /** The caller as handlers see it; undefined after a rejection. */
  readonly identity: IdentityBase | undefined;
  /** What was verified; undefined after a rejection, and for a caller that only report-only let pass. */
  readonly detection: Detection<IdentityBase> | undefined;
  /** Set if the request was rejected: it stays closed until a guard of the same auth accepts it. */
  readonly rejection: AuthError | undefined;
}

/** A header that makes a verified caller's credentials reach another service. */
export interface ForwardableCredential {
  readonly name: string;
  readonly value: string;
}

/** What was verified of a request, for code that calls another service as the caller. */
export interface Forwardable {
  readonly mode: string;
  /** undefined for modes whose credentials cannot be forwarded. */
  readonly credential: ForwardableCredential | undefined;
}

interface Entry extends Admission {
  /** That of another auth. */
  readonly next: Entry | undefined;
}

/** A request that is verified once for many handlers, each with a view and with decisions of its own. */
interface Whole {
  readonly view: RequestView;
  readonly decisions: Decisions;
}

/**
 * What the auths of a server found out about a request, and what their guards decided. Views of one request, for auths
 * with different public URLs, share it: what rejects the one closes the other.
 */
export class Decisions {
  readonly #whole: Whole | undefined;
  #verifications: Verification | undefined;
  #admissions: Entry | undefined;

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

  /** Keeps what a guard decided, in place of what earlier guards of the same auth did. */
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
   * What was verified of this view; undefined before that.
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
