import { nameOf } from "./log.ts";
import type { MaybePromise, CallContext } from "../types.ts";
import { type AuthError, unavailable } from "../refusal/error.ts";

/**
 * Whether a value is a promise, by its `then`: promises of other libraries, and of another realm as under Jest, are not
 * instances of this `Promise`, and a promise of a caller must not pass for a caller.
 * @example
 * import { isPromise } from "@authmodes/core/adapter";
 *
 * console.log(isPromise(Promise.resolve(1)), isPromise(1)); // true false
 */
export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as Partial<PromiseLike<T>> | null | undefined)?.then === "function";
}

/** Calls `next` with a value: synchronously, or once its promise is fulfilled. */
export function after<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return isPromise(value) ? Promise.resolve(value).then(next) : next(value);
}

/** How long a function of yours may take while a request waits for it: finders, `revoked`, `load`, authorizers. */
export const waitSeconds = 5;

/** A function of the developer's that a request waits for. */
export interface Wait {
  /** Names the function in the log: `apiKey({ keys })`. */
  readonly what: string;
  /** The private reason of the 503: `finder_timeout`. */
  readonly reason: string;
  /** Default `waitSeconds`. */
  readonly seconds?: number;
}

/** Work that has limits of its own, such as reading the body; undefined while there is none. */
type WaitElsewhere = () => PromiseLike<unknown> | undefined;

/**
 * Calls a function of the developer's and gives up if it takes too long: its signal is aborted, a later result is ignored,
 * a later rejection is one line on stderr. A synchronous function costs no promise and no timer. Time is real time, not
 * the `clock` option.
 * @param elsewhere work whose time does not count
 * @throws AuthError `unavailable` with the reason of the wait; anything that the function throws
 * @example
 * import { within } from "@authmodes/core/adapter";
 *
 * export function loadPlan(id: string) {
 *   const wait = { what: "loadPlan()", reason: "plan_timeout", seconds: 2 };
 *   return within(wait, async ({ signal }) => fetch(`https://plans.example.com/${id}`, { signal }));
 * }
 */
export function within<T>(
  wait: Wait,
  call: (context: CallContext) => MaybePromise<T>,
  elsewhere?: WaitElsewhere,
): MaybePromise<T> {
  const context = new LazyContext();
  const result = call(context);
  return isPromise(result) ? inTime(wait, result, context, elsewhere) : result;
}

/** Makes the signal on first use: an AbortController costs more than most finders. */
class LazyContext implements CallContext {
  #controller: AbortController | undefined;
  /** Why the call was given up. */
  reason: AuthError | undefined;

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.reason !== undefined) this.#controller.abort(this.reason);
    return this.#controller.signal;
  }

  giveUp(reason: AuthError): void {
    this.reason = reason;
    this.#controller?.abort(reason);
  }
}

function inTime<T>(
  { what, reason, seconds = waitSeconds }: Wait,
  result: PromiseLike<T>,
  context: LazyContext,
  elsewhere: WaitElsewhere | undefined,
): Promise<T> {
  let isSettled = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return new Promise((resolve, reject) => {
    const onTimeout = () => {
      const other = elsewhere?.();
      if (other !== undefined) return void other.then(start, start);
      const error = unavailable(reason, `${what} took longer than ${seconds} s`);
      reject(error);
      context.giveUp(error);
    };
    const start = () => {
      if (!isSettled) timer = unreferenced(setTimeout(onTimeout, seconds * 1000));
    };
    const settle = () => {
      isSettled = true;
      clearTimeout(timer);
    };
    start();
    // Only a native promise is sure to settle with a value: another thenable may resolve with a thenable.
    Promise.resolve(result).then(
      (value) => {
        settle();
        resolve(value);
      },
      (error: unknown) => {
        settle();
        if (context.reason === undefined) reject(error);
        else reportLate(what, error, context.reason);
      },
    );
  });
}

/** A function that stopped because of its signal is not reported. */
function reportLate(what: string, error: unknown, reason: AuthError): void {
  const name = nameOf(error);
  if (error === reason || name === "AbortError" || (error instanceof Error && error.cause === reason)) return;
  console.error(`authmodes: ${what} was given up, and rejected later with ${name}`);
}

/** A timer keeps a Node process alive; in other runtimes it is a number. */
export function unreferenced<T>(timer: T): T {
  if (typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function") {
    timer.unref();
  }
  return timer;
}

/**
 * Asks another server, and gives up after a time: also if a `fetch` of the user's ignores its signal.
 * @throws DOMException `TimeoutError`; what the function throws
 */
export async function withinSeconds<T>(
  seconds: number,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  // It takes whole milliseconds only.
  const signal = AbortSignal.timeout(Math.ceil(seconds * 1000));
  const answer = ask(signal);
  const late = new Promise<never>((_resolve, reject) => {
    const stop = () => reject(new DOMException(`no answer within ${seconds} s`, "TimeoutError"));
    signal.addEventListener("abort", stop, { once: true });
  });
  return Promise.race([answer, late]);
}
