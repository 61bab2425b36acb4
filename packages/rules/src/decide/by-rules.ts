import type { Bypass } from "./caller.ts";
import type { ModelAccess } from "./model-access.ts";
import { decideCreate } from "./create.ts";
import { allow, deny } from "./decision.ts";
import { decideDelete } from "./delete.ts";
import { noProviderSentence } from "./sentences.ts";
import { decideListen } from "./listen.ts";
import type { Model } from "../compile/model.ts";
import { decideRead } from "./read.ts";
import { noSuchRecord } from "./denials.ts";
import { deniedRootField } from "./root-names.ts";
import { unknownName } from "../check/spelling.ts";
import type { Allowed, Decision, Question } from "../types.ts";
import { decideUpdate } from "./update.ts";

/** A question that the rules answer, whatever it brings; relations in its input are decided besides: see `nested.ts`. */
export function decideByRules(access: ModelAccess, question: Question): Decision {
  const { operation, input, fields } = question;
  if (fields !== undefined) checkFields(access.model, fields);
  if (input !== undefined) checkFields(access.model, Object.keys(input));
  if (access.isSpecial) {
    const early = withoutRules(access, question);
    if (early !== undefined) return early;
  }
  switch (operation) {
    case "get":
    case "list":
    case "search":
    case "sync":
      return decideRead(access, question);
    case "create":
      return decideCreate(access, question);
    case "update":
      return decideUpdate(access, question);
    case "delete":
      return decideDelete(access, question);
    case "listen":
      return decideListen(access, question);
  }
}

/** @throws TypeError for a field that does not exist */
export function checkFields({ known, name }: Model, fields: readonly string[]): void {
  for (const field of fields) if (!known.has(field)) unknownName(`field of ${name}`, field, known);
}

/** What stands above the rules, and below them. */
export function withoutRules(
  access: ModelAccess,
  { operation, record }: Pick<Question, "operation" | "record">,
): Decision | undefined {
  const { bypass, caller, model } = access;
  if (bypass !== undefined) {
    const isMissing = record === null && (operation === "update" || operation === "delete");
    return isMissing ? noSuchRecord(access) : bypassed(access, bypass);
  }
  if (caller.provider === undefined) return deny("mode-not-configured", () => noProviderSentence(caller));
  const denied = deniedRootField(caller.deniedFields, model.name, operation);
  if (denied === undefined) return undefined;
  return deny("field-denied", `${model.name}: the authorizer denied ${denied}`, { deniedFields: [denied] });
}

const bypassWords: Readonly<Record<Bypass | "sandbox", string>> = {
  "admin-role-bypass": "an admin role stands above the rules",
  "generic-iam-bypass": "IAM principals stand above the rules",
  sandbox: "API keys may do everything with models without rules (sandbox)",
};

function bypassed({ model, caller }: ModelAccess, bypass: Bypass | "sandbox"): Allowed {
  return allow(bypass, `${model.name}: ${caller.name}, ${bypassWords[bypass]}`);
}
