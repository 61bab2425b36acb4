import { nameOf } from "../lib/log.ts";
import { asAuthError, AuthError } from "../refusal/error.ts";
import { isPromise, unreferenced } from "../lib/promises.ts";
import { lastVerified, onAnnounced, recheck, recheckAnnounced } from "./recheck.ts";
import type { Clock, IdentityBase, MaybePromise } from "../types.ts";

/** How often the credential of an open connection is checked again: every 60 seconds. */
export const recheckSeconds = 60;
/** How long a connection may stay open, also if its credential does not expire: 24 hours. */
export const maxConnectionSeconds = 86_400;

/** After an announced change the connections are checked spread over this time, since there may be thousands. */
const spreadMs = 2000;

/** A connection whose credential is watched. Returned by `watchConnection`. */
export interface ConnectionWatch {
  /** Whether the connection may send something now. Waits for a check that is running. */
  mayStillSend(): MaybePromise<boolean>;
  /** Call it when the connection has closed. */
  stop(): void;
}

/**
 * Closes a connection that stays open (a WebSocket, server-sent events, a subscription) when its credential expires, when
 * it is revoked, and after 24 hours at the latest. Calls `revoked`, the store of API keys or access keys and the authorizer
 * again every 60 seconds, and those that announce changes (`LookUp`) within 2 seconds of one; if they fail, the connection is
 * closed too.
 * @param identity as `authenticate` returned it: the credential of a copy or a proxy is not verified again
 * @param end closes the connection. Called once, with the error for the client. If it throws, that is one line on stderr,
 *   and `mayStillSend` is false
 * @param clock default `Date.now`
 * @example
 * import { type IdentityBase, watchConnection } from "@authmodes/core";
 * import type { ServerResponse } from "node:http";
 *
 * export function sendEvents(response: ServerResponse, identity: IdentityBase): void {
 *   const watch = watchConnection(identity, () => response.end());
 *   response.once("close", () => watch.stop());
 *   setInterval(async () => {
 *     if (await watch.mayStillSend()) response.write("data: tick\n\n");
 *   }, 5000).unref();
 * }
 */
export function watchConnection(
  identity: IdentityBase,
  end: (error: AuthError) => void,
  clock: Clock = Date.now,
): ConnectionWatch {
  return new Watch(identity, end, clock);
}

class Watch implements ConnectionWatch {
  readonly #identity: IdentityBase;
  readonly #end: (error: AuthError) => unknown;
  readonly #clock: Clock;
  readonly #oldest: number;
  readonly #last: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: Promise<void> | undefined;
  #changed: ReturnType<typeof setTimeout> | undefined;
  #unwatch = () => {};
  #isOver = false;

  constructor(identity: IdentityBase, end: (error: AuthError) => unknown, clock: Clock) {
    this.#identity = identity;
    this.#end = end;
    this.#clock = clock;
    this.#oldest = clock() + maxConnectionSeconds * 1000;
    this.#last = Math.min(this.#oldest, (identity.expiresAt ?? Infinity) * 1000);
    this.#unwatch = onAnnounced(identity, () => {
      const ask = () => void this.#askAnnounced();
      this.#changed ??= unreferenced(setTimeout(ask, Math.random() * spreadMs));
    });
    // The socket may be old, and the credential revoked since.
    const known = lastVerified(identity);
    if (known !== undefined && clock() - known >= recheckSeconds * 1000) this.#ask();
    // What changed between the verification and now was not announced to this connection.
    void this.#askAnnounced();
    this.#wait();
  }

  stop(): void {
    this.#isOver = true;
    this.#unwatch();
    clearTimeout(this.#changed);
    clearTimeout(this.#timer);
  }

  mayStillSend(): MaybePromise<boolean> {
    this.#endInTime();
    return this.#asking === undefined ? !this.#isOver : this.#asking.then(() => !this.#isOver);
  }

  #wait(): void {
    this.#endInTime();
    if (this.#isOver) return;
    const left = this.#last - this.#clock();
    const onTime = () => {
      if (this.#clock() < this.#last) this.#ask();
      this.#wait();
    };
    // An idle connection must not keep the process alive.
    this.#timer = unreferenced(setTimeout(onTime, Math.min(left, recheckSeconds * 1000)));
  }

  #endInTime(): void {
    if (this.#clock() < this.#last) return;
    const reason = this.#last === this.#oldest ? "connection_too_old" : "connection_expired";
    this.#finish(new AuthError("credentials_expired", reason));
  }

  #ask(): void {
    // A check that hangs until the next one is due means that the store is down.
    if (this.#asking !== undefined) return this.#finish(new AuthError("unavailable", "verification_hangs"));
    this.#asking = recheck(this.#identity, this.#clock()).then(
      () => void (this.#asking = undefined),
      (error: unknown) => this.#finish(asAuthError(error)),
    );
  }

  /** Also if another check is running, which may have read before the change. */
  async #askAnnounced(): Promise<void> {
    this.#changed = undefined;
    try {
      await recheckAnnounced(this.#identity, this.#clock());
    } catch (error) {
      this.#finish(asAuthError(error));
    }
  }

  #finish(error: AuthError): void {
    if (this.#isOver) return;
    this.stop();
    // An error in a timer would end the process.
    try {
      const ended: unknown = this.#end(error);
      if (isPromise(ended)) ended.then(undefined, reportEnd);
    } catch (thrown) {
      reportEnd(thrown);
    }
  }
}

function reportEnd(thrown: unknown): void {
  const what = "the connection was not ended: the function given to watchConnection()";
  console.error(`authmodes: ${what} threw ${nameOf(thrown)}`);
}
