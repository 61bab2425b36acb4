import { comparedFields } from "../compile/model.ts";
import { isWrite } from "../compile/operations.ts";
import type { Denied, DenialReason, Values } from "../types.ts";
import { asJson, deny, none } from "./decision.ts";
import type { ModelAccess } from "./model-access.ts";
import { matching, type OperationAccess } from "./operation-access.ts";
import { noRoleSentence, refusedSentence } from "./sentences.ts";

/** No role of the caller's provider has the operation, or the caller has none of them on any record. */
export function unreached(
  { access, operation, roles }: OperationAccess,
  record: Values | null | undefined,
): Denied {
  const { model, caller } = access;
  if (roles.length > 0) return deny("no-matching-role", () => refusedSentence(model, roles, caller, record));
  const reason = model.hasRules ? "no-role-for-operation" : "no-auth-rules";
  return deny(reason, () => noRoleSentence(model, caller, operation));
}

/** The answer would be yes for some records. */
export function needsRecord({ access, held }: OperationAccess): Denied {
  return deny("needs-record", () => {
    const fields = new Set(comparedFields(held.map(({ role }) => role)));
    return `${access.modelName} ${[...fields].join(", ")}: the answer depends on the record, which was not loaded`;
  });
}

export function needsInput({ modelName }: ModelAccess): Denied {
  return deny("needs-input", `${modelName}: the answer depends on the input, which was not given`);
}

export function noSuchRecord({ modelName }: ModelAccess): Denied {
  return deny("record-missing", `${modelName}: no such record`, { missing: true });
}

/** None of the caller's roles matches the record. */
export function refuse(granted: OperationAccess, record: Values | null): Denied {
  return new Refusal(granted, record);
}

/** The denial that is made most often: what it says is worked out when it is asked. */
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
    const { access, held } = this.#granted;
    const roles = held.map(({ role }) => role);
    return refusedSentence(access.model, roles, access.caller, this.#record);
  }

  toJSON(): Denied {
    return asJson(this);
  }
}

/** Whether it may not even become known that the record exists. */
function isSecret(access: ModelAccess, record: Values): boolean {
  return access.hidesAsMissing && matching(access.by("get").held, record) === undefined;
}
