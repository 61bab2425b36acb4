import {
  type Access,
  AuthError,
  type CallContext,
  type IdentityBase,
  type MaybePromise,
  type Requirements,
  type RouteOperation,
} from "@authmodes/core";
import {
  admitRoute,
  carriesCredentials,
  checkRequirements,
  guardedRoute,
  partView,
} from "@authmodes/core/adapter";
import { checkOptionNames } from "@authmodes/core/options";
import type { LazyAuth } from "./next-auth.ts";
import { type PageRequest, pageRequest, pageView } from "./view.ts";

/** Options of `access`. */
export interface PageAccessOptions {
  /** Loads the record that a get, an update or a delete is about. */
  readonly load?: (context: CallContext) => MaybePromise<object | null | undefined>;
  /** The input of a create or an update. */
  readonly input?: unknown;
  /** Groups and scopes that the caller must have. */
  readonly needs?: Requirements;
}

/**
 * Returns the caller of a server component or a server action; undefined without credentials, and if they are expired, malformed,
 * wrong or lack what `needs` asks. The request is verified once.
 * @throws {AuthError} if a provider or a store is down, so that nothing can be said of the caller; `rate_limited`
 */
export type ReadIdentity<I extends IdentityBase> = (needs?: Requirements) => Promise<I | undefined>;

/**
 * Asks the rules in a server component or a server action, and returns what the caller may do.
 * @throws {AuthError} `forbidden` if the rules deny it; the rejection if the request was rejected
 */
export type ReadAccess = (
  operation: RouteOperation,
  model: string,
  options?: PageAccessOptions,
) => Promise<Access>;

export function createReadIdentity<I extends IdentityBase>(source: LazyAuth<I>): ReadIdentity<I> {
  return async function identity(needs) {
    const asked = checkRequirements("identity()", needs);
    const request = await requestOf("identity()");
    const auth = source.get();
    const view = partView(pageView(request, auth.publicUrl));
    if (!auth.modes.includes("none") && !carriesCredentials(auth, view)) return undefined;
    try {
      return await auth.authenticate(view, asked);
    } catch (error) {
      const isNoCaller = error instanceof AuthError && error.status < 500 && error.code !== "rate_limited";
      if (isNoCaller) return undefined;
      throw error;
    }
  };
}

export function createReadAccess<I extends IdentityBase>(source: LazyAuth<I>): ReadAccess {
  return async function access(operation, model, { input, ...options } = {}) {
    checkOptionNames("access()", options, ["load", "input", "needs"]);
    const { load, needs } = options;
    const request = await requestOf("access()");
    const auth = source.get();
    const route = guardedRoute(auth, operation, model, load === undefined ? {} : { load });
    const view = partView(pageView(request, auth.publicUrl));
    await auth.authenticate(view, needs);
    return admitRoute(route, view, { input: () => input, load });
  };
}

async function requestOf(where: string): Promise<PageRequest> {
  try {
    return await pageRequest();
  } catch (error) {
    // A cached result is shared by all callers. Next throws by itself; its other errors control rendering and pass.
    const scope = error instanceof Error ? /"use cache"|unstable_cache/.exec(error.message)?.[0] : undefined;
    if (scope === undefined) throw error;
    throw new Error(
      `${where} was called inside ${scope}: what one caller gets would be cached for the others. ` +
        "Call it outside, and pass what the cached function needs, such as identity.id, as an argument.",
      { cause: error },
    );
  }
}
