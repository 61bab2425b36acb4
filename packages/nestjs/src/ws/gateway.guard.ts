import type { CanActivate } from "@nestjs/common";
import type { WebSocket } from "ws";
import { isGuarded, knownIdentity, noRequest } from "../adapter.ts";
import { clientOf, closeInTime } from "./clients.ts";

/** Runs the guard of the client's app: before NestJS 12 gateways have none of the app's guards. */
export const gatewayGuard: CanActivate = {
  async canActivate(context) {
    const client = clientOf(context);
    if (client === undefined) throw noRequest(context);
    if (!isGuarded(context)) await client.guard.canActivate(context);
    // After an open handshake the credentials of a message limit how long the connection lasts.
    closeInTime(context.switchToWs().getClient<WebSocket>(), knownIdentity(context));
    return true;
  },
};
