import { AuthError } from "@authmodes/core";
import type { CanActivate, ExecutionContext, NestInterceptor } from "@nestjs/common";
import { logMisuse } from "../rejections.ts";
import { isGuarded } from "../module-required.guard.ts";
import { nameOf } from "../adapter.ts";

/** What an app has for the messages of its WebSocket clients. */
export interface ClientApp {
  readonly guard: CanActivate;
  readonly interceptor: NestInterceptor;
  /** Told of every message that was let pass. */
  readonly passed: (client: object, context: ExecutionContext) => void;
}

const apps = new WeakMap<object, ClientApp>();

/** Called when a client has shaken hands. */
export function bindClient(client: object, app: ClientApp): void {
  apps.set(client, app);
}

// Gateways have these on their classes, which several apps may share: the client tells the app.

export const gatewayGuard: CanActivate = {
  async canActivate(context) {
    const client = clientOf(context);
    const app = apps.get(client);
    if (app === undefined) throw logMisuse(unseen(context));
    if (!isGuarded(context)) await app.guard.canActivate(context);
    app.passed(client, context);
    return true;
  },
};

export const gatewayInterceptor: NestInterceptor = {
  intercept(context, next) {
    return apps.get(clientOf(context))?.interceptor.intercept(context, next) ?? next.handle();
  },
};

function clientOf(context: ExecutionContext): object {
  return context.switchToWs().getClient<object>();
}

function unseen(context: ExecutionContext): AuthError {
  return new AuthError("misconfigured", "no_request", {
    detail:
      `a client of ${nameOf(context)} shook hands unseen: ` +
      "write app.useWebSocketAdapter(new AuthModesWsAdapter(app))",
  });
}
