import { AcceptedModes, opened } from "../auth/accepted-modes.ts";
import { type Auth, SharedAuth } from "../auth/auth.ts";
import { checkAuth, checkRequirements } from "../auth/requirements.ts";
import { type Access, type LoadRecord, type ReadInput, RouteAccess } from "../policy/access.ts";
import type { GuardedRoute } from "../policy/guarded-route.ts";
import type { Identity } from "../identity.ts";
import { boundedJson } from "../lib/json.ts";
import { must } from "../lib/options.ts";
import type { AuthError } from "../refusal/error.ts";
import { isPreflight, PreflightAnswer } from "../refusal/preflight.ts";
import type { PublicUrl } from "../lib/urls.ts";
import { type RequestState, stateOf } from "../request/state.ts";
import type { IdentityBase, MaybePromise, Requirements, RequestView } from "../types.ts";

/** The arguments of an adapter's `authenticate(auth, needs)`, checked. */
export interface Guard<I extends IdentityBase = IdentityBase> {
  readonly auth: Auth<I>;
  readonly needs: Requirements | undefined;
}

/**
 * Checks the arguments of `authenticate(auth, needs)`, when it is mounted.
 * @param where names the call in errors, as the user writes it: `app.use(authenticate(auth))`
 * @throws TypeError if `auth` is not an auth, or if `needs` would guard nothing: misspelt, undefined or empty
 * @example
 * import { type Auth, nodeView, type NodeRequest, type Requirements } from "@authmodes/core";
 * import { Adapter, createGuard } from "@authmodes/core/adapter";
 *
 * const adapter = new Adapter<NodeRequest>(nodeView);
 * export function authenticate(auth: Auth, needs?: Requirements) {
 *   const guard = createGuard("authenticate(auth)", auth, needs);
 *   return (request: NodeRequest) => adapter.authenticate(request, guard);
 * }
 */
export function createGuard<I extends IdentityBase>(
  where: string,
  auth: Auth<I>,
  needs: Requirements | undefined,
): Guard<I> {
  checkAuth(`${where}: auth`, auth);
  return { auth, needs: checkRequirements("authenticate()", needs) };
}

/** How an adapter's `allow` finds what the rules look at. */
interface RouteInput {
  /** Returns the parsed body of a create or an update; undefined if it is no JSON. See `readJson`. */
  readonly input: ReadInput;
  /** Loads the record; undefined if the rules need none. */
  readonly load: LoadRecord | undefined;
}

/** What an adapter does in its own way. */
interface AdapterOptions<R> {
  /** Finds the state of a request. Default `stateOf`. */
  readonly stateOf?: (request: R) => RequestState;
  /** How to answer CORS preflights before the guard, for the log in development. */
  readonly corsAdvice?: string;
}

/** Reports mistakes of the app, for requests that no auth has seen. */
const unseen = new AcceptedModes(new SharedAuth([], {}), []);

const identityMistake =
  "getIdentity() was called, but no authenticate() of this auth ran: mount authenticate(auth) before the handler";
const accessMistake =
  "getAccess() was called, but no allow() ran: mount allow(operation, model) before the handler";

/**
 * Connects a framework's requests with an auth. CONTRIBUTING.md lists the calls in order.
 * @example
 * import { type Auth, nodeView, type NodeRequest } from "@authmodes/core";
 * import { Adapter } from "@authmodes/core/adapter";
 *
 * const adapter = new Adapter<NodeRequest>(nodeView, { corsAdvice: "mount cors() before authenticate()" });
 * export function getIdentity(request: NodeRequest, auth?: Auth) {
 *   return adapter.identity(request, auth);
 * }
 */
export class Adapter<R extends object> {
  readonly #viewOf: (request: R, publicUrl: PublicUrl | undefined) => RequestView;
  readonly #stateOf: (request: R) => RequestState;
  readonly #corsAdvice: string | undefined;

  /** @param viewOf finds the view of a request for auths with this public URL, such as `nodeView` */
  constructor(
    viewOf: (request: R, publicUrl: PublicUrl | undefined) => RequestView,
    options: AdapterOptions<R> = {},
  ) {
    must(
      typeof viewOf === "function",
      "new Adapter(viewOf): viewOf finds the view of a request, as nodeView does",
    );
    this.#viewOf = viewOf;
    this.#stateOf = options.stateOf ?? ((request) => stateOf(request));
    this.#corsAdvice = options.corsAdvice;
  }

  /**
   * Verifies a request. From here on, `identity` and `view` use this auth.
   * @returns the caller, without a promise if none is needed, as for a cached token: awaiting can take a framework longer
   *   than verifying; undefined for a CORS preflight that `preflight: "pass"` lets through
   * @throws AuthError synchronously or by the promise; `PreflightAnswer` for other CORS preflights
   */
  authenticate<I extends IdentityBase>(request: R, { auth, needs }: Guard<I>): MaybePromise<I | undefined> {
    const view = this.#viewOf(request, auth.publicUrl);
    this.#stateOf(request).auth = auth;
    return opened(auth).guard(view, needs, this.#corsAdvice) as MaybePromise<I | undefined>;
  }

  /**
   * Returns the caller that `authenticate` accepted, for a handler.
   * @param auth default: the last one that ran
   * @param mistake for the log, if no `authenticate` ran: what the developer should write
   * @throws AuthError the rejection, if the request was rejected; `misconfigured` if no `authenticate` of this auth ran,
   *   reported once per request; `mode_not_accepted` for a caller of another mode; `credentials_missing` for a preflight
   *   that was let through
   */
  identity<I extends IdentityBase>(request: R, auth: Auth<I>, mistake?: string): I;
  identity(request: R, auth?: Auth, mistake?: string): Identity;
  identity(request: R, auth = this.#stateOf(request).auth, mistake = identityMistake): IdentityBase {
    if (auth === undefined) throw this.mistake(request, "not_authenticated", mistake);
    return opened(auth).requireIdentity(this.#viewOf(request, auth.publicUrl), mistake);
  }

  /** Returns the request as the modes of the last auth saw it. */
  view(request: R): RequestView {
    return this.#viewOf(request, this.#stateOf(request).auth?.publicUrl);
  }

  /**
   * Evaluates the rules before the handler of a route runs.
   * @throws AuthError if they deny the request; `PreflightAnswer` for a CORS preflight, which never reaches a handler
   */
  async allow(request: R, route: GuardedRoute, input: RouteInput): Promise<RouteAccess> {
    const access = await admitRoute(route, this.#viewOf(request, route.auth.publicUrl), input);
    return (this.#stateOf(request).access = access);
  }

  /**
   * Returns what the rules let the caller do, for a handler.
   * @throws AuthError `misconfigured` if no `allow` ran for this request
   */
  access(request: R, mistake: string = accessMistake): Access {
    const { access } = this.#stateOf(request);
    if (access === undefined) throw this.mistake(request, "allow_missing", mistake);
    return access;
  }

  /**
   * Prepares an error that ended a request to be answered. What a handler threw gets the format of the last auth and an id, and
   * is reported; the rejections of guards have all that already.
   * @returns the error to answer: a copy of what a handler threw, since an app may throw one error for many requests
   */
  rejection(request: R, error: AuthError): AuthError {
    const { auth } = this.#stateOf(request);
    // A preflight by its member: bundlers such as Next's make copies of its class.
    if (auth === undefined || "isPreflight" in error) return error;
    return opened(auth).thrown(this.view(request), error);
  }

  /**
   * Reports a mistake of the app, once per request.
   * @param detail for the log: what is wrong and what to write instead
   * @returns the error to throw, which is answered with 500 `misconfigured`
   */
  mistake(request: R, reason: string, detail: string): AuthError {
    const { auth } = this.#stateOf(request);
    return (auth === undefined ? unseen : opened(auth)).mistake(this.view(request), reason, detail);
  }
}

/**
 * Evaluates the rules as `Adapter.allow` does, for a view, and keeps nothing on the request.
 * @example
 * import { type Auth, type RequestView } from "@authmodes/core";
 * import { admitRoute, routeGuards } from "@authmodes/core/adapter";
 *
 * export async function listOrders(auth: Auth, view: RequestView) {
 *   const route = routeGuards(auth)("list", "Order", {});
 *   const access = await admitRoute(route, view, { input: () => undefined, load: undefined });
 *   return access.filter;
 * }
 */
export async function admitRoute(
  route: GuardedRoute,
  view: RequestView,
  { input, load }: RouteInput,
): Promise<RouteAccess> {
  if (isPreflight(view)) throw new PreflightAnswer();
  const access = new RouteAccess(route, view, input);
  await access.admit(load);
  return access;
}

/** 1 MiB, as `iam` does. */
const maxInputBytes = 1024 * 1024;

/**
 * Reads a body of at most 1 MiB as JSON of at most 100 levels, for servers without a body parser. Returns undefined if it is
 * no such JSON: the caller learns that only after the rules allowed the request.
 * @throws {AuthError} `body_too_large`, `body_timeout`
 * @example
 * import { type Auth, type NodeRequest, nodeView } from "@authmodes/core";
 * import { Adapter, readJson, routeGuards } from "@authmodes/core/adapter";
 *
 * const adapter = new Adapter<NodeRequest>(nodeView);
 * export function createOrder(auth: Auth) {
 *   const route = routeGuards(auth)("create", "Order", {});
 *   return (request: NodeRequest) =>
 *     adapter.allow(request, route, { input: () => readJson(adapter.view(request)), load: undefined });
 * }
 */
export async function readJson(view: RequestView): Promise<unknown> {
  const bytes = await view.body(maxInputBytes);
  try {
    return boundedJson(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
