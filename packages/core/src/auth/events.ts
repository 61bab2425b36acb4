import type { AuthErrorCode } from "../refusal/error.ts";
import { isPromise } from "../lib/promises.ts";
import { checkOptionNames, must } from "../lib/options.ts";
import type { Question, Values } from "../policy/policy.ts";
import type { IdentityBase } from "../types.ts";

/** What one mode found on a request, and the outcome. */
export interface TraceEntry {
  readonly mode: string;
  /** The place of its credentials (see `Detection.place`); null if it found none. */
  readonly place: string | null;
  readonly outcome: "absent" | "ignored" | "refused" | "verified";
}

/** An acceptance or a rejection, with the trace of the verification. Text is bounded and escaped. */
export interface AuthEvent {
  /** `accepted`: the caller was verified. `allowed`: a rule allowed the operation. `refused`: one of them failed. */
  readonly type: "accepted" | "allowed" | "refused";
  /** The id of the request, which is also in the answer to a rejection. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly method: string;
  /** Without the query, which may hold credentials. */
  readonly path: string;
  /** The mode that decided; undefined if none did. */
  readonly mode: string | undefined;
  /** The `id` of the caller, if it was verified. */
  readonly caller: string | null;
  /** The code of a rejection. */
  readonly code: AuthErrorCode | undefined;
  /** The reason of a rejection: finer than the code, and not in the answer. */
  readonly reason: string | undefined;
  /** The cause of a rejection and how to fix it, or the words of the rule that allowed the operation. */
  readonly detail: string | undefined;
  /** The rule that allowed the operation. */
  readonly rule: string | undefined;
  /**
   * What a function of yours threw, unchanged. Log its `stack` and not its other properties: errors of HTTP and SQL clients can
   * have headers and parameters. For a failed request to an issuer or an HTTP authorizer, a copy without these.
   */
  readonly cause: unknown;
  /** Whether `reportOnly` let a rejected request pass. */
  readonly reportOnly: boolean;
  /** One entry for each mode of the server. */
  readonly trace: readonly TraceEntry[];
}

/** The caller of an event, and what a rule decided about. */
export interface EventSubject {
  readonly identity: IdentityBase;
  /** undefined if no rule was asked, and in GraphQL. */
  readonly question: Question<Values> | undefined;
}

/** Kept apart from events, since logs write all that an event holds, and records belong in no log. */
export const subjects: WeakMap<AuthEvent, EventSubject> = new WeakMap();

/**
 * Returns the subject of an event that a listener was given; undefined if no caller was authenticated.
 * @example
 * import type { Auth } from "@authmodes/core";
 * import { subjectOf } from "@authmodes/core/inspect";
 *
 * export function listCallers(auth: Auth): void {
 *   auth.onEvent((event) => console.log(event.id, subjectOf(event)?.identity.id), { logs: false });
 * }
 */
export function subjectOf(event: AuthEvent): EventSubject | undefined {
  return subjects.get(event);
}

/** Called for every event. If it throws or rejects, the request is not affected. */
export type AuthListener = (event: AuthEvent) => void;

/** Options of `auth.onEvent`. */
export interface ListenOptions {
  /** Whether the listener writes a log, so that rejections are not logged on stderr. Default true. */
  readonly logs?: boolean;
}

/** The listeners of an auth. */
export class Listeners {
  readonly #listeners = new Set<AuthListener>();
  /** Those with `logs: false`. */
  readonly #onlookers = new Set<AuthListener>();
  /** Writes rejections that no listener logs. */
  fallback: AuthListener = (event) => console.error(logLine(event));

  get size(): number {
    return this.#listeners.size + this.#onlookers.size;
  }

  add(listener: AuthListener, options: ListenOptions = {}): () => void {
    must(typeof listener === "function", "auth.onEvent() takes a function, (event) => …");
    checkOptionNames("auth.onEvent()", options, ["logs"], { log: "logs" });
    const { logs = true } = options;
    const listeners = logs ? this.#listeners : this.#onlookers;
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  emit(event: AuthEvent): void {
    for (const listener of this.#listeners) tell(listener, event);
    for (const onlooker of this.#onlookers) tell(onlooker, event);
    if (this.#listeners.size === 0 && event.type === "refused") tell(this.fallback, event);
  }
}

/**
 * Calls a listener of the app. One that throws or rejects changes nothing, and does not end the process.
 * @example
 * import { tell } from "@authmodes/core/adapter";
 *
 * tell((error) => console.error(error), new Error("the supplier does not answer"));
 */
export function tell<T>(listener: (value: T) => unknown, value: T): void {
  try {
    const result = listener(value);
    if (isPromise(result)) result.then(undefined, () => undefined);
  } catch {
    // See above.
  }
}

type LoggedEvent = Pick<
  AuthEvent,
  "type" | "id" | "code" | "mode" | "reason" | "method" | "path" | "detail"
> &
  Partial<Pick<AuthEvent, "reportOnly">>;

/**
 * Formats an event as one line: id, code, mode, reason, route, then the detail.
 * @example
 * import { type Auth, logLine } from "@authmodes/core";
 *
 * export function logTo(auth: Auth, write: (line: string) => void): () => void {
 *   return auth.onEvent((event) => {
 *     if (event.type === "refused") write(logLine(event));
 *   });
 * }
 */
export function logLine(event: LoggedEvent): string {
  const words = [event.id, event.code ?? event.type, event.mode ?? "-", event.reason ?? "-"];
  const line = `authmodes: ${words.join(" ")} ${event.method} ${event.path}`;
  const notes = [event.reportOnly === true ? "report-only" : undefined, event.detail].filter(
    (note) => note !== undefined,
  );
  return notes.length === 0 ? line : `${line} (${notes.join(": ")})`;
}
