import type { ApiKeyIdentity } from "../identity.ts";
import type { AllowedByRule, AllowedList, Policy } from "../policy/policy.ts";
import type { AuthError } from "../refusal/error.ts";
import { Preflights } from "../refusal/preflight.ts";
import type { ErrorFormat } from "../refusal/reply.ts";
import { type PublicUrl, parsePublicUrl } from "../request/public-url.ts";
import type { AuthMode } from "../types.ts";
import { type AuthEvent, type EventSubject, Listeners, printable, subjects } from "./events.ts";
import type { AuthOptions } from "./options.ts";
import type { Verification } from "./verification.ts";

/** The outcome of a verification, for an event. */
interface Report extends Pick<AuthEvent, "type" | "caller"> {
  readonly error?: AuthError;
  readonly allowed?: AllowedByRule | AllowedList;
  /** Default false. */
  readonly reportOnly?: boolean;
  readonly subject?: EventSubject | undefined;
}

/** The part of an auth that its restricted copies share: modes, options and listeners. */
export class SharedAuth {
  readonly modes: readonly AuthMode[];
  readonly requires: AuthMode<ApiKeyIdentity> | undefined;
  readonly revoked: AuthOptions["revoked"];
  readonly usage: AuthOptions["usage"];
  readonly precedence: readonly string[] | undefined;
  readonly publicUrl: PublicUrl | undefined;
  readonly resource: string | undefined;
  readonly format: ErrorFormat;
  readonly reportOnly: boolean;
  readonly policy: Policy | undefined;
  readonly preflights: Preflights;
  readonly listeners: Listeners = new Listeners();
  /** Milliseconds since 1970. */
  readonly now: () => number;

  constructor(modes: readonly AuthMode[], options: AuthOptions) {
    this.modes = modes;
    this.requires = options.requires;
    this.revoked = options.revoked;
    this.usage = options.usage;
    this.precedence = options.precedence;
    this.publicUrl = options.publicUrl === undefined ? undefined : parsePublicUrl(options.publicUrl);
    this.resource = options.resource;
    this.format = options.errorFormat ?? "problem";
    this.reportOnly = options.reportOnly ?? false;
    this.policy = options.policy;
    this.preflights = new Preflights(options.preflight);
    this.now = options.clock ?? Date.now;
  }

  emit(report: Report, verification: Verification): void {
    const { type, caller, error, allowed, reportOnly = false, subject } = report;
    if (error === undefined && this.listeners.size === 0) return;
    const detail = error === undefined ? allowed?.explanation : error.detail;
    const { method, target } = verification.request;
    const event: AuthEvent = {
      type,
      id: verification.id,
      time: this.now(),
      method: printable(method, 20),
      path: printable(target.split("?", 1)[0] ?? ""),
      mode: error === undefined ? verification.chosen?.mode.name : error.mode,
      caller: caller === null ? null : printable(caller),
      code: error?.code,
      reason: error?.reason,
      detail: detail === undefined ? undefined : printable(detail, 600),
      rule: allowed?.rule,
      cause: error?.cause,
      reportOnly,
      trace: verification.trace(error),
    };
    if (subject !== undefined) subjects.set(event, subject);
    this.listeners.emit(event);
  }
}
