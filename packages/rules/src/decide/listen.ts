import type { ModelAccess, Reach } from "./model-access.ts";
import { allow, deny } from "./decision.ts";
import { argumentSentence } from "./sentences.ts";
import { hiddenFields } from "./read.ts";
import { unreached } from "./denials.ts";
import type { Decision, Denied, Question, Values } from "../types.ts";

// A subscriber is sent the events whose records the condition matches. An owner argument is checked at once, and the
// condition is kept beside it.

export function decideListen(access: ModelAccess, question: Question): Decision {
  const reach = access.reach("listen");
  const first = reach.entries[0];
  if (first === undefined) return unreached(reach, undefined);
  const nullFields = hiddenFields(access, question);
  const { rule, explanation } = first.decision;
  if (first.test === undefined) {
    return nullFields.length === 0 ? first.decision : allow(rule, explanation, { nullFields });
  }
  const mismatch = question.args === undefined ? undefined : foreignOwner(access, reach, question.args);
  if (mismatch !== undefined) return mismatch;
  const rules = reach.entries.map((entry) => entry.role.fullName).join(", ");
  const sentences = reach.entries.map((entry) => entry.decision.explanation).join("; ");
  return allow(rules, sentences, { filter: reach.condition, nullFields });
}

/** The first owner argument decides, as in Amplify: one that names the caller, or one that names somebody else. */
function foreignOwner({ model, caller }: ModelAccess, reach: Reach, args: Values): Denied | undefined {
  for (const { condition } of reach.entries) {
    for (const part of condition.kind === "and" ? condition.all : [condition]) {
      if (part.kind !== "equals" || !model.ownerFields.has(part.field)) continue;
      const asked = args[part.field];
      if (asked === undefined || asked === null || asked === "") continue;
      if (typeof asked === "string" && part.anyOf.includes(asked)) return undefined;
      return deny("owner-argument-mismatch", argumentSentence(model, part.field, asked, caller));
    }
  }
  return undefined;
}
