import type { Entry, ModelAccess, Reach } from "./access.ts";
import { allow, deny } from "./decision.ts";
import { fieldsSentence } from "./explain.ts";
import { closedKeys } from "./input.ts";
import { bits } from "./operations.ts";
import { needsRecord, noSuchRecord, refuse, unreached } from "./refuse.ts";
import type { Decision, Question, Values } from "./types.ts";

// The roles look at the stored record, never at the input: an owner in the input is a field like any other. Setting a
// field to null takes the right to delete it as well.

export function decideUpdate(access: ModelAccess, question: Question): Decision {
  const { record } = question;
  const reach = access.reach("update");
  if (!isServed(access, reach)) return unreached(access, { roles: [] }, "update", record);
  if (reach.entries.length === 0) return unreached(access, reach, "update", record);
  const matched = reach.entries.filter(({ test }) => test === undefined || (record != null && test(record)));
  const full = matched.find(allowsAll);
  if (full !== undefined) return conclude(access, [full], question);
  // A role that needs the record could allow what the others do not.
  const isOpen = record === undefined && matched.length < reach.entries.length;
  if (isOpen && !isEnough(access, matched, question.input)) return needsRecord(access, reach);
  if (matched.length === 0) return refuse(access, "no-matching-role", reach, record ?? null);
  return conclude(access, matched, question);
}

/**
 * Amplify opens an API's update to the providers that have a rule with update. Only where there is no other provider
 * does a role that may delete alone get as far as its fields.
 */
function isServed({ compiled }: ModelAccess, { roles }: Reach): boolean {
  return (
    compiled.options.providers.size === 1 || roles.some(({ grants }) => (grants.some & bits.update) !== 0)
  );
}

function allowsAll({ role }: Entry): boolean {
  const wanted = bits.update | bits.delete;
  return (role.grants.every & wanted) === wanted;
}

function isEnough(access: ModelAccess, matched: readonly Entry[], input: Values | undefined): boolean {
  return matched.length > 0 && input !== undefined && deniedKeys(access, matched, { input }).length === 0;
}

/** The entries are one that allows everything, or several that each allow some fields. */
function conclude(
  access: ModelAccess,
  entries: readonly [Entry] | readonly Entry[],
  question: Question,
): Decision {
  const { model, caller } = access;
  const first = entries[0];
  const isFull = first !== undefined && allowsAll(first);
  const { input } = question;
  if (!isFull && input === undefined) {
    return deny("needs-input", `${model.name}: the answer depends on the input, which was not given`);
  }
  const denied = new Set(isFull ? [] : deniedKeys(access, entries, question));
  if (input !== undefined) for (const key of closedKeys(access, input)) denied.add(key);
  if (denied.size > 0) {
    const deniedFields = [...denied];
    return deny("field-denied", fieldsSentence(model, caller, "write", deniedFields), { deniedFields });
  }
  if (question.record === null) return noSuchRecord(access);
  if (entries.length === 1 && first !== undefined) return first.decision;
  const rules = entries.map((entry) => entry.role.fullName).join(", ");
  return allow(rules, entries.map((entry) => entry.decision.explanation).join("; "));
}

function deniedKeys(
  access: ModelAccess,
  entries: readonly Entry[],
  { input = {}, record }: Pick<Question, "input" | "record">,
): readonly string[] {
  return Object.keys(input).filter((key) => {
    if (!entries.some(({ role }) => role.updateFields.has(key))) return true;
    if (input[key] === null && !entries.some(({ role }) => role.nullableFields.has(key))) return true;
    return isOtherKey(access, entries, key, input[key], record?.[key]);
  });
}

/** The key says which record is meant. A role that may not update it may not change it either. */
function isOtherKey(
  { model }: ModelAccess,
  entries: readonly Entry[],
  key: string,
  given: unknown,
  stored: unknown,
): boolean {
  if (!model.key.includes(key) || stored === undefined || stored === null) return false;
  if (entries.some(({ role }) => ((role.grants.byField.get(key) ?? 0) & bits.update) !== 0)) return false;
  return keyText(given) === undefined || keyText(given) !== keyText(stored);
}

/** Keys may come as numbers and stand as text; an object is no key, and all objects would read the same. */
function keyText(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}
