import type { Entry, ModelAccess, Reach } from "./model-access.ts";
import { matches } from "../compile/condition.ts";
import { allow, deny } from "./decision.ts";
import { fieldsSentence, refusedSentence } from "./sentences.ts";
import { closedKeys } from "./input.ts";
import { bits } from "../compile/operations.ts";
import { ownerCondition, ownerValue } from "./role-condition.ts";
import { unreached } from "./denials.ts";
import type { OwnerNeed, Role } from "../compile/roles.ts";
import type { Decision, Question, Values } from "../types.ts";

// The roles look at what is to be written. An owner field that is left out is filled in with the caller, and then
// matches; one that is there, also as null, is left as it is.

/** What became of the roles so far. */
interface Progress {
  readonly input: Values;
  readonly writes: Record<string, unknown>;
  /** Roles that match. */
  readonly matched: Entry[];
  /** The one that allows every field. */
  full: Entry | undefined;
}

export function decideCreate(access: ModelAccess, question: Question): Decision {
  const reach = access.reach("create");
  if (reach.entries.length === 0) return unreached(reach, question.input);
  if (question.input === undefined) return withoutInput(access, reach);
  const progress: Progress = { input: question.input, writes: {}, matched: [], full: undefined };
  for (const entry of reach.entries) tryRole(access, reach, entry, progress);
  return conclude(access, reach, progress);
}

/** A role that allows everything whatever is written needs no input, unless an owner would have to be filled in. */
function withoutInput({ model }: ModelAccess, { entries }: Reach): Decision {
  const full = entries.find((entry) => entry.test === undefined && allowsAll(entry));
  if (full !== undefined && entries.every((entry) => ownerNeeds(entry.role).length === 0))
    return full.decision;
  return deny("needs-input", `${model.name}: the answer depends on the input, which was not given`);
}

function tryRole(access: ModelAccess, reach: Reach, entry: Entry, progress: Progress): void {
  const fills = fillsOf(access, entry, progress);
  const filled = Object.keys(fills).length > 0;
  if (entry.test !== undefined) {
    const values = { ...progress.input, ...progress.writes, ...fills };
    if (!entry.test(values)) return;
    Object.assign(progress.writes, fills);
    // Otherwise leaving out a second owner field would allow to write down a stranger in the first.
    if (filled && isGivenAway(access, reach, entry, progress.input)) return;
  }
  if (allowsAll(entry)) progress.full ??= entry;
  progress.matched.push(entry);
}

function allowsAll({ role }: Entry): boolean {
  return (role.grants.every & bits.create) !== 0;
}

/** The owner fields of a role that are left out. */
function fillsOf({ model, caller, compiled }: ModelAccess, entry: Entry, progress: Progress): Values {
  const fills: Record<string, unknown> = {};
  if (progress.full !== undefined && !compiled.options.populateOwner) return fills;
  for (const need of ownerNeeds(entry.role)) {
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
function isGivenAway(access: ModelAccess, { roles }: Reach, entry: Entry, input: Values): boolean {
  if (access.model.ownerFields.size < 2 || access.compiled.options.compat.filledOwnerAllows) return false;
  const earlier = roles.slice(0, roles.indexOf(entry.role));
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

function conclude(access: ModelAccess, reach: Reach, progress: Progress): Decision {
  const { model, caller } = access;
  const { input, writes, matched, full } = progress;
  const first = full ?? matched[0];
  if (first === undefined) {
    const roles = reach.entries.map((entry) => entry.role);
    return deny("no-matching-role", () => refusedSentence(model, roles, caller, input));
  }
  const keys = full === undefined ? Object.keys(input) : [];
  const deniedFields = keys.filter((key) => !matched.some(({ role }) => role.createFields.has(key)));
  const closed = closedKeys(access, input);
  if (deniedFields.length > 0 || closed.length > 0) {
    const fields = [...new Set([...deniedFields, ...closed])];
    return deny("field-denied", fieldsSentence(model, caller, "write", fields), { deniedFields: fields });
  }
  if (full !== undefined && Object.keys(writes).length === 0) return full.decision;
  const deciding = full === undefined ? matched : [full];
  return allow(deciding.map((entry) => entry.role.fullName).join(", "), first.decision.explanation, {
    writes,
  });
}
