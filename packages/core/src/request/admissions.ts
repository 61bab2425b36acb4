import type { AuthError } from "../refusal/error.ts";
import type { Detection, IdentityBase, RequestView } from "../types.ts";

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

/** What the last guard of one auth decided about a request. */
export interface Admission {
  /** The auth that decided, with all its restricted copies. */
  readonly by: object;
  /** The caller as handlers see it; undefined after a rejection. */
  readonly identity: IdentityBase | undefined;
  /** What was verified; undefined after a rejection, and for a caller that only report-only let pass. */
  readonly detection: Detection<IdentityBase> | undefined;
  /** Set if the request was rejected: it stays closed until a guard of the same auth accepts it. */
  readonly rejection: AuthError | undefined;
}

interface Entry extends Admission {
  /** The view that was asked about. */
  readonly view: RequestView;
  /** That of another auth. */
  readonly next: Entry | undefined;
}

// On the view, not in the identity: identities are logged and sent to clients, credentials never are.
// Shared by copies of this module, which bundlers such as Next's make.
const admissions: unique symbol = Symbol.for("@authmodes/core: admissions");
const firstKey: unique symbol = Symbol.for("@authmodes/core: first view");
type AdmittedView = RequestView & {
  [admissions]?: Entry | undefined;
  [firstKey]?: RequestView;
};

/**
 * Makes a further view of one request, for an auth with another public URL, keep its admissions with those of the first:
 * what rejects the one closes the other.
 */
export function joinAdmissions(view: AdmittedView, first: RequestView): void {
  view[firstKey] = first;
}

function firstOf(view: AdmittedView): AdmittedView {
  return view[firstKey] ?? view;
}

/** Keeps what a guard decided, in place of what earlier guards of the same auth did. */
export function rememberAdmission(
  view: RequestView,
  { by, identity, detection, rejection }: Admission,
): void {
  const first = firstOf(view);
  const others = without(first[admissions], by);
  first[admissions] = { by, identity, detection, rejection, view, next: others };
}

function without(entry: Entry | undefined, by: object): Entry | undefined {
  if (entry === undefined) return undefined;
  if (entry.by === by) return entry.next;
  const next = without(entry.next, by);
  return next === entry.next ? entry : { ...entry, next };
}

export function admissionOf(view: RequestView, by: object): Admission | undefined {
  let entry = firstOf(view)[admissions];
  while (entry !== undefined && entry.by !== by) entry = entry.next;
  return entry?.view === view ? entry : undefined;
}

/**
 * What was verified of this request; undefined before that.
 * @throws AuthError if any auth rejected the request: the rejection itself
 */
export function forwardableOf(view: RequestView): Forwardable | undefined {
  let found: Forwardable | undefined;
  for (let entry = firstOf(view)[admissions]; entry !== undefined; entry = entry.next) {
    const { rejection, identity, detection } = entry;
    if (rejection !== undefined) throw rejection;
    if (identity === undefined || detection === undefined || entry.view !== view) continue;
    found ??= { mode: identity.mode, credential: detection.forward };
  }
  return found;
}
