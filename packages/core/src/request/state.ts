import type { Auth, SharedAuth } from "../auth/auth.ts";
import type { RouteAccess } from "../policy/access.ts";
import type { RequestView, Detection, IdentityBase, MaybePromise } from "../types.ts";
import type { PublicUrl } from "../lib/urls.ts";
import type { Verification } from "../auth/verification.ts";
import type { AuthError } from "../refusal/error.ts";

/** Makes the view of a request for auths with this public URL. */
export type MakeView<R extends object> = (
  state: RequestState<R>,
  publicUrl: PublicUrl | undefined,
) => RequestView;

interface KeptView {
  readonly make: unknown;
  readonly publicUrl: PublicUrl | undefined;
  readonly view: RequestView;
  readonly next: KeptView | undefined;
}

/**
 * The state of one request for its whole life, or of one of its many handlers (`partView`).
 * @example
 * import { RequestState } from "@authmodes/core/adapter";
 *
 * const states = new Map<string, RequestState>();
 * export function stateOfJob(id: string): RequestState {
 *   const state = states.get(id) ?? new RequestState({ id });
 *   states.set(id, state);
 *   return state;
 * }
 */
export class RequestState<R extends object = object> {
  /** The object that has this state: a request of a server, a view of your own, or an object for one handler. */
  readonly request: R;
  /** The auth that verified last. */
  auth: Auth | undefined;
  /** What the rules let the caller do, set by the guard of a route. */
  access: RouteAccess | undefined;
  /** A value of an adapter; see `AdapterSlot`. */
  slot: { readonly owner: object; readonly value: unknown } | undefined;
  readonly decisions: Decisions;
  #views: KeptView | undefined;
  #body: Promise<Uint8Array> | undefined;

  constructor(request: R, decisions: Decisions = new Decisions()) {
    this.request = request;
    this.decisions = decisions;
  }

  /** Returns the view for auths with this public URL: the same one for the whole life of the request. */
  view(publicUrl: PublicUrl | undefined, make: MakeView<R>): RequestView {
    let kept = this.#views;
    while (kept !== undefined && (kept.publicUrl !== publicUrl || kept.make !== make)) kept = kept.next;
    if (kept !== undefined) return kept.view;
    const view: Holder = make(this, publicUrl);
    view[stateKey] = this;
    this.#views = { make, publicUrl, view, next: this.#views };
    return view;
  }

  /** The bytes of the body, which all views share. Only the first `read` is called. */
  body(read: () => Promise<Uint8Array>): Promise<Uint8Array> {
    return (this.#body ??= read());
  }
}

// By name, because bundlers such as Next's make copies of this module.
const stateKey: unique symbol = Symbol.for("@authmodes/core: request state");
type Holder = RequestView & { [stateKey]?: RequestState };

/** The raw headers of a request, which hold its state. */
type RawHeaders = readonly string[] & { [stateKey]?: RequestState };

// The state is a property of the raw headers, an array that a request of Node keeps for its whole life. A new property of
// the request itself takes longer than verifying a cached token: Express gives every request another prototype, and V8
// gives each of those a shape of its own. An entry of a WeakMap costs the garbage collector as much.
const others = new WeakMap<object, RequestState>();

/**
 * Returns the state of a request: of Node, the Fetch standard or Next, or of another object that represents one.
 * @example
 * import { AdapterSlot, stateOf } from "@authmodes/core/adapter";
 *
 * const started = new AdapterSlot<number>();
 * export function startTimer(request: object): void {
 *   started.set(stateOf(request), Date.now());
 * }
 */
export function stateOf<R extends object>(request: R): RequestState<R> {
  const holder = rawHeadersOf(request);
  return stateIn(holder, request) ?? newState(holder, request);
}

/**
 * Returns the state of a request; undefined if it has none yet.
 * @example
 * import { knownState } from "@authmodes/core/adapter";
 *
 * export function wasGuarded(request: object): boolean {
 *   return knownState(request)?.auth !== undefined;
 * }
 */
export function knownState<R extends object>(request: R): RequestState<R> | undefined {
  return stateIn(rawHeadersOf(request), request);
}

function stateIn<R extends object>(holder: RawHeaders | undefined, request: R): RequestState<R> | undefined {
  const kept = holder?.[stateKey];
  // Adapters that build requests by hand may give several of them one array.
  const state = kept?.request === request ? kept : others.get(request);
  return state as RequestState<R> | undefined;
}

function newState<R extends object>(holder: RawHeaders | undefined, request: R): RequestState<R> {
  const state = new RequestState(request);
  if (holder !== undefined && holder[stateKey] === undefined && Object.isExtensible(holder)) {
    holder[stateKey] = state;
  }
  // A getter may make another array each time.
  if (rawHeadersOf(request)?.[stateKey] !== state) others.set(request, state);
  return state;
}

/** The state of the request behind a view. A view of your own has a state of its own. */
export function viewState(view: Holder): RequestState {
  if (view[stateKey] !== undefined) return view[stateKey];
  if (!Object.isExtensible(view)) return stateOf(view);
  return (view[stateKey] = new RequestState(view));
}

function rawHeadersOf(request: object & { readonly rawHeaders?: unknown }): RawHeaders | undefined {
  const { rawHeaders } = request;
  return Array.isArray(rawHeaders) ? (rawHeaders as RawHeaders) : undefined;
}

/**
 * A value that one adapter keeps on the state of each request.
 * @example
 * import { AdapterSlot, stateOf } from "@authmodes/core/adapter";
 *
 * const answers = new AdapterSlot<Response>();
 * export function answerOf(request: Request): Response | undefined {
 *   return answers.get(stateOf(request));
 * }
 */
export class AdapterSlot<T> {
  /** Returns the value; undefined if there is none, or if another adapter has set one since. */
  get({ slot }: RequestState): T | undefined {
    return slot?.owner === this ? (slot.value as T) : undefined;
  }

  set(state: RequestState, value: T): void {
    state.slot = { owner: this, value };
  }
}

/** The decision of an auth's last guard about a request. */
interface Admission {
  /** The auth that decided, with all its restricted copies. */
  readonly by: SharedAuth;
  /** The view that was verified. */
  readonly view: RequestView;
  /** The caller for handlers; undefined after a rejection. */
  readonly identity?: IdentityBase | undefined;
  /** The verified credentials; undefined after a rejection, and if only report-only let the request pass. */
  readonly detection?: Detection<IdentityBase> | undefined;
  /** Set if the request was rejected: it stays closed until a guard of the same auth accepts it. */
  readonly rejection?: AuthError | undefined;
}

/** A header that forwards a verified caller's credentials to another service. */
export type ForwardableCredential = NonNullable<Detection<IdentityBase>["forward"]>;

/** The verified credentials of a request, for code that calls another service as the caller. */
interface Forwardable {
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

  /**
   * The one verification of a view by an auth.
   * @param New the class, which this module cannot import: verifying needs requests
   */
  verification(by: SharedAuth, view: RequestView, New: typeof Verification): Verification {
    if (this.#whole !== undefined) return this.#whole.decisions.verification(by, this.#whole.view, New);
    let known = this.#verifications;
    while (known !== undefined && (known.by !== by || known.request !== view)) known = known.previous;
    return known ?? (this.#verifications = new New(by, view, this.#verifications));
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
