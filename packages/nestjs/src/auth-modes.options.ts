import type { Auth } from "@authmodes/core";
import { checkAuth } from "@authmodes/core/adapter";
import { checkOptionNames } from "@authmodes/core/options";
import type { ExecutionContext } from "@nestjs/common";

/** Options of `AuthModesModule.forRoot`. */
export interface AuthModesOptions {
  /** The modes of the server: what `createAuth` returned. */
  readonly auth: Auth;
  /**
   * The credentials of a microservice's message, as headers by their lower-case names, such as
   * `(context) => ({ authorization: context.switchToRpc().getData().token })`. Without it no message has any, so only
   * handlers with `@AllowAnonymous()` are served.
   */
  readonly messageHeaders?: (context: ExecutionContext) => Readonly<Record<string, string | undefined>>;
}

/** The options of the module. */
export const AUTH_OPTIONS: unique symbol = Symbol("AuthModesOptions");

/** The auth of the app: `@Inject(AUTH) auth: Auth`. */
export const AUTH: unique symbol = Symbol("Auth");

/** @throws TypeError that says what to write instead */
export function checkOptions(options: AuthModesOptions): AuthModesOptions {
  const where = "AuthModesModule.forRoot()";
  checkOptionNames(where, options, ["auth", "messageHeaders"]);
  checkAuth(`${where}: auth`, options.auth);
  if (options.messageHeaders !== undefined && typeof options.messageHeaders !== "function") {
    throw new TypeError(
      `${where}: messageHeaders is a function, such as (context) => ({ authorization: … })`,
    );
  }
  return options;
}
