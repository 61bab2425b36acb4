import { AuthError } from "../refusal/error.ts";
import type { IdentityBase } from "../types.ts";

// Rules as adapters see them, so that these need nothing but core. `createPolicy` of @authmodes/rules makes one.

/** What may be done with records. */
export type Operation = "create" | "get" | "list" | "search" | "sync" | "listen" | "update" | "delete";

/** A record, an input, arguments: what is asked about is never changed. */
export type Values = Readonly<Record<string, unknown>>;

/**
 * Which records: what a list is filtered by, in memory or in a database. JSON. Comparisons are of text, byte by byte;
 * `contains` matches lists only, `equals` text only.
 */
export type Condition =
  | { readonly kind: "always" }
  | { readonly kind: "never" }
  | { readonly kind: "equals"; readonly field: string; readonly anyOf: readonly string[] }
  | { readonly kind: "contains"; readonly field: string; readonly anyOf: readonly string[] }
  | { readonly kind: "and"; readonly all: readonly Condition[] }
  | { readonly kind: "or"; readonly any: readonly Condition[] };

export interface Question {
  readonly model: string;
  readonly operation: Operation;
  /** null where there is none; left out where it was not loaded. */
  readonly record?: Values | null;
  readonly input?: Values;
}

interface Allowed {
  readonly allowed: true;
  /** The rule that decided, or what is above all rules; of a list, `filtered` if its condition depends on records. */
  readonly rule: string;
  /** A sentence for the log. */
  readonly explanation: string;
}

export interface AllowedByRule extends Allowed {
  /** Values that belong into the input, such as the owner. */
  readonly writes: Values;
}

/** A list that a caller may read, as far as the condition allows. */
export interface AllowedList extends Allowed {
  readonly filter: Condition;
}

export interface DeniedByRule {
  readonly allowed: false;
  /** An identifier such as `record-filtered`. */
  readonly reason: string;
  /** Answer as if there were no such record. */
  readonly missing: boolean;
  readonly explanation: string;
}

export type RuleDecision = AllowedByRule | DeniedByRule;

/** Who may do what with which record and field. A model or a field that does not exist is a TypeError. */
export interface Policy {
  decide(identity: IdentityBase, question: Question): RuleDecision;
  /** Which records of a list the caller gets. */
  list(
    identity: IdentityBase,
    question: { readonly model: string; readonly operation: "list" | "search" | "sync" },
  ): AllowedList | DeniedByRule;
  /** The record with the fields null that the caller may not read. */
  mask(identity: IdentityBase, model: string, record: Values): Values;
  /** The same for the answer to a write. */
  maskWritten(identity: IdentityBase, model: string, record: Values): Values;
  /** The record with owners as clients are shown them. */
  displayed(model: string, record: Values): Values;
  /** The names of a model's fields. */
  fields(model: string): ReadonlySet<string>;
  /** Whether the answer for some caller depends on the record. */
  needsRecord(model: string, operation: Operation): boolean;
}

/** A denial as the answer to a request: the explanation is for the log alone. */
export function refusedByRule({ reason, missing, explanation }: DeniedByRule): AuthError {
  return new AuthError(missing ? "not_found" : "forbidden", reason.replaceAll("-", "_"), {
    detail: explanation,
  });
}
