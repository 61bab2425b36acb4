import type { AskedQuestion } from "../check/question.ts";
import { matches, wholeNumber } from "../compile/condition.ts";
import { grantsOn } from "../compile/grants.ts";
import { bits } from "../compile/operations.ts";
import { ownerNeeds } from "../compile/roles.ts";
import type { Decision, Values } from "../types.ts";
import { allow, deny, denyFields, needsInput, unreached } from "./decision.ts";
import { closedKeys } from "./input.ts";
import type { ModelAccess } from "./model-access.ts";
import type { HeldRole, OperationAccess } from "./operation-access.ts";
import { ownerCondition, ownerValue } from "./role-condition.ts";
import { refusedSentence } from "./sentences.ts";

// For a create, roles depend on the input. An owner field that the input lacks is filled in with the caller and then
// matches. One that the input has is left as it is, even if it is null.

export function decideCreate(access: ModelAccess, { input }: AskedQuestion): Decision {
  const granted = access.by("create");
  if (granted.held.length === 0) return unreached(granted, input);
  if (input === undefined) return withoutInput(access, granted);
  const writes: Record<string, unknown> = {};
  const matched: HeldRole[] = [];
  for (const one of granted.held) {
    const isFilled = access.compiled.options.populateOwner || !matched.some(allowsAll);
    const fills = isFilled ? fillsOf(access, one, { ...input, ...writes }) : {};
    if (one.test !== undefined) {
      if (!one.test.passes({ ...input, ...writes, ...fills })) continue;
      Object.assign(writes, fills);
      // Otherwise a caller could leave out the second owner field and name another user in the first.
      if (Object.keys(fills).length > 0 && isGivenAway(access, granted, one, input)) continue;
    }
    matched.push(one);
  }
  return conclude(access, granted, input, writes, matched);
}

/** A role that allows every input needs none, unless an owner would have to be filled in. */
function withoutInput(access: ModelAccess, { held }: OperationAccess): Decision {
  const full = held.find((one) => one.test === undefined && allowsAll(one));
  const fillsNone = held.every(({ role }) => ownerNeeds(role).length === 0);
  return full !== undefined && fillsNone ? full.decision : needsInput(access);
}

function allowsAll({ role }: HeldRole): boolean {
  return (role.grants.every & bits.create) !== 0;
}

/** The owner fields of a role that the input lacks, filled in. */
function fillsOf(access: ModelAccess, { role }: HeldRole, given: Values): Values {
  const fills: Record<string, unknown> = {};
  for (const need of ownerNeeds(role)) {
    if (Object.hasOwn(given, need.field) && given[need.field] !== undefined) continue;
    const text = ownerValue(need, access);
    const value = text !== undefined && need.number !== undefined ? wholeNumber(text, need.number) : text;
    if (value !== undefined) fills[need.field] = need.isList ? [value] : value;
  }
  return fills;
}

/** Whether an owner field of an earlier role names other users only. */
function isGivenAway(access: ModelAccess, { roles }: OperationAccess, one: HeldRole, input: Values): boolean {
  const { filledOwnerAllows = false } = access.compiled.options.compat;
  if (access.model.ownerFields.size < 2 || filledOwnerAllows) return false;
  const earlier = roles.slice(0, roles.indexOf(one.role));
  const owners = earlier.flatMap(ownerNeeds).filter(({ field }) => namesOwner(input[field]));
  return owners.some(({ field }) =>
    owners.every((need) => need.field !== field || !matches(ownerCondition(need, access))(input)),
  );
}

function namesOwner(value: unknown): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}

function conclude(
  access: ModelAccess,
  granted: OperationAccess,
  input: Values,
  writes: Values,
  matched: readonly HeldRole[],
): Decision {
  const { generated } = access.model;
  const full = matched.find(allowsAll);
  const first = full ?? matched[0];
  if (first === undefined) {
    const roles = granted.held.map(({ role }) => role);
    return deny("no-matching-role", () => refusedSentence(access, "create", roles, input));
  }
  const keys = full === undefined ? Object.keys(input) : [];
  const isGranted = (key: string): boolean =>
    generated.has(key) || matched.some(({ role }) => grantsOn(role.grants, key, bits.create));
  const deniedFields = keys.filter((key) => !isGranted(key));
  const closed = closedKeys(access, input);
  if (deniedFields.length > 0 || closed.length > 0) {
    return denyFields(access, "write", [...new Set([...deniedFields, ...closed])]);
  }
  if (full !== undefined && Object.keys(writes).length === 0) return full.decision;
  const deciding = full === undefined ? matched : [full];
  const rules = deciding.map(({ role }) => role.fullName).join(", ");
  return allow(rules, first.decision.explanation, { writes });
}
