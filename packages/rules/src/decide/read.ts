import { comparable } from "../compile/condition.ts";
import type { AskedQuestion } from "../check/question.ts";
import type { Model } from "../compile/model.ts";
import type { Condition, Decision, Denied, Values } from "../types.ts";
import { allow, deny, needsRecord, noSuchRecord, refuse, unreached } from "./decision.ts";
import { nothingHidden, nullFieldsOf } from "./hidden-fields.ts";
import type { ModelAccess } from "./model-access.ts";
import { type HeldRole, matching, OperationAccess } from "./operation-access.ts";
import { argumentSentence, fieldsSentence } from "./sentences.ts";

/** Decides get, list, search and sync of one record, by the condition that filters lists. */
export function decideRead(access: ModelAccess, question: AskedQuestion): Decision {
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

/** The decision of a role, with the hidden fields. */
export function shown(access: ModelAccess, question: AskedQuestion, { decision }: HeldRole): Decision {
  if (access.hidden() === nothingHidden) return decision;
  const nullFields = nullFieldsOf(access, question);
  if (nullFields.length === 0) return decision;
  const { rule, explanation } = decision;
  const hidden = fieldsSentence(access, "see", nullFields);
  return allow(rule, `${explanation}; ${hidden}`, { nullFields });
}

/**
 * Decides about a subscription. The subscriber receives the events whose records match the condition, in addition to any
 * owner argument, which is checked now.
 */
export function decideListen(access: ModelAccess, question: AskedQuestion): Decision {
  const granted = access.by("listen");
  const { held } = granted;
  const first = held[0];
  if (first === undefined) return unreached(granted, undefined);
  const nullFields = nullFieldsOf(access, question);
  const { rule, explanation } = first.decision;
  if (first.test === undefined) {
    return nullFields.length === 0 ? first.decision : allow(rule, explanation, { nullFields });
  }
  const mismatch = question.args === undefined ? undefined : foreignOwner(granted, question.args);
  if (mismatch !== undefined) return mismatch;
  const rules = held.map(({ role }) => role.fullName).join(", ");
  const sentences = held.map(({ decision }) => decision.explanation).join("; ");
  return allow(rules, sentences, { filter: granted.condition, nullFields });
}

/** The first owner argument decides, as in Amplify: it names the caller or another user. */
function foreignOwner(granted: OperationAccess, args: Values): Denied | undefined {
  const { access, held } = granted;
  for (const { field, anyOf } of held.flatMap(({ condition }) => texts(condition))) {
    const asked = args[field];
    if (!access.model.ownerFields.has(field) || asked === undefined || asked === null || asked === "")
      continue;
    if (anyOf.some((own) => own === comparable(asked))) return undefined;
    return deny("owner-argument-mismatch", argumentSentence(access, field, asked));
  }
  return undefined;
}

/**
 * Drops the roles that do not fit the requested key; denies if none is left, as Amplify does. Records are still filtered by
 * the remaining roles, so that a store that ignores the key shows nothing more.
 */
export function narrowByKey(granted: OperationAccess, args: Values | undefined): OperationAccess | Denied {
  const { access, operation, roles, held } = granted;
  if (args === undefined || held[0]?.test === undefined) return granted;
  const key = keyFields(access.model, args);
  const foreign = held.map((one) => foreignKey(one, key, args));
  const remaining = held.filter((_, i) => foreign[i] === undefined);
  if (remaining.length === held.length) return granted;
  if (remaining.length > 0) return new OperationAccess(access, operation, roles, remaining);
  const field = foreign[0] ?? "";
  return deny("owner-key-argument-mismatch", argumentSentence(access, field, args[field]));
}

/** The fields of the index that the arguments name, or of the primary key. */
function keyFields({ key, definition: { indexes = [] } }: Model, { index }: Values): readonly string[] {
  if (index === undefined || index === null) return key;
  return indexes.find(({ name }) => name === index)?.fields ?? [];
}

/** The key field in which the arguments ask for another user's records. */
function foreignKey({ condition }: HeldRole, key: readonly string[], args: Values): string | undefined {
  return texts(condition).find(({ field, anyOf }) => key.includes(field) && !asksFor(anyOf, args[field]))
    ?.field;
}

/** The comparisons of fields with one text that must hold in any case. */
function texts(condition: Condition): readonly Extract<Condition, { kind: "equals" }>[] {
  if (condition.kind === "equals") return [condition];
  return condition.kind === "and" ? condition.all.flatMap(texts) : [];
}

/** Absent arguments, and comparisons other than equality, are left to the filter. */
function asksFor(anyOf: readonly string[], argument: unknown): boolean {
  if (argument === undefined || argument === null) return true;
  const isOwn = (value: unknown): boolean => anyOf.some((own) => own === comparable(value));
  if (typeof comparable(argument) === "string") return isOwn(argument);
  if (typeof argument !== "object" || !("eq" in argument)) return true;
  const values: readonly unknown[] = Array.isArray(argument.eq) ? argument.eq : [argument.eq];
  return values.every(isOwn);
}
