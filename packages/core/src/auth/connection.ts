import { asAuthError, AuthError } from "../refusal/error.ts";
import { isPromise } from "../lib/is-promise.ts";
import { lastVerified, recheck } from "./recheck.ts";
import type { Clock, IdentityBase, MaybePromise } from "../types.ts";

/** How often an open connection asks whether its credential is still good: every 60 seconds. */
export const recheckSeconds = 60;
/** How long a connection may stay open, also if its credential does not expire: 24 hours. */
export const maxConnectionSeconds = 86_400;

/** A connection whose credential is watched. */
export interface ConnectionWatch {
  /** Whether the connection may send something now. Waits for a question about the credential that is under way. */
  mayStillSend(): MaybePromise<boolean>;
  /** Call it when the connection has closed. */
  stop(): void;
}

/**
 * Ends a connection that stays open (a WebSocket, server-sent events, a subscription) when its credential expires, when
 * it is revoked, and after 24 hours at the latest. Asks `revoked`, the store of API keys or access keys and the
 * authorizer every 60 seconds; if they fail, the connection ends too.
 * @param identity as `authenticate` returned it
 * @param end called once, with the error to tell the client. What it throws is one line on stderr; `mayStillSend` is
 *   false all the same
 * @example
 * const watch = watchConnection(await auth.authenticate(view), (error) => socket.close(1008, error.message));
 * socket.once("close", () => watch.stop());
 */
export function watchConnection(
  identity: IdentityBase,
  end: (error: AuthError) => void,
  clock: Clock = Date.now,
): ConnectionWatch {
  const watch = new Watch(identity, end, clock);
  watch.start();
  return watch;
}

class Watch implements ConnectionWatch {
  readonly #identity: IdentityBase;
  readonly #end: (error: AuthError) => unknown;
  readonly #clock: Clock;
  readonly #oldest: number;
  readonly #last: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: Promise<void> | undefined;
  #isOver = false;

  constructor(identity: IdentityBase, end: (error: AuthError) => unknown, clock: Clock) {
    this.#identity = identity;
    this.#end = end;
    this.#clock = clock;
    this.#oldest = clock() + maxConnectionSeconds * 1000;
    this.#last = Math.min(this.#oldest, (identity.expiresAt ?? Infinity) * 1000);
  }

  start(): void {
    // On a socket that was opened long ago, the credential may have been revoked since.
    const known = lastVerified(this.#identity);
    if (known !== undefined && this.#clock() - known >= recheckSeconds * 1000) this.#ask();
    this.#wait();
  }

  stop(): void {
    this.#isOver = true;
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
    this.#timer = setTimeout(
      () => {
        if (this.#clock() < this.#last) this.#ask();
        this.#wait();
      },
      Math.min(left, recheckSeconds * 1000),
    );
    // No connection that only waits keeps a process alive; other runtimes have numbers for timers.
    if (typeof this.#timer === "object") this.#timer.unref();
  }

  #endInTime(): void {
    if (this.#clock() < this.#last) return;
    const reason = this.#last === this.#oldest ? "connection_too_old" : "connection_expired";
    this.#finish(new AuthError("credentials_expired", reason));
  }

  #ask(): void {
    // One question that hangs until the next is due is a store that is down.
    if (this.#asking !== undefined) return this.#finish(new AuthError("unavailable", "verification_hangs"));
    this.#asking = recheck(this.#identity, this.#clock()).then(
      () => void (this.#asking = undefined),
      (error: unknown) => this.#finish(asAuthError(error)),
    );
  }

  #finish(error: AuthError): void {
    if (this.#isOver) return;
    this.stop();
    // It runs in a timer, where an error would end the process.
    try {
      const ended: unknown = this.#end(error);
      if (isPromise(ended)) ended.then(undefined, reportEnd);
    } catch (thrown) {
      reportEnd(thrown);
    }
  }
}

/** Without the message, which may quote what the connection carries. */
function reportEnd(thrown: unknown): void {
  const name = thrown instanceof Error ? thrown.name : "something that is not an Error";
  console.error(
    `authmodes: the connection was not ended: the function given to watchConnection() threw ${name}`,
  );
}
