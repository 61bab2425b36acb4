import type { CanActivate, ExecutionContext } from "@nestjs/common";
import { adapter } from "./adapter.ts";
import { nameOf } from "./execution-context.ts";

// All guards of an execution get the same context. The state of an execution cannot tell: messages of a WebSocket client
// that are no objects share it. On the context, since a WeakSet would keep the garbage collector busy.
const guardedKey: unique symbol = Symbol("guarded");
type GuardedContext = ExecutionContext & { [guardedKey]?: true };

/** Called by the app's guard for each execution that it allows. */
export function markGuarded(context: GuardedContext): true {
  return (context[guardedKey] = true);
}

export function isGuarded(context: GuardedContext): boolean {
  return context[guardedKey] === true;
}

/** Rejects everything that the app's guard has not allowed. */
export const moduleRequiredGuard: CanActivate = {
  canActivate(context) {
    if (isGuarded(context)) return true;
    throw adapter.mistake(
      context,
      "guard_missing",
      `no guard of AuthModesModule ran for ${nameOf(context)}: import AuthModesModule.forRoot({ auth }) in the app's ` +
        "module, and in a hybrid app give its guards to microservices: " +
        "connectMicroservice(options, { inheritAppConfig: true })",
    );
  },
};
