import type { Decision, Denied, Question, Values } from "../types.ts";
import { allow, deny } from "./decision.ts";
import { needsRecord, noSuchRecord, refuse, unreached } from "./denials.ts";
import { nothingHidden, nullFieldsOf } from "./hidden-fields.ts";
import { narrowByKey } from "./key-arguments.ts";
import type { ModelAccess } from "./model-access.ts";
import { type HeldRole, matching, type OperationAccess } from "./operation-access.ts";
import { argumentSentence, fieldsSentence } from "./sentences.ts";

/** get, list, search and sync, of one record: lists are filtered by the same condition. */
export function decideRead(access: ModelAccess, question: Question): Decision {
  const granted = narrowByKey(access.by(question.operation), question.args);
  if ("allowed" in granted) return granted;
  const { record } = question;
  const first = granted.held[0];
  if (first === undefined) return unreached(granted, record);
  if (record === undefined || record === null) {
    if (first.test === undefined) return shown(access, question, first);
    return record === null ? noSuchRecord(access) : needsRecord(granted);
  }
  const one = matching(granted.held, record);
  return one === undefined ? refuse(granted, record) : shown(access, question, one);
}

/** The decision of a role, with the fields that are null. */
export function shown(access: ModelAccess, question: Question, { decision }: HeldRole): Decision {
  if (access.hidden() === nothingHidden) return decision;
  const nullFields = nullFieldsOf(access, question);
  if (nullFields.length === 0) return decision;
  const { rule, explanation } = decision;
  const hidden = fieldsSentence(access.model, access.caller, "see", nullFields);
  return allow(rule, `${explanation}; ${hidden}`, { nullFields });
}

/**
 * A subscriber is sent the events whose records the condition matches. An owner argument is checked at once, and the
 * condition is kept beside it.
 */
export function decideListen(access: ModelAccess, question: Question): Decision {
  const granted = access.by("listen");
  const { held } = granted;
  const first = held[0];
  if (first === undefined) return unreached(granted, undefined);
  const nullFields = nullFieldsOf(access, question);
  const { rule, explanation } = first.decision;
  if (first.test === undefined) {
    return nullFields.length === 0 ? first.decision : allow(rule, explanation, { nullFields });
  }
  const mismatch = question.args === undefined ? undefined : foreignOwner(access, granted, question.args);
  if (mismatch !== undefined) return mismatch;
  const rules = held.map(({ role }) => role.fullName).join(", ");
  const sentences = held.map(({ decision }) => decision.explanation).join("; ");
  return allow(rules, sentences, { filter: granted.condition, nullFields });
}

/** The first owner argument decides, as in Amplify: one that names the caller, or one that names somebody else. */
function foreignOwner(
  { model, caller }: ModelAccess,
  { held }: OperationAccess,
  args: Values,
): Denied | undefined {
  for (const { condition } of held) {
    for (const part of condition.kind === "and" ? condition.all : [condition]) {
      if (part.kind !== "equals" || !model.ownerFields.has(part.field)) continue;
      const asked = args[part.field];
      if (asked === undefined || asked === null || asked === "") continue;
      if (typeof asked === "string" && part.anyOf.includes(asked)) return undefined;
      return deny("owner-argument-mismatch", argumentSentence(model, part.field, asked, caller));
    }
  }
  return undefined;
}
