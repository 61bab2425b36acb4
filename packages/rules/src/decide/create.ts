import { matches } from "../compile/condition.ts";
import { grantsOn } from "../compile/grants.ts";
import { bits } from "../compile/operations.ts";
import type { OwnerNeed, Role } from "../compile/roles.ts";
import type { Decision, Question, Values } from "../types.ts";
import { allow, deny, denyFields, needsInput, unreached } from "./decision.ts";
import { closedKeys } from "./input.ts";
import type { ModelAccess } from "./model-access.ts";
import type { HeldRole, OperationAccess } from "./operation-access.ts";
import { ownerCondition, ownerValue } from "./role-condition.ts";
import { refusedSentence } from "./sentences.ts";

// The roles look at what is to be written. An owner field that is left out is filled in with the caller, and then
// matches; one that is there, also as null, is left as it is.

/** What became of the roles so far. */
interface Progress {
  readonly input: Values;
  readonly writes: Record<string, unknown>;
  /** Roles that match. */
  readonly matched: HeldRole[];
  /** The one that allows every field. */
  full: HeldRole | undefined;
}

export function decideCreate(access: ModelAccess, question: Question): Decision {
  const granted = access.by("create");
  if (granted.held.length === 0) return unreached(granted, question.input);
  if (question.input === undefined) return withoutInput(access, granted);
  const progress: Progress = { input: question.input, writes: {}, matched: [], full: undefined };
  for (const one of granted.held) tryRole(access, granted, one, progress);
  return conclude(access, granted, progress);
}

/** A role that allows everything whatever is written needs no input, unless an owner would have to be filled in. */
function withoutInput(access: ModelAccess, { held }: OperationAccess): Decision {
  const full = held.find((one) => one.test === undefined && allowsAll(one));
  const fillsNone = held.every(({ role }) => ownerNeeds(role).length === 0);
  return full !== undefined && fillsNone ? full.decision : needsInput(access);
}

function tryRole(access: ModelAccess, granted: OperationAccess, one: HeldRole, progress: Progress): void {
  const fills = fillsOf(access, one, progress);
  const filled = Object.keys(fills).length > 0;
  if (one.test !== undefined) {
    const values = { ...progress.input, ...progress.writes, ...fills };
    if (!one.test(values)) return;
    Object.assign(progress.writes, fills);
    // Otherwise leaving out a second owner field would allow to write down a stranger in the first.
    if (filled && isGivenAway(access, granted, one, progress.input)) return;
  }
  if (allowsAll(one)) progress.full ??= one;
  progress.matched.push(one);
}

function allowsAll({ role }: HeldRole): boolean {
  return (role.grants.every & bits.create) !== 0;
}

/** The owner fields of a role that are left out. */
function fillsOf({ model, caller, compiled }: ModelAccess, one: HeldRole, progress: Progress): Values {
  const fills: Record<string, unknown> = {};
  if (progress.full !== undefined && !compiled.options.populateOwner) return fills;
  for (const need of ownerNeeds(one.role)) {
    if (isGiven(progress.input, need.field) || Object.hasOwn(progress.writes, need.field)) continue;
    const value = ownerValue(need, caller.claims, model);
    if (value !== undefined) fills[need.field] = need.isList ? [value] : value;
  }
  return fills;
}

function ownerNeeds(role: Role): readonly OwnerNeed[] {
  return role.needs.filter((need) => need.kind === "owner");
}

function isGiven(input: Values, field: string): boolean {
  return Object.hasOwn(input, field) && input[field] !== undefined;
}

/** Whether an owner field of an earlier role names somebody, and never the caller. */
function isGivenAway(access: ModelAccess, { roles }: OperationAccess, one: HeldRole, input: Values): boolean {
  const { filledOwnerAllows = false } = access.compiled.options.compat;
  if (access.model.ownerFields.size < 2 || filledOwnerAllows) return false;
  const earlier = roles.slice(0, roles.indexOf(one.role));
  const owners = earlier.flatMap(ownerNeeds).filter(({ field }) => namesAnybody(input[field]));
  return owners.some(({ field }) =>
    owners.every((need) => need.field !== field || !isMine(access, need, input)),
  );
}

function namesAnybody(value: unknown): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}

function isMine({ caller, model }: ModelAccess, need: OwnerNeed, input: Values): boolean {
  return matches(ownerCondition(need, caller, model))(input);
}

function conclude(access: ModelAccess, granted: OperationAccess, progress: Progress): Decision {
  const { generated } = access.model;
  const { input, writes, matched, full } = progress;
  const first = full ?? matched[0];
  if (first === undefined) {
    const roles = granted.held.map(({ role }) => role);
    return deny("no-matching-role", () => refusedSentence(access, roles, input));
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
