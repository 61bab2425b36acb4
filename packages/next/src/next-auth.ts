import type { Auth, IdentityBase } from "@authmodes/core";
import { checkAuth, checkOptionNames } from "@authmodes/core/adapter";
import { createWithApiAuth, type WithApiAuth } from "./api-route.ts";
import { watchIncoming } from "./view.ts";
import { createReadAccess, createReadIdentity, type ReadAccess, type ReadIdentity } from "./page.ts";
import { createProxy, type OptimisticCheck } from "./proxy.ts";
import { type Allow, createRouteAllow, createWithAuth, type ErrorResponse, type WithAuth } from "./route.ts";

/** An auth, or a function that makes it: Next loads the modules of an app also while it builds, when secrets may be missing. */
export type AuthSource<I extends IdentityBase> = Auth<I> | (() => Auth<I>);

/** Options of `createNextAuth`. */
export interface NextAuthOptions {
  /** The path of the sign-in page, to which the check in `proxy.ts` redirects visitors without credentials. Default: a 401. */
  readonly signIn?: string;
  /** Answers errors of guarded route handlers that are no rejections. Without it, or if it returns undefined, Next answers. */
  readonly errorResponse?: ErrorResponse;
}

/** An auth for the parts of a Next app. Its members can be destructured. */
export interface NextAuth<I extends IdentityBase> {
  /** The auth itself. */
  readonly auth: () => Auth<I>;
  /** Guards a route handler. */
  readonly withAuth: WithAuth<I>;
  /** Guards an API route of the Pages Router. */
  readonly withApiAuth: WithApiAuth<I>;
  /** Guards a route handler by the rules. */
  readonly allow: Allow<I>;
  /** Returns the caller of a server component or a server action. */
  readonly identity: ReadIdentity<I>;
  /** Asks the rules in a server component or a server action. */
  readonly access: ReadAccess;
  /** The early, optimistic check for `proxy.ts`. */
  readonly proxy: OptimisticCheck;
}

/**
 * Makes the guards of a Next app from an auth. Call it once, in a module of its own.
 * @param source the auth, or a function that makes it when it is first needed: Next loads modules also while it builds
 * @throws TypeError if the auth or an option has the wrong type
 * @example
 * import { apiKey, createAuth, createNextAuth } from "@authmodes/next";
 *
 * const keys = [{ id: "partner", hash: process.env["PARTNER_KEY_HASH"] ?? "", expiresAt: null }];
 * export const { withAuth, identity, proxy } = createNextAuth(() => createAuth([apiKey({ keys })]), { signIn: "/sign-in" });
 */
export function createNextAuth<I extends IdentityBase>(
  source: AuthSource<I>,
  options: NextAuthOptions = {},
): NextAuth<I> {
  const auth = new LazyAuth(source);
  checkOptions(options);
  watchIncoming();
  return {
    auth: auth.get,
    withAuth: createWithAuth(auth, options.errorResponse),
    withApiAuth: createWithApiAuth(auth),
    allow: createRouteAllow(auth, options.errorResponse),
    identity: createReadIdentity(auth),
    access: createReadAccess(auth),
    proxy: createProxy(auth, options.signIn),
  };
}

function checkOptions(options: NextAuthOptions): void {
  checkOptionNames("createNextAuth()", options, ["signIn", "errorResponse"], { signInPage: "signIn" });
  const { signIn, errorResponse } = options;
  if (signIn !== undefined && !/^\/(?!\/)[^?#\\]*$/.test(signIn)) {
    throw new TypeError(
      `createNextAuth(): signIn is the path of a page, such as '/sign-in', not '${signIn}'`,
    );
  }
  if (errorResponse !== undefined && typeof errorResponse !== "function") {
    throw new TypeError("createNextAuth(): errorResponse is a function, (error) => Response | undefined");
  }
}

/** An auth that is made when it is first needed. */
export class LazyAuth<I extends IdentityBase> {
  readonly get: () => Auth<I>;
  readonly #isMade: boolean;

  /** @throws TypeError if it is neither an auth nor a function; later, if the function returns no auth */
  constructor(source: AuthSource<I>) {
    this.#isMade = typeof source !== "function";
    this.get = typeof source === "function" ? once(() => checked(source())) : () => source;
    if (typeof source !== "function") checked(source);
  }

  /** A value made from the auth: immediately if the auth exists, so that mistakes show when the app starts. */
  derive<T>(make: (auth: Auth<I>) => T): () => T {
    const made = once(() => make(this.get()));
    if (this.#isMade) made();
    return made;
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function checked<I extends IdentityBase>(auth: Auth<I>): Auth<I> {
  checkAuth("createNextAuth(auth): auth, or what its function returns,", auth);
  return auth;
}
