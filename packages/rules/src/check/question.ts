import type { Identity } from "@authmodes/core";
import type { ListQuestion, Question, Values } from "../types.ts";
import { rejectInput, checkMembers, unknownName } from "./spelling.ts";
import { isObject, isOfKind, isPlainObject, type Kind } from "./kinds.ts";

/** A question whose objects are read by field. Interfaces and classes have no index signature. */
export interface AskedQuestion<Model extends string = string> extends Question<Model> {
  readonly record?: Values | null;
  readonly input?: Values;
  readonly args?: Values;
}

/** A question about a list, like `AskedQuestion`. */
export interface AskedListQuestion<Model extends string = string> extends ListQuestion<Model> {
  readonly args?: Values;
}

// A misspelt or missing member of a question is an error: ignoring it could allow something.

const members: readonly (keyof Question)[] = ["model", "operation", "record", "input", "args", "fields"];

/** @throws TypeError if the question is not an object, or has an unknown member */
export function checkQuestion(question: Question): void {
  checkMembers("decide()", question, members);
  const { input, args } = question;
  if (input !== undefined && !isPlainObject(input)) rejectInput("decide(): input is an object of fields");
  checkArguments("decide()", args);
}

const listMembers: readonly (keyof ListQuestion)[] = ["model", "operation", "args"];
const listOperations: readonly NonNullable<ListQuestion["operation"]>[] = ["list", "search", "sync", "get"];

/** @throws TypeError for an unknown member, or an operation that does not read records */
export function checkListQuestion(call: string, question: ListQuestion): void {
  checkMembers(call, question, listMembers);
  const { operation = "list", args } = question;
  if (!listOperations.includes(operation)) unknownName("reading operation", operation, listOperations);
  checkArguments(call, args);
}

function checkArguments(call: string, args: object | undefined): void {
  if (args !== undefined && !isPlainObject(args)) rejectInput(`${call}: args is an object of arguments`);
}

/** @throws TypeError if the record is not an object, such as the undefined result of a query */
export function checkRecord(call: string, record: object): void {
  if (!isObject(record)) throw new TypeError(`${call}: the record is an object, not ${String(record)}`);
}

/** The members of an identity that rules read, by mode, besides `id` and `groups`. */
const membersOfMode: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  iam: { userArn: "text" },
  userPool: { username: "text", claims: "an object" },
  oidc: { sub: "text", claims: "an object" },
  lambda: { deniedFields: "a list" },
};

/**
 * Checks that the identity is complete. Without `deniedFields`, for example, no field would be denied.
 * @throws TypeError that names the missing member
 */
export function checkIdentity(identity: Identity): void {
  const advice = "Pass what authenticate() returned, or an identity with all members of its mode.";
  if (!isObject(identity)) throw new TypeError(`The identity is ${String(identity)}. ${advice}`);
  const { mode } = identity;
  const own = Object.hasOwn(membersOfMode, mode) ? membersOfMode[mode] : {};
  const kinds: Readonly<Record<string, Kind>> = {
    mode: "text",
    id: "text or null",
    groups: "a list",
    ...own,
  };
  for (const [name, kind] of Object.entries(kinds)) {
    if (!isOfKind[kind](Reflect.get(identity, name)))
      throw new TypeError(`The identity of mode ${mode} has no ${name} (${kind}). ${advice}`);
  }
}
