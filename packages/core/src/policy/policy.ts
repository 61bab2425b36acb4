import type { IdentityBase } from "../types.ts";

// Rules as core and the adapters see them. `createPolicy` of @authmodes/rules makes a policy.

/** An operation on records. */
export type Operation = "create" | "get" | "list" | "search" | "sync" | "listen" | "update" | "delete";

/** A record, an input or arguments, which are never changed. */
export type Values = Readonly<Record<string, unknown>>;

/**
 * A record as a caller may see it: its fields, each null if it is hidden, without methods. At run time it also lacks what is
 * no field of the model.
 */
export type Masked<T> = {
  [Name in keyof T as T[Name] extends (...args: never) => unknown ? never : Name]: T[Name] | null;
};

/**
 * A filter for the records of a list, in memory or in a database, as JSON. Text is compared byte by byte, and a whole number
 * by its decimal text; `contains` matches lists only, `equals` single values only.
 */
export type Condition =
  | { readonly kind: "always" }
  | { readonly kind: "never" }
  | { readonly kind: "equals"; readonly field: string; readonly anyOf: readonly string[] }
  | { readonly kind: "contains"; readonly field: string; readonly anyOf: readonly string[] }
  | { readonly kind: "and"; readonly all: readonly Condition[] }
  | { readonly kind: "or"; readonly any: readonly Condition[] };

/**
 * What a policy decides about.
 * @typeParam Of `Values` for a policy of your own, which reads the fields of records and inputs by name
 */
export interface Question<Of extends object = object> {
  readonly model: string;
  readonly operation: Operation;
  /** null if there is none; absent if it was not loaded. */
  readonly record?: Of | null;
  /** The input of a create or an update. */
  readonly input?: Of;
}

interface Allowed {
  readonly allowed: true;
  /** The rule that decided; for a list, `filtered` if its condition depends on records. */
  readonly rule: string;
  /** A sentence for the log. */
  readonly explanation: string;
}

/** An operation that the rules allow. */
export interface AllowedByRule extends Allowed {
  /** Values to add to the input, such as the owner. */
  readonly writes: Values;
  /** Update and delete: what the record has to match when it is written. Default: any record does. */
  readonly filter?: Condition;
}

/** A list that the caller may read, filtered by a condition. */
export interface AllowedList extends Allowed {
  readonly filter: Condition;
}

/** An operation that the rules deny. */
export interface DeniedByRule {
  readonly allowed: false;
  /** An identifier such as `record-filtered`. */
  readonly reason: string;
  /** Whether to answer as if the record did not exist. */
  readonly missing: boolean;
  /** A sentence for the log. */
  readonly explanation: string;
}

/** The decision of a policy about one operation. */
export type RuleDecision = AllowedByRule | DeniedByRule;

/** Rules: which callers may do what with which records and fields. Methods throw a TypeError for an unknown model. */
export interface Policy {
  /** Decides about one record, or about an operation without one. */
  decide(identity: IdentityBase, question: Question): RuleDecision;
  /** Decides which records the caller may read: those of a list, or with `get` one by one, before one is loaded. */
  list(
    identity: IdentityBase,
    question: { readonly model: string; readonly operation?: "list" | "search" | "sync" | "get" },
  ): AllowedList | DeniedByRule;
  /** Returns the record; fields that the caller may not read are null. */
  mask(identity: IdentityBase, model: string, record: Values): Values;
  /** Does the same for the answer to a write, whose record the caller need not be able to read. */
  maskWritten(identity: IdentityBase, model: string, record: Values): Values;
  /** Returns the record with owners as clients are shown them. */
  displayed(model: string, record: Values): Values;
  /** Returns the names of a model's fields. */
  fields(model: string): ReadonlySet<string>;
  /** Whether the decision depends on the record, for some caller. */
  needsRecord(model: string, operation: Operation): boolean;
}
