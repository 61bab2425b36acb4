import type { FilterQuestion } from "../policy.ts";
import { checkMembers, unknownName } from "./spelling.ts";
import type { Question, Values } from "../types.ts";

// Programmer's mistakes in what a policy is asked: a member that is misspelt or missing must not open anything.

/** @throws TypeError if the question is no object, or has a member that does not exist */
export function checkQuestion(question: Question): void {
  if (!isObject(question) || !hasMembersAlone(question))
    checkMembers("decide(): ", "member of a question", question, members);
  const { input } = question;
  if (input !== undefined && (!isObject(input) || Array.isArray(input)))
    throw new TypeError("decide(): input is an object of fields. Check what the caller sent first.");
}

const members: readonly (keyof Question)[] = ["model", "operation", "record", "input", "args", "fields"];

/** Reading the names in place is faster than a list of them and a look-up. */
function hasMembersAlone(question: object): boolean {
  for (const name in question) {
    if (
      name !== "model" &&
      name !== "operation" &&
      name !== "record" &&
      name !== "input" &&
      name !== "args" &&
      name !== "fields"
    )
      return false;
  }
  return true;
}

const filterMembers: readonly (keyof FilterQuestion)[] = ["model", "operation", "args"];
const listOperations = ["list", "search", "sync"];

/** @throws TypeError for a member or an operation that does not exist for lists */
export function checkFilterQuestion(question: FilterQuestion): void {
  checkMembers("filter(): ", "member of a question", question, filterMembers);
  const { operation = "list" } = question;
  if (!listOperations.includes(operation)) unknownName("operation of lists", operation, listOperations);
}

/** @throws TypeError if a record is asked about that is none, such as a promise's missing result */
export function checkRecord(call: string, record: Values): void {
  if (!isObject(record)) throw new TypeError(`${call}: the record is an object, not ${String(record)}`);
}

export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
