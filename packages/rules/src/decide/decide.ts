import { type AskedQuestion, checkQuestion } from "../check/question.ts";
import type { Decision, Values } from "../types.ts";
import { refuse } from "./decision.ts";
import type { ModelAccess } from "./model-access.ts";
import type { OperationAccess } from "./operation-access.ts";
import { decideWithRelations } from "./relation.ts";

/**
 * Decides one question about one model.
 * @throws TypeError for an unknown operation or member of the question
 */
export function decide(access: ModelAccess, question: AskedQuestion): Decision {
  const { operation, record, input, fields, args } = question;
  const granted = access.by(operation);
  // The fast path: most questions are of this kind, one for each record of a list.
  if (
    granted.byRecord &&
    access.unsearched === 0 &&
    record !== undefined &&
    record !== null &&
    input === undefined &&
    fields === undefined &&
    args === undefined
  ) {
    return decideByRecord(granted, record);
  }
  checkQuestion(question);
  if (access.unsearched > 0) access.unsearched--;
  return decideWithRelations(access, question);
}

function decideByRecord(granted: OperationAccess, record: Values): Decision {
  const { held } = granted;
  // The same as `matching`, inlined: up to 10 % faster on lists of thousands.
  for (let i = 0; i < held.length; i++) {
    const one = held[i];
    if (one !== undefined && (one.test === undefined || one.test(record))) return one.decision;
  }
  return refuse(granted, record);
}
