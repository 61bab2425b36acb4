import { type IdentityBase, type RequestView, watchConnection } from "@authmodes/core";
import type { CanActivate, ExecutionContext } from "@nestjs/common";
import type { WebSocket } from "ws";

/** The state of a WebSocket client since its handshake. */
export interface Client {
  readonly handshake: RequestView;
  /** Of the client's app: several apps may share a gateway class, which holds its guards. */
  readonly guard: CanActivate;
  /** Makes what the filters of gateways look for, of a package that only apps with gateways have. */
  readonly toException: (rejection: object) => Error;
  isWatched: boolean;
}

const clients = new WeakMap<object, Client>();

export function registerClient(socket: WebSocket, client: Client): void {
  clients.set(socket, client);
}

/** The sender of a message; undefined if its handshake was not verified. */
export function clientOf(context: ExecutionContext): Client | undefined {
  return clients.get(context.switchToWs().getClient<object>());
}

// RFC 6455 §7.4.1 and the IANA registry: a policy was violated; try again later.
const policyViolation = 1008;
const tryAgainLater = 1013;

/** Closes the connection when the credentials expire or are revoked, and after 24 hours at the latest. */
export function closeInTime(socket: WebSocket, identity: IdentityBase | undefined): void {
  const client = clients.get(socket);
  if (client === undefined || client.isWatched || identity === undefined) return;
  client.isWatched = true;
  const watch = watchConnection(identity, ({ status, message }) =>
    socket.close(status >= 500 ? tryAgainLater : policyViolation, message),
  );
  socket.once("close", () => watch.stop());
}
