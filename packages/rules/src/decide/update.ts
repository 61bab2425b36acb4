import type { AskedQuestion } from "../check/question.ts";
import { and } from "../compile/condition.ts";
import { grantsOn } from "../compile/grants.ts";
import { updatesWhole } from "../compile/model.ts";
import { bits } from "../compile/operations.ts";
import type { Decision, Values } from "../types.ts";
import {
  allow,
  denyFields,
  needsInput,
  needsRecord,
  none,
  noSuchRecord,
  refuse,
  unreached,
} from "./decision.ts";
import { closedKeys, writesNull } from "./input.ts";
import type { ModelAccess } from "./model-access.ts";
import { type HeldRole, matching } from "./operation-access.ts";

// For an update, roles depend on the stored record, never on the input, in which an owner is a field like any other.

export function decideUpdate(access: ModelAccess, question: AskedQuestion): Decision {
  const { record } = question;
  const granted = access.by("update");
  const { held } = granted;
  if (held.length === 0) return unreached(granted, record);
  const matched: HeldRole[] = [];
  for (const one of held) {
    if (!isMatch(one, record)) continue;
    if (updatesWhole(one.role)) return byFullRole(access, one, question);
    matched.push(one);
  }
  // A role that depends on the record could allow what the others deny.
  const isOpen = record === undefined && matched.length < held.length;
  if (isOpen && !isEnough(access, matched, question.input)) return needsRecord(granted);
  if (matched.length === 0) return refuse(granted, record ?? null);
  return byFields(access, matched, question);
}

function isMatch({ test }: HeldRole, record: Values | null | undefined): boolean {
  return test === undefined || (record !== undefined && record !== null && test.passes(record));
}

function isEnough(access: ModelAccess, matched: readonly HeldRole[], input: Values | undefined): boolean {
  return matched.length > 0 && input !== undefined && deniedKeys(access, matched, { input }).length === 0;
}

function byFullRole(access: ModelAccess, { decision }: HeldRole, { input, record }: AskedQuestion): Decision {
  const closed = input === undefined ? none : closedKeys(access, input);
  if (closed.length > 0) return denyFields(access, "write", closed);
  return record === null ? noSuchRecord(access) : decision;
}

/** Decides by roles that each allow some fields. */
function byFields(access: ModelAccess, matched: readonly HeldRole[], question: AskedQuestion): Decision {
  const { input, record } = question;
  if (input === undefined) return needsInput(access);
  const denied = new Set([...deniedKeys(access, matched, question), ...closedKeys(access, input)]);
  if (denied.size > 0) return denyFields(access, "write", [...denied]);
  if (record === null) return noSuchRecord(access);
  const [first, ...others] = matched;
  if (first !== undefined && others.length === 0) return first.decision;
  const rules = matched.map(({ role }) => role.fullName).join(", ");
  const filter = and(matched.map(({ condition }) => condition));
  return allow(rules, matched.map(({ decision }) => decision.explanation).join("; "), { filter });
}

function deniedKeys(
  access: ModelAccess,
  matched: readonly HeldRole[],
  { input = {}, record }: Pick<AskedQuestion, "input" | "record">,
): readonly string[] {
  const { generated, key: primary } = access.model;
  const isGranted = (key: string, wanted: number): boolean =>
    matched.some(({ role }) => grantsOn(role.grants, key, wanted));
  return Object.keys(input).filter((key) => {
    const isWritable = isGranted(key, bits.update) || generated.has(key) || primary.includes(key);
    if (!isWritable || (writesNull(input[key]) && !isGranted(key, bits.delete))) return true;
    return isOtherKey(access, matched, key, input[key], record?.[key]);
  });
}

/** Whether the input has a different key than the stored record. The key is no change if it is the same. */
function isOtherKey(
  { model }: ModelAccess,
  matched: readonly HeldRole[],
  key: string,
  given: unknown,
  stored: unknown,
): boolean {
  if (!model.key.includes(key) || stored === undefined || stored === null) return false;
  if (matched.some(({ role }) => grantsOn(role.grants, key, bits.update))) return false;
  return keyText(given) === undefined || keyText(given) !== keyText(stored);
}

/** A key may be a number in the input and text in the store. Objects are not compared: as text they would all be equal. */
function keyText(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

/** Decides about a delete, for which a role needs delete on every field. */
export function decideDelete(access: ModelAccess, { record }: AskedQuestion): Decision {
  const granted = access.by("delete");
  const { held } = granted;
  const first = held[0];
  if (first === undefined) return unreached(granted, record);
  if (first.test !== undefined && record === undefined) return needsRecord(granted);
  if (first.test === undefined && record === null) return noSuchRecord(access);
  const one = first.test === undefined ? first : matching(held, record ?? {});
  return one?.decision ?? refuse(granted, record ?? null);
}
