import type { AskedQuestion } from "../check/question.ts";
import { rejectInput, unknownSentence } from "../check/spelling.ts";
import type { Model } from "../compile/model.ts";
import { isWrite } from "../compile/operations.ts";
import type { Decision, Operation } from "../types.ts";
import type { Bypass } from "./caller.ts";
import { decideCreate } from "./create.ts";
import { allow, deny, noSuchRecord } from "./decision.ts";
import type { ModelAccess } from "./model-access.ts";
import { decideListen, decideRead } from "./read.ts";
import { noProviderSentence } from "./sentences.ts";
import { decideDelete, decideUpdate } from "./update.ts";

/** Decides a question by the rules of its model. Relations in the input are decided by `decideWithRelations`. */
export function decideByRules(access: ModelAccess, question: AskedQuestion): Decision {
  const { operation, input, fields } = question;
  if (fields !== undefined) checkFields(access.model, fields);
  if (input !== undefined) checkFields(access.model, Object.keys(input));
  const early = withoutRules(access, question);
  if (early !== undefined) return early;
  switch (operation) {
    case "create":
      return decideCreate(access, question);
    case "update":
      return decideUpdate(access, question);
    case "delete":
      return decideDelete(access, question);
    case "listen":
      return decideListen(access, question);
    default:
      return decideRead(access, question);
  }
}

/** Rejects unknown fields, whose names may come from the caller. */
export function checkFields({ known, name }: Model, fields: readonly string[]): void {
  const unknown = fields.find((field) => !known.has(field));
  if (unknown !== undefined) rejectInput(unknownSentence(`field of ${name}`, unknown, [...known]));
}

/** Decides if the rules do not apply: bypasses, unconfigured providers, root fields that an authorizer denied. */
export function withoutRules(
  access: ModelAccess,
  { operation, record }: Pick<AskedQuestion, "operation" | "record">,
): Decision | undefined {
  const { bypass, caller, model, isSpecial } = access;
  if (!isSpecial) return undefined;
  if (bypass !== undefined) {
    const isMissing = record === null && (operation === "update" || operation === "delete");
    if (isMissing) return noSuchRecord(access);
    return allow(bypass, `${model.name}: ${caller.name}, ${bypassWords[bypass]}`);
  }
  if (caller.provider === undefined) return deny("mode-not-configured", () => noProviderSentence(caller));
  const denied = rootFields(model.name, operation).find((field) => caller.deniedFields.has(field));
  if (denied === undefined) return undefined;
  return deny("field-denied", `${model.name}: the authorizer denied ${denied}`, { deniedFields: [denied] });
}

const bypassWords: Readonly<Record<Bypass | "sandbox", string>> = {
  "admin-role-bypass": "the rules do not apply to admin roles",
  "generic-iam-bypass": "the rules do not apply to IAM principals (iamAccess)",
  sandbox: "API keys may do everything with models without rules (sandbox)",
};

/** The names that Amplify gives root fields. If an authorizer denies one, the operation is denied however it is requested. */
function rootFields(model: string, operation: Operation): readonly string[] {
  if (operation === "get") return [`Query.get${model}`];
  // There are three root fields for `listen`. Only the field that is called is checked, with `decideField`.
  if (operation === "listen") return [];
  if (isWrite(operation)) return [`Mutation.${operation}${model}`];
  // All plausible plurals: a name that no field has does no harm.
  const plurals = [model, `${model}s`, `${model}es`, model.replace(/y$/, "ies")];
  return plurals.map((name) => `Query.${operation}${name}`);
}
