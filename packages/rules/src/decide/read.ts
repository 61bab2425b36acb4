import { type Entry, matching, type ModelAccess, nothingHidden, type Reach } from "./model-access.ts";
import { allow } from "./decision.ts";
import { fieldsSentence } from "./sentences.ts";
import { narrowByKey } from "./key-arguments.ts";
import { needsRecord, noSuchRecord, refuse, unreached } from "./denials.ts";
import type { Decision, Question } from "../types.ts";

/** get, list, search and sync: of one record at a time; lists are filtered by the same condition. */
export function decideRead(access: ModelAccess, question: Question): Decision {
  const reach = access.reach(question.operation);
  if (question.args === undefined) return decideAmong(access, reach, question);
  const narrowed = narrowByKey(reach, question.args);
  return "entries" in narrowed ? decideAmong(access, narrowed, question) : narrowed;
}

function decideAmong(access: ModelAccess, reach: Reach, question: Question): Decision {
  const { record } = question;
  const first = reach.entries[0];
  if (first === undefined) return unreached(reach, record);
  if (record === undefined || record === null) {
    if (first.test === undefined) return shown(access, question, first);
    return record === null ? noSuchRecord(access) : needsRecord(reach);
  }
  const entry = matching(reach.entries, record);
  return entry === undefined ? refuse(reach, record) : shown(access, question, entry);
}

function shown(access: ModelAccess, question: Question, entry: Entry): Decision {
  return access.hidden() === nothingHidden ? entry.decision : withHiddenFields(access, question, entry);
}

function withHiddenFields(access: ModelAccess, question: Question, entry: Entry): Decision {
  const nullFields = hiddenFields(access, question);
  if (nullFields.length === 0) return entry.decision;
  const { rule, explanation } = entry.decision;
  const hidden = fieldsSentence(access.model, access.caller, "see", nullFields);
  return allow(rule, `${explanation}; ${hidden}`, { nullFields });
}

/** Which of the fields that are asked for have to be null. */
export function hiddenFields(access: ModelAccess, { record, fields }: Question): readonly string[] {
  const { always, sometimes } = access.hidden();
  const hidden = [...always];
  for (const { field, test } of sometimes) {
    if (record === undefined || record === null || !test(record)) hidden.push(field);
  }
  return fields === undefined
    ? hidden
    : hidden.filter((path) => fields.includes(path.split(".", 1)[0] ?? path));
}
