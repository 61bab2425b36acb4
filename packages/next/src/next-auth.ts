import type { Auth, IdentityBase } from "@authmodes/core";
import { checkOptionNames } from "@authmodes/core/adapter";
import { watchIncoming } from "./view.ts";
import { createReadAccess, createReadIdentity, type ReadAccess, type ReadIdentity } from "./page.ts";
import { createProxy, type OptimisticCheck } from "./proxy.ts";
import { type Allow, createRouteAllow, createWithAuth, type ErrorResponse, type WithAuth } from "./route.ts";
import { type AuthSource, LazyAuth } from "./source.ts";

export interface NextAuthOptions {
  /** The path of the page where people sign in: where the check in `proxy.ts` sends visitors without credentials. */
  readonly signIn?: string;
  /** Answers what a guarded route handler throws that is no refusal; without it, or where it returns undefined, Next does. */
  readonly errorResponse?: ErrorResponse;
}

/** An auth in the places where Next asks for it. Its members may be taken apart. */
export interface NextAuth<I extends IdentityBase> {
  /** The auth itself. */
  readonly auth: () => Auth<I>;
  /** Guards a route handler. */
  readonly withAuth: WithAuth<I>;
  /** Guards a route handler by the rules. */
  readonly allow: Allow<I>;
  /** Who calls a server component or a server action. */
  readonly identity: ReadIdentity<I>;
  /** What the rules let the caller of a server component or a server action do. */
  readonly access: ReadAccess;
  /** The early, optimistic check for `proxy.ts`. */
  readonly proxy: OptimisticCheck;
}

/**
 * Everything that a Next app needs of an auth. Call it once, in a module of its own.
 * @throws TypeError where the auth or an option is none
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
