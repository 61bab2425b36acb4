import type { AuthErrorCode } from "../refusal/error.ts";
import { isPromise } from "../lib/is-promise.ts";
import { checkOptionNames, must } from "../lib/options.ts";
import type { Question } from "../policy/policy.ts";
import type { IdentityBase } from "../types.ts";

/** What one mode saw of a request and what came of it. */
export interface TraceEntry {
  readonly mode: string;
  /** Where it found credentials (see `Detection.place`); null where it found none. */
  readonly place: string | null;
  readonly outcome: "absent" | "ignored" | "refused" | "verified";
}

/** An acceptance or a refusal, with the trace of that one verification. Text is bounded and escaped. */
export interface AuthEvent {
  /** `accepted`: the caller was verified. `allowed`: a rule lets them do what they ask. `refused`: either did not. */
  readonly type: "accepted" | "allowed" | "refused";
  /** The id that the caller was given. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly method: string;
  /** Without the query, where credentials may sit. */
  readonly path: string;
  /** The mode that decided, where one did. */
  readonly mode: string | undefined;
  /** `identity.id` of who was accepted. */
  readonly caller: string | null;
  readonly code: AuthErrorCode | undefined;
  readonly reason: string | undefined;
  /** Why it was refused, or which words of the rule allowed it. */
  readonly detail: string | undefined;
  /** The rule that allowed it. */
  readonly rule: string | undefined;
  /** What an option that the caller gave threw, to find the cause. */
  readonly cause: unknown;
  /** Whether `reportOnly` let a rejected request pass. */
  readonly reportOnly: boolean;
  readonly trace: readonly TraceEntry[];
}

/** The caller of an event, and what a rule decided about. */
export interface EventSubject {
  readonly identity: IdentityBase;
  /** undefined if no rule was asked, and in GraphQL. */
  readonly question: Question | undefined;
}

/** Kept apart from events, since logs write all that an event holds, and records belong in no log. */
export const subjects: WeakMap<AuthEvent, EventSubject> = new WeakMap();

/** Returns the subject of an event that a listener was given; undefined if no caller was authenticated. */
export function subjectOf(event: AuthEvent): EventSubject | undefined {
  return subjects.get(event);
}

export type AuthListener = (event: AuthEvent) => void;

export interface ListenOptions {
  /** Whether it keeps a log, so that refusals need not go to stderr: default true. */
  readonly logs?: boolean;
}

/** Who listens to an auth. A listener that throws changes nothing for the request. */
export class Listeners {
  readonly #listeners = new Set<AuthListener>();
  /** Those that only look on. */
  readonly #onlookers = new Set<AuthListener>();

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
    if (this.#listeners.size === 0 && event.type === "refused") console.error(logLine(event));
  }
}

/** The decision stands, whatever a listener throws, or rejects with if it is async: reporting must not change it. */
function tell(listener: (event: AuthEvent) => unknown, event: AuthEvent): void {
  try {
    const result = listener(event);
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

/** One line for people: id, code, mode, reason, route, and whether it was report-only. */
export function logLine(event: LoggedEvent): string {
  const words = [event.id, event.code ?? event.type, event.mode ?? "-", event.reason ?? "-"];
  const line = `authmodes: ${words.join(" ")} ${event.method} ${event.path}`;
  const notes = [event.reportOnly === true ? "report-only" : undefined, event.detail].filter(
    (note) => note !== undefined,
  );
  return notes.length === 0 ? line : `${line} (${notes.join(": ")})`;
}

/** Text from a request for a log: no control characters, no line breaks, a bounded length. */
export function printable(text: string, maxLength = 200): string {
  if (text.length <= maxLength && /^[\x20-\x7e]*$/.test(text)) return text; // nearly all
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return cut.replaceAll(/[^\x20-\x7e…]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
