import {
  type Access,
  AuthError,
  type CallContext,
  type IdentityBase,
  type MaybePromise,
  type Requirements,
  type RouteOperation,
  type Values,
} from "@authmodes/core";
import {
  admitRoute,
  carriesCredentials,
  checkOptionNames,
  checkRequirements,
  guardedRoute,
  partView,
} from "@authmodes/core/adapter";
import { type PageRequest, pageRequest, pageView } from "./page-view.ts";
import type { LazyAuth } from "./source.ts";

export interface PageAccessOptions {
  /** Finds the record that a get, an update or a delete is about. */
  readonly load?: (context: CallContext) => MaybePromise<Values | null | undefined>;
  /** What a create or an update wants to write. */
  readonly input?: unknown;
  /** What the caller has to bring besides. */
  readonly needs?: Requirements;
}

/**
 * Who calls a server component or a server action; undefined where nobody is proven to: without credentials, and with
 * such as are expired or wrong.
 * @throws AuthError where it cannot be told: a provider or a store is down
 */
export type ReadIdentity<I extends IdentityBase> = (needs?: Requirements) => Promise<I | undefined>;

/**
 * What the rules let the caller of a server component or a server action do.
 * @throws AuthError where they do not let them
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
      if (error instanceof AuthError && error.status < 500) return undefined;
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
    // What is cached is given to everybody. Next refuses by itself; its other errors steer rendering and are let go.
    const scope = error instanceof Error ? /"use cache"|unstable_cache/.exec(error.message)?.[0] : undefined;
    if (scope === undefined) throw error;
    throw new Error(
      `${where} was called inside ${scope}: what one caller gets would be kept for the next. ` +
        "Call it outside, and hand what the cached function needs to know, such as identity.id, to it as an argument.",
      { cause: error },
    );
  }
}
