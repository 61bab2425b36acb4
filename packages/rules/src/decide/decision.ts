import { always } from "../compile/condition.ts";
import type { Allowed, Condition, Denied, DenialReason, Values } from "../types.ts";

// A decision that does not depend on the record is made once, frozen, and handed out again and again.

/** A sentence, or how to find it: most decisions are never explained. */
export type Explanation = string | (() => string);

export const none: readonly never[] = Object.freeze([]);
const nothing: Values = Object.freeze({});

export interface AllowedParts {
  readonly nullFields?: readonly string[];
  readonly writes?: Values;
  readonly filter?: Condition;
}

export function allow(rule: string, explain: Explanation, parts: AllowedParts = {}): Allowed {
  return Object.freeze(new Permission(rule, explain, parts));
}

class Permission implements Allowed {
  readonly allowed = true;
  readonly rule: string;
  readonly nullFields: readonly string[];
  readonly writes: Values;
  readonly filter: Condition;
  readonly #explain: Explanation;

  constructor(rule: string, explain: Explanation, { nullFields, writes, filter }: AllowedParts) {
    this.rule = rule;
    this.nullFields = nullFields === undefined ? none : Object.freeze(nullFields);
    this.writes = writes === undefined ? nothing : Object.freeze(writes);
    this.filter = filter ?? always;
    this.#explain = explain;
  }

  get explanation(): string {
    return typeof this.#explain === "string" ? this.#explain : this.#explain();
  }

  /** For logs that are JSON. */
  toJSON(): Allowed {
    const { allowed, rule, nullFields, writes, filter, explanation } = this;
    return { allowed, rule, nullFields, writes, filter, explanation };
  }
}

export interface DeniedParts {
  readonly deniedFields?: readonly string[];
  readonly missing?: boolean;
}

export function deny(reason: DenialReason, explain: Explanation, parts?: DeniedParts): Denied {
  return new Denial(reason, explain, parts?.deniedFields ?? none, parts?.missing ?? false);
}

class Denial implements Denied {
  readonly allowed = false;
  readonly reason: DenialReason;
  readonly deniedFields: readonly string[];
  readonly missing: boolean;
  readonly #explain: Explanation;

  constructor(reason: DenialReason, explain: Explanation, deniedFields: readonly string[], missing: boolean) {
    this.reason = reason;
    this.deniedFields = deniedFields;
    this.missing = missing;
    this.#explain = explain;
  }

  get explanation(): string {
    return typeof this.#explain === "string" ? this.#explain : this.#explain();
  }

  /** For logs that are JSON. */
  toJSON(): Denied {
    return asJson(this);
  }
}

/** A denial with its sentence written out. */
export function asJson({ allowed, reason, deniedFields, missing, explanation }: Denied): Denied {
  return { allowed, reason, deniedFields, missing, explanation };
}
