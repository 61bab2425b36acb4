import { type IdentityBase, watchConnection } from "@authmodes/core";
import { Observable } from "rxjs";

/** A WebSocket client as the package `ws` knows it. */
export interface Client {
  once(event: "close", listener: () => void): unknown;
  close(code: number, reason: string): void;
}

// RFC 6455 §7.4.1 and the IANA registry: a policy was violated; try again later.
const policyViolation = 1008;
const tryAgainLater = 1013;

const watched = new WeakSet<Client>();

/** Closes the connection when the credentials expire or are revoked, and after 24 hours at the latest. */
export function closeInTime(client: Client, identity: IdentityBase | undefined): void {
  if (identity === undefined || watched.has(client)) return;
  watched.add(client);
  const watch = watchConnection(identity, ({ status, message }) =>
    client.close(status >= 500 ? tryAgainLater : policyViolation, message),
  );
  client.once("close", () => watch.stop());
}

/** The same events until then; the client gets the reason as the last event, named `error`. */
export function endInTime<T>(events: Observable<T>, identity: IdentityBase): Observable<T> {
  return new Observable((subscriber) => {
    const watch = watchConnection(identity, (error) => subscriber.error(error));
    subscriber.add(() => watch.stop());
    subscriber.add(events.subscribe(subscriber));
  });
}
