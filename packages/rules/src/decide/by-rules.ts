import { invalidInput } from "../check/invalid-input.ts";
import { unknownSentence } from "../check/spelling.ts";
import type { Model } from "../compile/model.ts";
import { isWrite } from "../compile/operations.ts";
import type { Decision, Operation, Question } from "../types.ts";
import type { Bypass } from "./caller.ts";
import { decideCreate } from "./create.ts";
import { allow, deny, noSuchRecord } from "./decision.ts";
import type { ModelAccess } from "./model-access.ts";
import { decideListen, decideRead } from "./read.ts";
import { noProviderSentence } from "./sentences.ts";
import { decideDelete, decideUpdate } from "./update.ts";

/** A question that the rules answer, whatever it brings; relations in its input are decided besides: see `nested.ts`. */
export function decideByRules(access: ModelAccess, question: Question): Decision {
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

/** Names of fields may come from the caller. */
export function checkFields({ known, name }: Model, fields: readonly string[]): void {
  const unknown = fields.find((field) => !known.has(field));
  if (unknown !== undefined) invalidInput(unknownSentence(`field of ${name}`, unknown, [...known]));
}

/** What stands above the rules, and below them. */
export function withoutRules(
  access: ModelAccess,
  { operation, record }: Pick<Question, "operation" | "record">,
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
  "admin-role-bypass": "an admin role stands above the rules",
  "generic-iam-bypass": "IAM principals stand above the rules",
  sandbox: "API keys may do everything with models without rules (sandbox)",
};

/** As Amplify names them: what a Lambda authorizer denies by them is denied on every way to the model. */
function rootFields(model: string, operation: Operation): readonly string[] {
  if (operation === "get") return [`Query.get${model}`];
  // Which of the three events is meant is known where the root field is: there `decideField` is asked.
  if (operation === "listen") return [];
  if (isWrite(operation)) return [`Mutation.${operation}${model}`];
  // More plurals than there are: a name that is denied in vain does no harm.
  const plurals = [model, `${model}s`, `${model}es`, model.replace(/y$/, "ies")];
  return plurals.map((name) => `Query.${operation}${name}`);
}
