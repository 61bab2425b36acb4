import type { ModelAccess } from "./model-access.ts";
import { always } from "../compile/condition.ts";
import { checkFields, withoutRules } from "./by-rules.ts";
import { deny } from "./decision.ts";
import { AccessDenied } from "../check/errors.ts";
import { fieldsSentence } from "./sentences.ts";
import { narrowByKey } from "./key-arguments.ts";
import { readBits } from "../compile/operations.ts";
import { unreached } from "./denials.ts";
import type { Condition, Values } from "../types.ts";

export type ListOperation = "list" | "search" | "sync";

/**
 * Which records of a list the caller gets: the ones that `decide` allows one by one.
 * @throws AccessDenied where no rule reaches the caller, so that there is no list to be empty
 */
export function filterOf(access: ModelAccess, operation: ListOperation, args: Values | undefined): Condition {
  const early = withoutRules(access, { operation });
  if (early?.allowed === true) return always;
  if (early !== undefined) throw new AccessDenied(early);
  const reach = narrowByKey(access.reach(operation), args);
  if (!("entries" in reach)) throw new AccessDenied(reach);
  if (reach.entries.length > 0) return reach.condition;
  throw new AccessDenied(unreached(reach, undefined));
}

/**
 * Filtering or sorting by a field tells its values: every record of the list has to show it.
 * @throws AccessDenied where some record that the caller is listed may hide one of the fields
 * @throws TypeError for a field that does not exist
 */
export function checkFilterFields(
  access: ModelAccess,
  operation: ListOperation | "get",
  fields: readonly string[],
): void {
  const { model, caller } = access;
  checkFields(model, fields);
  const hidden = fields.filter((field) => !isShownThroughout(access, operation, field));
  if (hidden.length === 0) return;
  const sentence = fieldsSentence(model, caller, "filter or sort by", hidden);
  throw new AccessDenied(deny("field-denied", sentence, { deniedFields: hidden }));
}

/** Each role that reads records by the operation shows the field of the records that it reads. */
function isShownThroughout(access: ModelAccess, operation: ListOperation | "get", field: string): boolean {
  const visibility = access.visibility(field);
  if (visibility === "shown" || visibility === "hidden") return visibility === "shown";
  return access
    .reach(operation)
    .entries.every(({ role }) => ((role.grants.byField.get(field) ?? 0) & readBits) !== 0);
}
