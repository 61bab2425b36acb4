import { AuthError } from "@authmodes/core";
import type { CanActivate, ExecutionContext } from "@nestjs/common";
import { logMisuse } from "./rejections.ts";
import { nameOf } from "./adapter.ts";

// All guards of a run are given the same context. On it, since a WeakSet would keep the garbage collector busy.
const guardedKey: unique symbol = Symbol("guarded");
type GuardedContext = ExecutionContext & { [guardedKey]?: true };

/** Called by the app's guard for what it let pass. */
export function markGuarded(context: GuardedContext): void {
  context[guardedKey] = true;
}

export function isGuarded(context: GuardedContext): boolean {
  return context[guardedKey] === true;
}

const advice =
  "import AuthModesModule.forRoot({ auth }) in the app's module, and in a hybrid app give its guards to " +
  "microservices: connectMicroservice(options, { inheritAppConfig: true })";

/** Lets nobody in where the app's guard did not run. */
export const requireModule: CanActivate = {
  canActivate(context) {
    if (isGuarded(context)) return true;
    throw logMisuse(
      new AuthError("misconfigured", "guard_missing", {
        detail: `no guard of AuthModesModule ran for ${nameOf(context)}: ${advice}`,
      }),
    );
  },
};
