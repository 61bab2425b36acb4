import type { Auth } from "../auth/auth.ts";
import type { RouteAccess } from "../policy/access.ts";
import type { RequestView } from "../types.ts";
import { Decisions } from "./decisions.ts";
import type { PublicUrl } from "./public-url.ts";

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

/** Everything that is known of one request, for as long as it lives; of one of many handlers of a request (`partView`). */
export class RequestState<R extends object = object> {
  /** What it is found by: a request of a server, a view that you made yourself, or what stands for one handler. */
  readonly request: R;
  /** The auth that was asked last. */
  auth: Auth | undefined;
  /** What the rules let the caller do; set by the guard of a route. */
  access: RouteAccess | undefined;
  /** What an adapter keeps; see `AdapterSlot`. */
  slot: { readonly owner: object; readonly value: unknown } | undefined;
  readonly decisions: Decisions;
  #views: KeptView | undefined;
  #body: Promise<Uint8Array> | undefined;

  constructor(request: R, decisions: Decisions = new Decisions()) {
    this.request = request;
    this.decisions = decisions;
  }

  /** The view for auths with this public URL: one for the whole life of the request, so that it is verified once. */
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

// By a name that all copies of this module share, which bundlers such as Next's make.
const stateKey: unique symbol = Symbol.for("@authmodes/core: request state");
type Holder = RequestView & { [stateKey]?: RequestState };

/** The raw headers of a request, which hold its state. */
type RawHeaders = readonly string[] & { [stateKey]?: RequestState };

// A request of Node keeps one array of raw headers all its life, which holds the state. A new property of the request
// itself takes longer than verifying a cached token, for Express gives every request another prototype, and V8 each of
// those a shape of its own; and each entry of a WeakMap costs the garbage collector as much.
const others = new WeakMap<object, RequestState>();

/** The state of a request of Node, of the Fetch standard or of Next, or of anything else that stands for a request. */
export function stateOf<R extends object>(request: R): RequestState<R> {
  return knownState(request) ?? newState(request);
}

/** As `stateOf`; undefined if nothing is known of the request. */
export function knownState<R extends object>(request: R): RequestState<R> | undefined {
  const kept = rawHeadersOf(request)?.[stateKey];
  // Adapters that build requests by hand may give several of them one array.
  const state = kept?.request === request ? kept : others.get(request);
  return state as RequestState<R> | undefined;
}

function newState<R extends object>(request: R): RequestState<R> {
  const state = new RequestState(request);
  const holder = rawHeadersOf(request);
  if (holder !== undefined && holder[stateKey] === undefined && Object.isExtensible(holder)) {
    holder[stateKey] = state;
  }
  // A getter may make another array each time.
  if (rawHeadersOf(request)?.[stateKey] !== state) others.set(request, state);
  return state;
}

/** The state of the request that a view shows. Views that you make yourself hold one of their own. */
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
 * A place on the state of each request for what one adapter keeps.
 * @example
 * const answered = new AdapterSlot<Response>();
 * answered.set(stateOf(request), response);
 */
export class AdapterSlot<T> {
  /** undefined if nothing was kept, or another adapter kept something since. */
  get({ slot }: RequestState): T | undefined {
    return slot?.owner === this ? (slot.value as T) : undefined;
  }

  set(state: RequestState, value: T): void {
    state.slot = { owner: this, value };
  }
}
