import type { Auth, IdentityBase } from "@authmodes/core";
import { checkAuth } from "@authmodes/core/adapter";
import { checkFunction, checkOptions, must } from "@authmodes/core/options";
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
  const where = "createNextAuth()";
  const auth = new LazyAuth(source);
  checkOptions(where, options, { signIn: ["signInPage"], errorResponse: [] });
  const { signIn, errorResponse } = options;
  must(
    signIn === undefined || /^\/(?!\/)[^?#\\]*$/.test(signIn),
    `${where}: signIn is the path of a page, such as '/sign-in', not '${signIn}'`,
  );
  checkFunction(`${where}: errorResponse`, errorResponse, "(error) => Response | undefined");
  watchIncoming();
  return {
    auth: auth.get,
    withAuth: createWithAuth(auth, errorResponse),
    withApiAuth: createWithApiAuth(auth),
    allow: createRouteAllow(auth, errorResponse),
    identity: createReadIdentity(auth),
    access: createReadAccess(auth),
    proxy: createProxy(auth, signIn),
  };
}

/** An auth that is made when it is first needed. */
export class LazyAuth<I extends IdentityBase> {
  readonly get: () => Auth<I>;
  readonly #isMade: boolean;

  /** @throws TypeError if it is neither an auth nor a function; later, if the function returns no auth */
  constructor(source: AuthSource<I>) {
    this.#isMade = typeof source !== "function";
    this.get = this.#once(() => {
      const auth = typeof source === "function" ? source() : source;
      checkAuth("createNextAuth(auth): auth, or what its function returns,", auth);
      return auth;
    });
  }

  /** @throws TypeError if it is no list of modes; later, if the auth has no such mode */
  only(where: string, modes: readonly string[] | undefined): LazyAuth<IdentityBase> {
    must(
      modes === undefined || (Array.isArray(modes) && modes.length > 0),
      `${where}: modes is a list of at least one mode, such as ["userPool"]`,
    );
    if (modes === undefined) return this;
    const restricted = this.derive((auth: Auth) => auth.only(...modes));
    return new LazyAuth(this.#isMade ? restricted() : restricted);
  }

  /** A value made from the auth: immediately if the auth exists, so that mistakes show when the app starts. */
  derive<T extends object>(make: (auth: Auth<I>) => T): () => T {
    return this.#once(() => make(this.get()));
  }

  #once<T extends object>(make: () => T): () => T {
    let made = this.#isMade ? make() : undefined;
    return () => (made ??= make());
  }
}
