import { always } from "../compile/condition.ts";
import { comparedFields } from "../compile/model.ts";
import { isWrite } from "../compile/operations.ts";
import type { Allowed, Condition, DenialReason, Denied, Values } from "../types.ts";
import type { ModelAccess } from "./model-access.ts";
import type { OperationAccess } from "./operation-access.ts";
import { fieldsSentence, noRoleSentence, refusedSentence } from "./sentences.ts";

// A decision that does not depend on the record is made once, frozen and returned each time.

/** A sentence, or a function that makes it, since most explanations are never read. */
export type Explanation = string | (() => string);

export const none: readonly never[] = Object.freeze([]);
const nothing: Values = Object.freeze({});

type AllowedParts = Partial<Pick<Allowed, "nullFields" | "writes" | "filter">>;

export function allow(rule: string, explain: Explanation, parts: AllowedParts = {}): Allowed {
  return Object.freeze(new Permission(rule, explain, parts));
}

class Explained {
  readonly #explain: Explanation;

  constructor(explain: Explanation) {
    this.#explain = explain;
  }

  get explanation(): string {
    return typeof this.#explain === "string" ? this.#explain : this.#explain();
  }

  /** For logs that are JSON. */
  toJSON(): object {
    return Object.assign({}, this, { explanation: this.explanation });
  }
}

class Permission extends Explained implements Allowed {
  readonly allowed = true;
  readonly rule: string;
  readonly nullFields: readonly string[];
  readonly writes: Values;
  readonly filter: Condition;

  constructor(rule: string, explain: Explanation, { nullFields, writes, filter }: AllowedParts) {
    super(explain);
    this.rule = rule;
    this.nullFields = nullFields === undefined ? none : Object.freeze(nullFields);
    this.writes = writes === undefined ? nothing : Object.freeze(writes);
    this.filter = filter ?? always;
  }
}

type DeniedParts = Partial<Pick<Denied, "deniedFields" | "missing">>;

export function deny(reason: DenialReason, explain: Explanation, parts: DeniedParts = {}): Denied {
  return new Denial(reason, explain, parts);
}

class Denial extends Explained implements Denied {
  readonly allowed = false;
  readonly reason: DenialReason;
  readonly deniedFields: readonly string[];
  readonly missing: boolean;

  constructor(
    reason: DenialReason,
    explain: Explanation,
    { deniedFields = none, missing = false }: DeniedParts,
  ) {
    super(explain);
    this.reason = reason;
    this.deniedFields = deniedFields;
    this.missing = missing;
  }
}

/** Denies because of fields, independent of the record. */
export function denyFields(
  access: ModelAccess,
  verb: string,
  deniedFields: readonly string[],
  hint = "",
): Denied {
  return deny("field-denied", fieldsSentence(access, verb, deniedFields) + hint, { deniedFields });
}

/** Denies because no role of the caller's provider has the operation, or the caller has none of these roles on any record. */
export function unreached(
  { access, operation, roles }: OperationAccess,
  record: Values | null | undefined,
): Denied {
  if (roles.length > 0)
    return deny("no-matching-role", () => refusedSentence(access, operation, roles, record));
  const reason = access.model.hasRules ? "no-role-for-operation" : "no-auth-rules";
  return deny(reason, () => noRoleSentence(access, operation));
}

/** Denies because the answer depends on a record that is not given. */
export function needsRecord({ access, held }: OperationAccess): Denied {
  return deny("needs-record", () => {
    const fields = new Set(comparedFields(held.map(({ role }) => role)));
    return `${access.modelName} ${[...fields].join(", ")}: the decision depends on the record, which was not loaded`;
  });
}

export function needsInput({ modelName }: ModelAccess): Denied {
  return deny("needs-input", `${modelName}: the decision depends on the input, which was not given`);
}

export function noSuchRecord({ modelName }: ModelAccess): Denied {
  return deny("record-missing", `${modelName}: no such record`, { missing: true });
}

/** Denies because none of the caller's roles matches the record. */
export function refuse(granted: OperationAccess, record: Values | null): Denied {
  return new Refusal(granted, record);
}

/** The most frequent denial. Its members are computed on access. */
class Refusal implements Denied {
  readonly #granted: OperationAccess;
  readonly #record: Values | null;

  constructor(granted: OperationAccess, record: Values | null) {
    this.#granted = granted;
    this.#record = record;
  }

  get allowed(): false {
    return false;
  }

  get reason(): DenialReason {
    return isWrite(this.#granted.operation) ? "no-matching-role" : "record-filtered";
  }

  get deniedFields(): readonly string[] {
    return none;
  }

  get missing(): boolean {
    return this.#record === null || isSecret(this.#granted.access, this.#record);
  }

  get explanation(): string {
    const { access, operation, held } = this.#granted;
    const roles = held.map(({ role }) => role);
    return refusedSentence(access, operation, roles, this.#record);
  }

  toJSON(): Denied {
    const { allowed, reason, deniedFields, missing, explanation } = this;
    return { allowed, reason, deniedFields, missing, explanation };
  }
}

/** Whether the caller may not learn that the record exists. */
function isSecret(access: ModelAccess, record: Values): boolean {
  return access.compiled.options.hideAsMissing && !access.by("get").includes(record);
}
