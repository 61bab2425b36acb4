import type { AskedQuestion } from "../check/question.ts";
import { AccessDenied } from "../check/errors.ts";
import { grantsOn } from "../compile/grants.ts";
import { readBits } from "../compile/operations.ts";
import type { Condition, Decision, ListOperation } from "../types.ts";
import { checkFields, withoutRules } from "./by-rules.ts";
import { allow, denyFields, unreached } from "./decision.ts";
import { nullFieldsOf } from "./hidden-fields.ts";
import type { ModelAccess } from "./model-access.ts";
import { narrowByKey, shown } from "./read.ts";

/** Decides which records of a list the caller gets: those that `decide` allows one by one. */
export function decideList(access: ModelAccess, question: AskedQuestion): Decision {
  const early = withoutRules(access, question);
  if (early !== undefined) return early;
  const granted = narrowByKey(access.by(question.operation), question.args);
  if ("allowed" in granted) return granted;
  const first = granted.held[0];
  if (first === undefined) return unreached(granted, undefined);
  if (first.test === undefined) return shown(access, question, first);
  const { condition } = granted;
  const explain = (): string => `${access.modelName}: filtered by ${fieldsOf(condition).join(" or ")}`;
  return allow("filtered", explain, { filter: condition, nullFields: nullFieldsOf(access, question) });
}

/** The fields that a condition compares. */
function fieldsOf(condition: Condition): readonly string[] {
  if (condition.kind === "and") return [...new Set(condition.all.flatMap(fieldsOf))];
  if (condition.kind === "or") return [...new Set(condition.any.flatMap(fieldsOf))];
  return "field" in condition ? [condition.field] : [];
}

/**
 * Filtering or sorting by a field reveals its values, so that every record of the list must show it to the caller.
 * @throws AccessDenied if one of the fields is hidden on some record of the caller's list
 */
export function checkFilterFields(
  access: ModelAccess,
  operation: ListOperation | "get",
  fields: readonly string[],
): void {
  checkFields(access.model, fields);
  const hidden = fields.filter((field) => !isShownThroughout(access, operation, field));
  if (hidden.length === 0) return;
  throw new AccessDenied(denyFields(access, "filter or sort by", hidden));
}

/** Whether each role that lists records shows the field on the records that it lists. */
function isShownThroughout(access: ModelAccess, operation: ListOperation | "get", field: string): boolean {
  const visibility = access.visibility(field);
  if (visibility === "shown" || visibility === "hidden") return visibility === "shown";
  const { held } = access.by(operation);
  return held.every(({ role }) => grantsOn(role.grants, field, readBits));
}
