import type { Entry, ModelAccess } from "./model-access.ts";
import { allow, deny, none } from "./decision.ts";
import { fieldsSentence } from "./sentences.ts";
import { closedKeys, writesNull } from "./input.ts";
import { updatesWhole } from "../compile/model.ts";
import { bits } from "../compile/operations.ts";
import { needsRecord, noSuchRecord, refuse, unreached } from "./denials.ts";
import type { Decision, Question, Values } from "../types.ts";

// The roles look at the stored record, never at the input: an owner in the input is a field like any other.

export function decideUpdate(access: ModelAccess, question: Question): Decision {
  const { record } = question;
  const reach = access.reach("update");
  if (reach.entries.length === 0) return unreached(reach, record);
  const matched: Entry[] = [];
  for (const entry of reach.entries) {
    if (!isMatch(entry, record)) continue;
    if (updatesWhole(entry.role)) return byFullRole(access, entry, question);
    matched.push(entry);
  }
  // A role that needs the record could allow what the others do not.
  const isOpen = record === undefined && matched.length < reach.entries.length;
  if (isOpen && !isEnough(access, matched, question.input)) return needsRecord(reach);
  if (matched.length === 0) return refuse(reach, record ?? null);
  return byFields(access, matched, question);
}

function isMatch({ test }: Entry, record: Values | null | undefined): boolean {
  return test === undefined || (record !== undefined && record !== null && test(record));
}

function isEnough(access: ModelAccess, matched: readonly Entry[], input: Values | undefined): boolean {
  return matched.length > 0 && input !== undefined && deniedKeys(access, matched, { input }).length === 0;
}

function byFullRole(access: ModelAccess, { decision }: Entry, { input, record }: Question): Decision {
  const closed = input === undefined ? none : closedKeys(access, input);
  if (closed.length > 0) return denyFields(access, new Set(closed));
  return record === null ? noSuchRecord(access) : decision;
}

/** The entries each allow some fields. */
function byFields(access: ModelAccess, entries: readonly Entry[], question: Question): Decision {
  const { input, record } = question;
  if (input === undefined) {
    return deny("needs-input", `${access.model.name}: the answer depends on the input, which was not given`);
  }
  const denied = new Set([...deniedKeys(access, entries, question), ...closedKeys(access, input)]);
  if (denied.size > 0) return denyFields(access, denied);
  if (record === null) return noSuchRecord(access);
  const [first, ...others] = entries;
  if (first !== undefined && others.length === 0) return first.decision;
  const rules = entries.map((entry) => entry.role.fullName).join(", ");
  return allow(rules, entries.map((entry) => entry.decision.explanation).join("; "));
}

function denyFields({ model, caller }: ModelAccess, denied: ReadonlySet<string>): Decision {
  const deniedFields = [...denied];
  return deny("field-denied", fieldsSentence(model, caller, "write", deniedFields), { deniedFields });
}

function deniedKeys(
  access: ModelAccess,
  entries: readonly Entry[],
  { input = {}, record }: Pick<Question, "input" | "record">,
): readonly string[] {
  return Object.keys(input).filter((key) => {
    if (!entries.some(({ role }) => role.updateFields.has(key))) return true;
    if (writesNull(input[key]) && !entries.some(({ role }) => role.nullableFields.has(key))) return true;
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
