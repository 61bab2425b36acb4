import { matching, type ModelAccess, type Reach } from "./model-access.ts";
import { asJson, deny, none } from "./decision.ts";
import { noRoleSentence, refusedSentence } from "./sentences.ts";
import { isWrite } from "../compile/operations.ts";
import type { Denied, DenialReason, Values } from "../types.ts";

/** No role of the caller's provider has the operation, or the caller has none of them on any record. */
export function unreached({ access, operation, roles }: Reach, record: Values | null | undefined): Denied {
  const { model, caller } = access;
  if (roles.length > 0) return deny("no-matching-role", () => refusedSentence(model, roles, caller, record));
  const reason = model.hasRules ? "no-role-for-operation" : "no-auth-rules";
  return deny(reason, () => noRoleSentence(model, caller, operation));
}

/** The answer would be yes for some records. */
export function needsRecord({ access, entries }: Reach): Denied {
  return deny("needs-record", () => {
    const needs = entries.flatMap((entry) => entry.role.needs);
    const fields = new Set(needs.flatMap((need) => ("field" in need ? [need.field] : [])));
    return `${access.model.name} ${[...fields].join(", ")}: the answer depends on the record, which was not loaded`;
  });
}

export function noSuchRecord({ model }: ModelAccess): Denied {
  return deny("record-missing", `${model.name}: no such record`, { missing: true });
}

/** None of the caller's roles matches the record. */
export function refuse(reach: Reach, record: Values | null): Denied {
  return new Refusal(reach, record, record === null || isSecret(reach.access, record));
}

/** The denial that is made most often: what it says is worked out when it is asked. */
class Refusal implements Denied {
  readonly missing: boolean;
  readonly #reach: Reach;
  readonly #record: Values | null;

  constructor(reach: Reach, record: Values | null, missing: boolean) {
    this.missing = missing;
    this.#reach = reach;
    this.#record = record;
  }

  get allowed(): false {
    return false;
  }

  get reason(): DenialReason {
    return isWrite(this.#reach.operation) ? "no-matching-role" : "record-filtered";
  }

  get deniedFields(): readonly string[] {
    return none;
  }

  get explanation(): string {
    const { access, entries } = this.#reach;
    const roles = entries.map((entry) => entry.role);
    return refusedSentence(access.model, roles, access.caller, this.#record);
  }

  toJSON(): Denied {
    return asJson(this);
  }
}

/** Whether it may not even become known that the record exists. */
function isSecret(access: ModelAccess, record: Values): boolean {
  return access.hidesAsMissing && matching(access.reach("get").entries, record) === undefined;
}
