import { matching, type ModelAccess, type Reach } from "./access.ts";
import { asJson, deny, none } from "./decision.ts";
import { noRoleSentence, refusedSentence } from "./explain.ts";
import type { Denied, DenialReason, Operation, Values } from "./types.ts";

/** No role of the caller's provider has the operation, or the caller has none of them on any record. */
export function unreached(
  { model, caller }: ModelAccess,
  { roles }: Pick<Reach, "roles">,
  operation: Operation,
  record: Values | null | undefined,
): Denied {
  if (roles.length > 0) return deny("no-matching-role", () => refusedSentence(model, roles, caller, record));
  const reason = model.hasRules ? "no-role-for-operation" : "no-auth-rules";
  return deny(reason, () => noRoleSentence(model, caller, operation));
}

/** The answer would be yes for some records. */
export function needsRecord({ model }: ModelAccess, { entries }: Reach): Denied {
  return deny("needs-record", () => {
    const needs = entries.flatMap((entry) => entry.role.needs);
    const fields = new Set(needs.flatMap((need) => ("field" in need ? [need.field] : [])));
    return `${model.name} ${[...fields].join(", ")}: the answer depends on the record, which was not loaded`;
  });
}

export function noSuchRecord({ model }: ModelAccess): Denied {
  return deny("record-missing", `${model.name}: no such record`, { missing: true });
}

/** None of the caller's roles matches the record. */
export function refuse(
  access: ModelAccess,
  reason: DenialReason,
  reach: Reach,
  record: Values | null,
): Denied {
  return new Refusal(reason, record === null || isSecret(access, record), access, reach, record);
}

/** The denial that is made most often: it says why only when it is asked. */
class Refusal implements Denied {
  readonly allowed = false;
  readonly reason: DenialReason;
  readonly deniedFields: readonly string[] = none;
  readonly missing: boolean;
  readonly #access: ModelAccess;
  readonly #reach: Reach;
  readonly #record: Values | null;

  constructor(
    reason: DenialReason,
    missing: boolean,
    access: ModelAccess,
    reach: Reach,
    record: Values | null,
  ) {
    this.reason = reason;
    this.missing = missing;
    this.#access = access;
    this.#reach = reach;
    this.#record = record;
  }

  get explanation(): string {
    const { model, caller } = this.#access;
    const roles = this.#reach.entries.map((entry) => entry.role);
    return refusedSentence(model, roles, caller, this.#record);
  }

  toJSON(): Denied {
    return asJson(this);
  }
}

/** Whether it may not even become known that the record exists. */
function isSecret(access: ModelAccess, record: Values): boolean {
  const { options } = access.compiled;
  return options.hideAsMissing && matching(access.reach("get").entries, record) === undefined;
}
